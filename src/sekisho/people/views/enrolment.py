"""Setting up an account with a one-time link."""

import base64
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sekisho.estate.queries import facility
from sekisho.kernel.access import public
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.ids import new_id
from sekisho.people.errors.sign_in import KeyUnfit, PasskeyKnown
from sekisho.people.forms.sign_in import EnrolForm
from sekisho.people.models import LinkPurpose, OneTimeLink
from sekisho.people.queries.sign_in import passkeys_are_possible
from sekisho.people.services import links, passkeys
from sekisho.people.services.staff import PersonData
from sekisho.people.views.ceremonies import ask, open_session, take
from sekisho.people.views.own_app import qr_code
from sekisho.trust.totp import new_seed
from sekisho.trust.webauthn import PasskeyRefused
from sekisho.ui.request import Request


@require_safe
@never_cache
@public
def open_link(request: Request, token: str) -> HttpResponse:
    """Take the token out of the address at once, so that it stays in no history, log or referrer."""
    if request.account is not None:
        messages.warning(request, _("Sign out first: the link sets up somebody's account and would end your session."))
        return redirect("home")
    link = links.find_link(token)
    request.session.flush()
    request.session["link"] = token
    request.session["seed"] = new_seed().hex()
    # A key is made for an account, so the account that will come of this has its id already.
    request.session["account_id"] = str(link.account_id or new_id())
    return redirect("people:enrol")


@require_POST
@never_cache
@public
def key_options(request: Request) -> HttpResponse:
    """Answer with what the browser is asked for making a key for the account that the link sets up."""
    link = links.find_link(request.session.get("link", ""))
    name = link.staff.name if link.staff else str(LinkPurpose(link.purpose).label)
    login = link.account.login if link.account else name
    return ask(request, "enrol", passkeys.new_key_options(_account_id(request), login, name))


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
                enrolment = _read(request, form, seed)
                user = links.enrol(actor=request.actor, token=token, enrolment=enrolment, about=_words())
            except SekishoError as error:
                if error.field is None and not isinstance(error, (PasskeyRefused, KeyUnfit, PasskeyKnown)):
                    raise
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
            else:
                news = open_session(request, user, ("password", "passkey" if enrolment.key else "totp"))
                messages.success(request, _("Your account is ready. You are signed in."))
                return news.keep(redirect("home"))
    return render(request, "people/enrol.html", _context(link, form, seed), status=status)


def _read(request: Request, form: EnrolForm, seed: bytes) -> links.Enrolment:
    data = form.cleaned_data
    person = PersonData(name=data["name"], kana=data["kana"]) if "name" in data else None
    key = (_("First key"), take(request, "enrol")) if data["answer"] else None
    return links.Enrolment(
        data.get("login", ""), data["password"], seed, data["code"], person, key, _account_id(request)
    )


def _account_id(request: Request) -> UUID:
    return UUID(request.session["account_id"])


def _words() -> tuple[str, ...]:
    row = facility()
    return (row.name,) if row else ()


def _context(link: OneTimeLink, form: EnrolForm, seed: bytes) -> dict[str, object]:
    account = link.staff.name if link.staff else str(LinkPurpose(link.purpose).label)
    return {
        "form": form,
        "link": link,
        "keys_possible": passkeys_are_possible(),
        "qr": qr_code(seed, account),
        "secret": base64.b32encode(seed).decode(),
    }
