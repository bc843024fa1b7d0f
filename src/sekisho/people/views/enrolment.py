"""Setting up an account with a one-time link."""

import base64

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from sekisho.estate.queries import facility
from sekisho.kernel.access import public
from sekisho.kernel.errors import SekishoError
from sekisho.people.forms.sign_in import EnrolForm
from sekisho.people.models import LinkPurpose, OneTimeLink
from sekisho.people.services import links
from sekisho.people.services.staff import PersonData
from sekisho.people.views.sign_in import open_session
from sekisho.trust.totp import new_seed, provisioning_uri
from sekisho.ui.request import Request

ISSUER = "Sekisho"


@require_safe
@never_cache
@public
def open_link(request: Request, token: str) -> HttpResponse:
    """Take the token out of the address at once, so that it stays in no history, log or referrer."""
    if request.account is not None:
        messages.warning(request, _("Sign out first: the link sets up somebody's account and would end your session."))
        return redirect("home")
    links.find_link(token)
    request.session.flush()
    request.session["link"] = token
    request.session["seed"] = new_seed().hex()
    return redirect("people:enrol")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
@public
def enrol(request: Request) -> HttpResponse:
    """Ask for everything an account needs, on one page, and store it at once."""
    token, seed = request.session.get("link", ""), bytes.fromhex(request.session.get("seed", ""))
    link = links.find_link(token)
    form = EnrolForm(request.POST or None, purpose=link.purpose)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = links.enrol(actor=request.actor, token=token, enrolment=_read(form, seed), about=_words())
            except SekishoError as error:
                if error.field is None:
                    raise
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
            else:
                open_session(request, user)
                messages.success(request, _("Your account is ready. You are signed in."))
                return redirect("home")
    return render(request, "people/enrol.html", _context(link, form, seed), status=status)


def _read(form: EnrolForm, seed: bytes) -> links.Enrolment:
    data = form.cleaned_data
    person = PersonData(name=data["name"], kana=data["kana"]) if "name" in data else None
    return links.Enrolment(data.get("login", ""), data["password"], seed, data["code"], person)


def _words() -> tuple[str, ...]:
    row = facility()
    return (row.name,) if row else ()


def _context(link: OneTimeLink, form: EnrolForm, seed: bytes) -> dict[str, object]:
    account = link.staff.name if link.staff else str(LinkPurpose(link.purpose).label)
    image = segno.make(provisioning_uri(seed, account, ISSUER), error="m", micro=False)
    return {
        "form": form,
        "link": link,
        # segno draws the image from our own address: no text of a visitor reaches the page unescaped.
        "qr": mark_safe(image.svg_inline(scale=5, border=2, dark="#000", light="#fff")),  # noqa: S308
        "secret": base64.b32encode(seed).decode(),
    }
