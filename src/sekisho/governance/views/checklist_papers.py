"""The checklist to take away, as a workbook, as a PDF and in the official form: the same answers as the page."""

import re
from collections.abc import Sequence
from datetime import date

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.queries.checklists import ChecklistForm
from sekisho.governance.services.currency import require_current
from sekisho.governance.services.official_checklists import filled_in
from sekisho.governance.views.checklist_wording import STATE_BADGES, ItemRow, item_rows
from sekisho.governance.views.checklists import chosen_form
from sekisho.governance.views.papers import XLSX, download, facility_name
from sekisho.governance.views.wording import fiscal_year_words
from sekisho.kernel.access import allow
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE, format_date, format_moment
from sekisho.ui.display import Display
from sekisho.ui.paper import Frame, house_frame, make_pdf
from sekisho.ui.request import Request
from sekisho.ui.sheet import Cell, Sheet, SheetColumn, make_workbook

_TEMPLATE = "governance/templates/governance/checklist.typ"
# What Windows, or a ZIP file, would take for something else than a letter of a name.
_NO_LETTERS = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]|\.\.+')


@require_safe
@allow(GovernanceAction.VIEW)
def checklist_workbook(request: Request) -> HttpResponse:
    """Return a year's form as an Excel workbook. Raises VerdictsOld."""
    form, display = _current(request), request.display
    content = make_workbook([_sheet(form, display)], title=_title(form), author=facility_name())
    return download(content, XLSX, _file_name(form, display, "xlsx"))


@require_safe
@allow(GovernanceAction.VIEW)
def checklist_pdf(request: Request) -> HttpResponse:
    """Return a year's form as a PDF on A4. Raises VerdictsOld."""
    name, content = checklist_paper(_current(request), request.display)
    return download(content, "application/pdf", name)


def checklist_paper(form: ChecklistForm, display: Display) -> tuple[str, bytes]:
    """Return a form on A4, its file name first. Raises PaperFailed."""
    data: dict[str, Json] = {
        "counts": [[str(badge.text), form.counts.get(state, 0)] for state, badge in STATE_BADGES.items()],
        "head": [
            _("No."),
            _("Item"),
            _("Answer"),
            _("Confirmed on"),
            _("Target day"),
            _("Confirmed by"),
            _("Recommended answer and grounds"),
        ],
        "sections": [
            [heading, [_pdf_row(row, display) for row in rows]] for heading, rows in item_rows(form, display.language)
        ],
        "explanation": _explanation(form),
    }
    return _file_name(form, display, "pdf"), make_pdf(_TEMPLATE, _frame(form, display), data)


def _current(request: Request) -> ChecklistForm:
    """Return the form to print. Its recommendations leave the house, so the verdicts must hold."""
    require_current()
    return chosen_form(request.GET)


def _sheet(form: ChecklistForm, display: Display) -> Sheet:
    columns = (
        SheetColumn(_("No."), 6),
        SheetColumn(_("Item"), 46),
        SheetColumn(_("Answer"), 13),
        SheetColumn(_("Confirmed on"), 12),
        SheetColumn(_("Target day"), 12),
        SheetColumn(_("Confirmed by"), 16),
        SheetColumn(_("Recommended answer"), 14),
        SheetColumn("n", 5),
        SheetColumn("N", 5),
        SheetColumn(_("Items that do not conform"), 48),
        SheetColumn(_("Note"), 30),
    )
    found = zip((row for _heading, rows in item_rows(form, display.language) for row in rows), form.lines, strict=True)
    rows: list[Sequence[Cell]] = [
        (
            row.printed, row.title, str(row.answer.text), row.confirmed_on, row.target_on, row.answered_by,
            str(row.recommended.text), line.recommendation.conforming, line.recommendation.applying,
            _grounds(row), row.answered.note if row.answered else "",
        )
        for row, line in found
    ]  # fmt: skip
    facts = "　".join(f"{name}: {value}" for name, value in _facts(form, display))
    return Sheet(_("Inspection checklist"), columns, rows, above=(_title(form), facts, _explanation(form)))


def _pdf_row(row: ItemRow, display: Display) -> list[Json]:
    said = "\n".join(part for part in (f"{row.recommended.text} {row.numbers}".strip(), _grounds(row)) if part)
    days = [_day(day, display) for day in (row.confirmed_on, row.target_on)]
    return [row.printed, row.title, str(row.answer.text), *days, row.answered_by, said]


def _grounds(row: ItemRow) -> str:
    return "\n".join(str(ground) for ground in row.grounds)


def _frame(form: ChecklistForm, display: Display) -> Frame:
    made = form.taken_at.astimezone(FACILITY_ZONE).date()
    return house_frame(
        title=_title(form),
        number=f"SK-CL-{form.year}-{made:%Y%m%d}{_vendor_number(form)}",
        edition=form.checklist.title.text(display.language),
        language=display.language,
        facts=_facts(form, display),
        day=_day(made, display),
        what=_("Made from the answers of this moment"),
    )


def _facts(form: ChecklistForm, display: Display) -> list[tuple[str, str]]:
    judged = form.conformity.judged_at
    vendor = [(_("Vendor"), form.vendor.name)] if form.vendor else []
    return [
        (_("Facility"), facility_name()),
        *vendor,
        (_("Fiscal year"), fiscal_year_words(form.year, display)),
        (_("Checklist"), form.checklist.title.text(display.language)),
        (_("Judged at"), format_moment(judged, display.calendar, display.language) if judged else _("not yet")),
        (_("Printed at"), format_moment(form.taken_at, display.calendar, display.language)),
    ]


def _title(form: ChecklistForm) -> str:
    if form.vendor:
        return _("Checklist of cybersecurity measures (vendor)")
    return _("Checklist of cybersecurity measures (facility)")


def _vendor_number(form: ChecklistForm) -> str:
    """Return what tells a vendor's paper from those of others on the same day."""
    return f"-{form.vendor.id[-4:].upper()}" if form.vendor else ""


def _explanation(form: ChecklistForm) -> str:
    counted = _(
        "Answers are a person's. n of the N linked items of the guideline that apply conform; what is named below them "
        "does not."
    )
    if form.checklist.is_official:
        return f"{counted} {_('The items are those of the official file.')}"
    return f"{counted} {_('The items are in our own words: fill in the official form from this list.')}"


def _day(day: date | None, display: Display) -> str:
    return format_date(day, display.calendar, display.language) if day else ""


def official_form(form: ChecklistForm, display: Display) -> tuple[str, bytes]:
    """Return the official file with the answers of persons in it, its file name first. Raises what filled_in raises."""
    return official_name(form, display), filled_in(form)


def official_name(form: ChecklistForm, display: Display) -> str:
    """Return how the official file of a form is called."""
    return _named(_("Checklist of cybersecurity measures, official form"), form, display, "xlsx")


def _file_name(form: ChecklistForm, display: Display, ending: str) -> str:
    return _named(_title(form), form, display, ending)


def _named(title: str, form: ChecklistForm, display: Display, ending: str) -> str:
    """Return a file name that tells whose form of which year it is, and on which day of the facility it was made."""
    whose = f"_{_NO_LETTERS.sub('_', form.vendor.name)[:60]}" if form.vendor else ""
    made = form.taken_at.astimezone(FACILITY_ZONE)
    return f"{title}{whose}_{fiscal_year_words(form.year, display)}_{made:%Y%m%d}.{ending}"
