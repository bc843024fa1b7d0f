"""The register of exceptions on A4: what is not done yet, why, what is done instead, and until when."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.queries.editions import CURRENT, edition
from sekisho.governance.queries.exceptions import ExceptionEntry, exceptions
from sekisho.governance.rules.catalogue import chapter_of
from sekisho.governance.rules.exceptions import ExceptionState
from sekisho.governance.views.papers import download, facility_name
from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import format_date, format_moment, in_facility
from sekisho.ui.display import Display
from sekisho.ui.paper import house_frame, make_pdf
from sekisho.ui.request import Request

_TEMPLATE = "governance/templates/governance/exceptions_paper.typ"


@require_safe
@allow(GovernanceAction.VIEW)
def exceptions_pdf(request: Request) -> HttpResponse:
    """Return the register of exceptions as a PDF on A4."""
    name, content = exceptions_paper(request.display)
    return download(content, "application/pdf", name)


def exceptions_paper(display: Display) -> tuple[str, bytes]:
    """Return every approved exception on A4, its file name first; without one the paper says so. Raises PaperFailed."""
    now, title = clock.now(), _("Register of exceptions")
    day = format_date(in_facility(now).date(), display.calendar, display.language)
    frame = house_frame(
        title=title,
        number=f"SK-EX-{in_facility(now):%Y%m%d}",
        edition=edition(CURRENT).head.title.text(display.language),
        language=display.language,
        facts=[
            (_("Facility"), facility_name()),
            (_("Printed at"), format_moment(now, display.calendar, display.language)),
        ],
        day=day,
        what=_("Made from the approvals of this moment"),
    )
    data: dict[str, Json] = {
        "head": [
            _("Requirement"), _("Subjects"), _("Why it is not done yet"), _("What is done instead"), _("Until"),
            _("Approved by"),
        ],
        "rows": [_row(one, display) for one in exceptions()],
        "nothing": _("There is no approved exception."),
        "explanation": _("An exception stands beside a verdict and does not change it. Revoked ones are not listed."),
    }  # fmt: skip
    return f"{title}_{in_facility(now):%Y%m%d}.pdf", make_pdf(_TEMPLATE, frame, data)


def _row(one: ExceptionEntry, display: Display) -> list[Json]:
    until = [format_date(one.valid_until, display.calendar, display.language)]
    if one.state is ExceptionState.ENDED:
        until.append(_("Ended"))
    by = [one.approved_by, format_date(in_facility(one.approved_at).date(), display.calendar, display.language)]
    if one.own:
        by.append(_("the applicant, alone"))
    return [
        "\n".join(_requirement(name, display.language) for name in one.requirements),
        "\n".join(subject.label for subject in one.subjects),
        one.reason,
        one.substitute,
        "\n".join(until),
        "\n".join(by),
    ]


def _requirement(name: str, language: str) -> str:
    row = edition(CURRENT).by_id.get(name)
    return f"{chapter_of(row.id)}{row.printed} {row.title.text(language)}" if row else name
