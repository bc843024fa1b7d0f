"""Making a sealed credential: its secret stands in one paper only, which leaves with this answer."""

from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sekisho.estate.queries import facility
from sekisho.kernel.access import allow
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import format_moment
from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.people.actions import EmergencyAction
from sekisho.people.forms.emergency import SealForm
from sekisho.people.models import EmergencySeal
from sekisho.people.queries import emergency as queries
from sekisho.people.services import emergency
from sekisho.people.views.ceremonies import proved_at
from sekisho.people.views.proof import lacks_proof, to_proof
from sekisho.ui.display import LANGUAGES, Display
from sekisho.ui.paper import Frame, PaperFailed, make_pdf
from sekisho.ui.request import Request

_TEMPLATE = "people/templates/people/emergency_seal.typ"
_LINES_FOR_CHECKS = 6


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@allow(EmergencyAction.MAKE)
def make(request: Request, seal_id: UUID | None = None) -> HttpResponse:
    """Ask for place and roles, then answer with the paper; ``seal_id`` is the credential whose place it takes."""
    before = queries.find_seal(seal_id) if seal_id else None
    if lacks_proof(request):
        return to_proof(request.path)
    form = SealForm(request.POST if request.method == "POST" else None, initial=_initial(before))
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            plan = form.plan(before.pk if before else None)
            seal, secret = emergency.make_seal(actor=request.actor, proved_at=proved_at(request), plan=plan)
        except (Conflict, InvalidInput) as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
        else:
            return _hand_out(request, seal, secret)
    context = {"page_title": _("Make a sealed emergency credential"), "form": form, "before": before}
    return render(request, "people/emergency_new.html", context, status=status)


def _initial(before: EmergencySeal | None) -> dict[str, object]:
    if before is None:
        return {}
    roles = [role.value for role in queries.roles_of_seal(before)]
    return {"place": before.place, "roles": roles, "hours": before.hours, "check_days": before.check_days}


def _hand_out(request: Request, seal: EmergencySeal, secret: str) -> HttpResponse:
    """Answer with the paper; a credential whose paper could not be made is of use to nobody, and withdrawn."""
    try:
        content = seal_paper(seal, secret, request.display)
    except PaperFailed:
        emergency.withdraw_seal(actor=request.actor, seal_id=seal.pk, reason=_("The paper could not be made."))
        raise
    name = f"{_('Emergency account')}_{seal.number}.pdf"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def seal_paper(seal: EmergencySeal, secret: str, display: Display) -> bytes:
    """Return the A4 to fold and seal, in both languages. Raises PaperFailed."""
    row = facility()
    frame = Frame(
        title=_("Sealed emergency credential"),
        number=f"SK-{seal.number}",
        edition=row.name if row else "",
        language=display.language,
    )
    data: dict[str, Json] = {
        "number": seal.number,
        "secret": secret,
        "lines": _LINES_FOR_CHECKS,
        "languages": [_words(seal, language, display) for language in LANGUAGES],
    }
    return make_pdf(_TEMPLATE, frame, data)


def _words(seal: EmergencySeal, language: str, display: Display) -> dict[str, Json]:
    with override(language):
        return {
            "title": _("Emergency account"),
            "outside": _("For emergencies only. Opening it is recorded, and managers are told at once."),
            "place": [_("Stored place"), seal.place],
            "made": [_("Made at"), format_moment(seal.made_at, display.calendar, language)],
            "by": [_("Made out by"), seal.made_by],
            "check": [_("Day of the look"), _("Looked at by"), _("Intact?")],
            "fold": _("Fold here so that the secret is inside; close the edge and sign across it."),
            "secret": _("Secret"),
            "steps": [
                _("On the page of the sign-in, choose “Sign in with an emergency account”."),
                _("Enter the number, the secret, your own name and what has happened."),
                _("Its time limit: %(hours)s hours. When things are normal again, tell the system operator.")
                % {"hours": seal.hours},
            ],
        }
