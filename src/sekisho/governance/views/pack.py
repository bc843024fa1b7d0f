"""Everything for an inspection in one file: the papers, and a list of them that also names what is not there."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.queries.checklists import ChecklistForm, checklist_form, today, vendor_forms
from sekisho.governance.queries.claims import approved_claims
from sekisho.governance.queries.editions import papers
from sekisho.governance.rules.official_checklist.errors import NoOfficialFile
from sekisho.governance.services.currency import require_current
from sekisho.governance.views.checklist_papers import checklist_paper, official_form, official_name
from sekisho.governance.views.estate_paper import TEMPLATE, estate_data
from sekisho.governance.views.evidence_paper import evidence_sheets
from sekisho.governance.views.exceptions_paper import exceptions_paper
from sekisho.governance.views.papers import XLSX, download, facility_name, fit_gap_paper
from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.dates import fiscal_year, format_date, format_moment
from sekisho.kernel.xlsx.errors import WorkbookRefused
from sekisho.ui.display import Display
from sekisho.ui.paper import house_frame, make_pdf
from sekisho.ui.request import Request
from sekisho.ui.sheet import make_workbook

NamedFile = tuple[str, bytes]
# Read by Excel and by every editor on a hospital's computer.
_TEXT = "utf-8-sig"


@require_safe
@allow(GovernanceAction.VIEW)
def estate_pdf(request: Request) -> HttpResponse:
    """Return the contacts and systems as a PDF on A4."""
    name, content = _estate(request.display)
    return download(content, "application/pdf", name)


@require_safe
@allow(GovernanceAction.VIEW)
def evidence_workbook(request: Request) -> HttpResponse:
    """Return the index of evidence as an Excel workbook."""
    name, content = _evidence()
    return download(content, XLSX, name)


@require_safe
@allow(GovernanceAction.VIEW)
def inspection_pack(request: Request) -> HttpResponse:
    """Return all papers for an inspection as one ZIP file. Raises VerdictsOld, PaperFailed, OfficialFileDamaged."""
    require_current()
    year, listed, title = fiscal_year(today()), _("List of contents"), _("Papers for the inspection")
    forms = [checklist_form(year, vendor) for vendor in (None, *vendor_forms())]
    official, without = _official(forms, request.display)
    files = list(_files(forms, official, request.display))
    files.append((f"00_{listed}.txt", _contents(files, without, request.display).encode(_TEXT)))
    return download(_zipped(files), "application/zip", f"{title}_{today():%Y%m%d}.zip")


def _files(forms: Sequence[ChecklistForm], official: Sequence[NamedFile], display: Display) -> Iterator[NamedFile]:
    kept = [fit_gap_paper(display), _estate(display), exceptions_paper(display), _evidence()]
    made = [*kept, *(checklist_paper(form, display) for form in forms), *official]
    for number, (name, content) in enumerate(made, start=1):
        yield f"{number:02}_{name}", content


def _official(forms: Sequence[ChecklistForm], display: Display) -> tuple[list[NamedFile], list[str]]:
    """Return each form as its official file with the answers in it, and in words the forms that have none."""
    made: list[NamedFile] = []
    without: dict[str, None] = {}
    for form in forms:
        try:
            made.append(official_form(form, display))
        except NoOfficialFile:
            without[str(_NOT_GIVEN_VENDOR if form.vendor else _NOT_GIVEN)] = None
        except WorkbookRefused as refused:
            without[f"{official_name(form, display)}: {refused.text}"] = None
    return made, list(without)


_NOT_GIVEN = gettext_lazy("the official form of the facility with its answers: the file of this year was not given")
_NOT_GIVEN_VENDOR = gettext_lazy("the official forms of the vendors: the file of this year was not given")


def _zipped(files: Sequence[NamedFile]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in sorted(files):
            pack.writestr(name, content)
    return buffer.getvalue()


def _contents(files: Sequence[NamedFile], without: Sequence[str], display: Display) -> str:
    """Return the list of contents: each file with its SHA-256, and what an inspector may ask for that is not in it."""
    made = format_moment(clock.now(), display.calendar, display.language)
    head = [facility_name(), _("Made at: %(moment)s") % {"moment": made}, ""]
    listed = [f"{name}\r\n  SHA-256 {hashlib.sha256(content).hexdigest()}" for name, content in files]
    absent = [f"- {what}" for what in (*without, *_absent(display))]
    return "\r\n".join([*head, *listed, "", _("Not in this file:"), *absent, ""])


def _absent(display: Display) -> Iterator[str]:
    yield _("the disclosure forms (MDS/SDS) themselves: keep what the vendors handed in beside this")
    if not vendor_forms():
        yield _("checklists of vendors: no vendor is registered")
    approved = {claim.document for claim in approved_claims()}
    for name, paper in papers().items():
        if name not in approved:
            yield _("an approved version of: %(paper)s") % {"paper": paper.title.text(display.language)}


def _estate(display: Display) -> NamedFile:
    day = format_date(today(), display.calendar, display.language)
    frame = house_frame(
        title=_("Contacts and systems"),
        number=f"SK-ES-{today():%Y%m%d}",
        edition=facility_name(),
        language=display.language,
        facts=((_("Facility"), facility_name()), (_("Printed at"), day)),
        day=day,
        what=_("Made from the ledgers of this moment"),
    )
    return f"{_('Contacts and systems')}_{today():%Y%m%d}.pdf", make_pdf(TEMPLATE, frame, estate_data())


def _evidence() -> NamedFile:
    content = make_workbook(evidence_sheets(), title=_("Index of evidence"), author=facility_name())
    return f"{_('Index of evidence')}_{today():%Y%m%d}.xlsx", content
