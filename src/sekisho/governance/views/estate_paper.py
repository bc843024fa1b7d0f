"""The paper about the estate: whom to call, which systems there are, and how they are connected, drawn and listed."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from sekisho.estate import ledgers
from sekisho.estate.queries import facility, open_entries
from sekisho.kernel.canonical import Json

TEMPLATE = "governance/templates/governance/estate_paper.typ"
_INSIDE, _CLOUD = frozenset({"lan", "wireless_lan"}), "cloud"


def estate_data() -> dict[str, Json]:
    """Return what the paper shows, in the reader's words; a part without entries says so on the paper."""
    systems, links = open_entries(ledgers.SYSTEMS), open_entries(ledgers.LINKS)
    found = facility()
    return {
        "facility": found.name if found else _("not entered yet"),
        "telephone": found.telephone if found else "",
        "nothing": _("Nothing is registered here yet."),
        "outside": _("Outside"),
        "drawing": _("How it is connected"),
        "inside": [_box(row) for row in systems if row.form != _CLOUD],
        "cloud": [_box(row) for row in systems if row.form == _CLOUD],
        "lines": [[row.name, str(row.get_line_display()), row.peer or "―"] for row in links if row.line not in _INSIDE],
        "parts": [_contacts(), _systems(systems), _links(links), _endpoints()],
    }


def _box(row: Any) -> list[Json]:
    return [row.name, str(row.get_kind_display()), row.vendor.name if row.vendor else "―"]


def _part(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Json]:
    return {"title": title, "head": list(head), "rows": [[cell or "―" for cell in row] for row in rows]}


def _contacts() -> dict[str, Json]:
    rows = [
        (row.name, row.contact, row.telephone, row.emergency_telephone, row.email)
        for row in open_entries(ledgers.VENDORS)
    ]
    head = (_("Vendor"), _("Contact person"), _("Telephone"), _("Emergency telephone"), _("Mail address"))
    return _part(_("Whom to call"), head, rows)


def _systems(systems: Sequence[Any]) -> dict[str, Json]:
    rows = [
        (
            row.name,
            str(row.get_kind_display()),
            str(row.get_form_display()),
            row.department.name if row.department else "",
            row.vendor.name if row.vendor else "",
        )
        for row in systems
    ]
    head = (_("System"), _("Kind"), _("Form"), _("Department in charge"), _("Vendor"))
    return _part(_("Systems"), head, rows)


def _links(links: Sequence[Any]) -> dict[str, Json]:
    rows = [
        (row.name, str(row.get_line_display()), row.peer, row.carrier.name if row.carrier else "", row.purpose)
        for row in links
    ]
    head = (_("Network link"), _("Kind of line"), _("Connected to"), _("Carrier"), _("Purpose"))
    return _part(_("Network links"), head, rows)


def _endpoints() -> dict[str, Json]:
    rows = [
        (
            f"{row.host}:{row.port}",
            row.system.name,
            str(row.get_protocol_display()),
            str(row.get_exposure_display()),
            row.link.name if row.link else "",
        )
        for row in open_entries(ledgers.ENDPOINTS)
    ]
    head = (_("Endpoint"), _("System"), _("Protocol"), _("Reachable from"), _("Network link"))
    return _part(_("Endpoints"), head, rows)
