"""What the gallery shows: every building block with values as a clinic would have them."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.ui.forms import JapaneseDateField
from sekisho.ui.pager import PagePosition
from sekisho.ui.parts import Align, Badge, Cells, Change, Kind, Link, Step, StepState, TableColumn

_CHECKED_AT = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)


class SampleForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label=_("Name of the device"), max_length=60)
    serial = forms.CharField(
        label=_("Serial number"),
        required=False,
        help_text=_("Full-width letters and digits are turned into half-width ones."),
    )
    taken_out = JapaneseDateField(label=_("Date taken out"))
    department = forms.ChoiceField(
        label=_("Department"),
        choices=[("", _("Please choose")), ("ward3", _("Ward 3 East")), ("radiology", _("Radiology"))],
    )
    encrypted = forms.ChoiceField(
        label=_("Encryption of the disk"),
        widget=forms.RadioSelect,
        choices=[("yes", _("Encrypted")), ("no", _("Not encrypted"))],
        help_text=_("A device that is not encrypted may not be taken out."),
    )
    purpose = forms.CharField(label=_("Purpose"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    report = forms.BooleanField(label=_("I report a loss at once, whatever the hour."))


class SampleFilters(forms.Form):
    """The conditions beside a search box."""

    department = forms.ChoiceField(
        label=_("Department"), required=False, choices=[("", _("All")), ("ward3", _("Ward 3 East"))]
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), ("out", _("Taken out"))])


def gallery_context() -> dict[str, Any]:
    """Return everything the gallery page shows."""
    return {
        "page_title": _("Building blocks of the screens"),
        "breadcrumb": [(_("Settings"), "#main"), (_("Building blocks of the screens"), "")],
        "badges": _badges(),
        "columns": _columns(),
        "rows": _rows(),
        "form": SampleForm(),
        "faulty_form": SampleForm({"faulty-taken_out": _("tomorrow"), "faulty-serial": "SN-2041"}, prefix="faulty"),
        "filters": SampleFilters(prefix="filter"),
        "steps": _steps(),
        "toasts": _toasts(),
        "changes": _changes(),
        "page": PagePosition(number=4, num_pages=12, total=286),
        "definitions": _definitions(),
        "day": date(2026, 11, 21),
        "checked_at": _CHECKED_AT,
        "consequences": [
            _("The certificate stops working within a minute."),
            _("The device must be enrolled again before it is used."),
        ],
        "help_lines": [_("Today's patients come first."), _("Then devices whose return is overdue.")],
    }


def _badges() -> list[Badge]:
    return [
        Badge(Kind.OK, _("Conforming")),
        Badge(Kind.WARN, _("Partly conforming")),
        Badge(Kind.NG, _("Not conforming")),
        Badge(Kind.UNKNOWN, _("Cannot tell")),
        Badge(Kind.INFO, _("To be judged again")),
        Badge(Kind.NEUTRAL, _("Not applicable")),
        Badge(Kind.NEUTRAL, _("Not judged yet"), symbol="…"),
    ]


def _columns() -> list[TableColumn]:
    return [
        TableColumn(_("Control number"), Align.CODE, is_row_heading=True, sort_url="?sort=-id", sorted="ascending"),
        TableColumn(_("Device")),
        TableColumn(_("Department"), sort_url="?sort=department"),
        TableColumn(_("State")),
        TableColumn(_("Return due")),
        TableColumn(_("Number of records"), Align.NUMBER),
        TableColumn(_("Last looked at")),
        TableColumn(_("Operation"), Align.ACTIONS),
    ]


def _rows() -> list[Cells]:
    details = Link(_("Details"), "#table")
    ward, clinic = _("Ward 3 East"), _("Home-visit clinic")
    returned = Badge(Kind.OK, _("Returned"))
    overdue = Badge(Kind.NG, _("Overdue"))
    away = Badge(Kind.WARN, _("Taken out"))
    laptop, tablet, echo = _("Laptop for rounds"), _("Tablet for home visits"), _("Portable ultrasound")
    return [
        ("PC-0031", laptop, ward, returned, date(2026, 11, 18), 1280, _CHECKED_AT, details),
        ("PC-0047", tablet, clinic, overdue, date(2026, 11, 19), 64, _CHECKED_AT, details),
        ("ME-0102", echo, clinic, away, date(2026, 11, 24), 12450, _CHECKED_AT, details),
        ("PC-0052", laptop, _("Radiology"), Badge(Kind.UNKNOWN, _("Cannot tell")), None, 0, None, details),
    ]


def _steps() -> list[Step]:
    return [
        Step(_("Request"), StepState.DONE, _("Sato, Ward 3 East")),
        Step(_("Approval of the department"), StepState.DONE, _("Takahashi, head nurse")),
        Step(_("Check by the system operator"), StepState.CURRENT, _("Suzuki")),
        Step(_("Approval of the planning manager"), StepState.TODO),
    ]


def _toasts() -> list[tuple[str, Any]]:
    return [
        ("success", _("The request was sent to the system operator.")),
        ("info", _("The certificate ends in 30 days.")),
        ("warning", _("The backup of yesterday has not been looked at.")),
        ("error", _("The system could not be reached. Nothing was changed.")),
    ]


def _changes() -> list[Change]:
    return [
        Change(_("Place"), _("Ward 3 East"), _("Home-visit clinic")),
        Change(_("Return due"), None, date(2026, 11, 24)),
        Change(_("Wi-Fi outside"), _("Guest network"), None),
        Change(_("Serial number"), "SN-2041", "SN-2041"),
    ]


def _definitions() -> list[tuple[Any, object]]:
    return [
        (_("Control number"), "PC-0031"),
        (_("Device"), _("Laptop for rounds")),
        (_("State"), Badge(Kind.OK, _("Returned"))),
        (_("Date taken out"), date(2026, 11, 18)),
        (_("Last looked at"), _CHECKED_AT),
        (_("Encrypted"), True),
        (_("Remarks"), None),
    ]
