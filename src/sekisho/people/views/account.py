"""One's own settings: how dates and texts are shown, and the password."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.estate.queries import facility
from sekisho.kernel.access import allow, public
from sekisho.kernel.dates import Calendar
from sekisho.kernel.errors import SekishoError
from sekisho.people.actions import PeopleAction
from sekisho.people.forms.sign_in import PasswordForm
from sekisho.people.services import sign_in
from sekisho.ui.display import CALENDAR_COOKIE, LANGUAGE_COOKIE
from sekisho.ui.request import Request

_YEAR = 365 * 24 * 3600


@require_POST
@public
def display(request: Request) -> HttpResponse:
    """Remember the language or the calendar in the browser, for this terminal's readers."""
    after = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(after, allowed_hosts={request.get_host()}, require_https=True)
    response = redirect(after if here else "home")
    language, calendar = request.POST.get("language", ""), request.POST.get("calendar", "")
    if language in dict(settings.LANGUAGES):
        _remember(response, LANGUAGE_COOKIE, language)
    if calendar in set(Calendar):
        _remember(response, CALENDAR_COOKIE, calendar)
    return response


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=_YEAR, secure=True, httponly=True, samesite="Lax")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
@allow(PeopleAction.CHANGE_PASSWORD)
def change_password(request: Request) -> HttpResponse:
    """Change one's own password; other sessions of the account end."""
    form = PasswordForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        row, data = facility(), form.cleaned_data
        about = (row.name,) if row else ()
        try:
            user = sign_in.change_password(
                actor=request.actor, present=data["present"], new=data["password"], about=about
            )
        except SekishoError as error:
            form.add_error(error.field, str(error))
        else:
            request.session["revision"] = user.revision
            request.session.cycle_key()
            messages.success(request, _("The password was changed. Your other sessions have ended."))
            return redirect("people:password")
    return render(request, "people/password.html", {"form": form}, status=status)
