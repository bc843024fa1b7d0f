"""What the wizard offers to tick: the usual systems of each kind of facility, and the usual lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.kernel.search import fold
from sekisho.ui.parts import Words

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SystemOffer:
    """A usual system: its kind in the ledger of systems, the name it gets unless another is typed, what it is."""

    key: str
    name: Words
    what: Words


@dataclass(frozen=True, slots=True)
class LineOffer:
    """A usual line; ``kinds`` are the kinds of line it can be, each with how a layman recognises it.

    With one kind there is nothing to ask. ``is_maintenance`` marks the line over which vendors come in.
    """

    key: str
    name: Words
    what: Words
    kinds: Mapping[str, Words]
    is_maintenance: bool = False


SYSTEMS = (
    SystemOffer("emr", _("Electronic medical record"), _("Where charts are written and orders are given.")),
    SystemOffer(
        "billing", _("Receipt computer"), _("Bills and insurance claims. One machine with the record? Tick both.")
    ),
    SystemOffer("eligibility", _("Online eligibility check"), _("The terminal with the card reader at the reception.")),
    SystemOffer(
        "prescription", _("Electronic prescriptions"), _("Often a part of the record or the receipt computer.")
    ),
    SystemOffer("imaging", _("Images (PACS)"), _("X-ray, CT, ultrasound and endoscope pictures.")),
    SystemOffer("laboratory", _("Laboratory results"), _("Own analysers, or results sent by a laboratory company.")),
    SystemOffer("reservation", _("Reservations"), _("Appointments, questionnaires on the web, payment machines.")),
    SystemOffer("pharmacy", _("Dispensing"), _("Medication records, dispensing machines.")),
    SystemOffer("checkup", _("Health check-ups"), _("Results and reports of check-ups.")),
    SystemOffer("rehabilitation", _("Rehabilitation"), _("Plans and records of rehabilitation.")),
    SystemOffer("endoscopy", _("Endoscopy"), _("Reports and pictures of endoscopy.")),
    SystemOffer("dialysis", _("Dialysis"), _("Monitoring and records of dialysis.")),
    SystemOffer("surgery", _("Surgery and anaesthesia"), _("Records of operations and anaesthesia.")),
    SystemOffer("meals", _("Meals"), _("Diets and meals of inpatients.")),
    SystemOffer("care", _("Nursing care"), _("Care plans, home-visit nursing records, care claims.")),
    SystemOffer("regional", _("Regional medical network"), _("Sharing charts with other facilities.")),
    SystemOffer("files", _("File server"), _("A shared folder or NAS with letters, scans, lists of patients.")),
    SystemOffer("backup", _("Backup"), _("The device or service on which the copies lie.")),
    SystemOffer("remote", _("VPN device"), _("The box through which vendors or doctors come in from outside.")),
    SystemOffer("directory", _("Sign-in server"), _("A server that keeps the sign-ins of the PCs (Active Directory).")),
)

_COMMON = {"billing", "eligibility", "files", "backup", "remote"}
_MEDICAL = _COMMON | {"emr", "prescription", "reservation"}
_USUAL: Mapping[str, set[str]] = {
    "hospital": {offer.key for offer in SYSTEMS},
    "clinic": _MEDICAL | {"imaging", "laboratory", "checkup"},
    "dental": _MEDICAL | {"imaging"},
    "pharmacy": _COMMON | {"pharmacy", "prescription"},
    "visiting_nursing": _COMMON | {"care"},
    "midwifery": _COMMON | {"emr", "reservation"},
    "care": {"billing", "care", "files", "backup", "remote"},
}


def usual_systems(facility_kind: str) -> tuple[Sequence[SystemOffer], Sequence[SystemOffer]]:
    """Return the systems that are usual for a kind of facility, and the others; a kind unknown gets all."""
    usual = _USUAL.get(facility_kind, _USUAL["hospital"])
    return [one for one in SYSTEMS if one.key in usual], [one for one in SYSTEMS if one.key not in usual]


_VPN: dict[str, Words] = {
    "ip_vpn": _("A carrier's closed network (IP-VPN, “flets VPN” and the like)"),
    "ipsec_ikev2": _("IPsec VPN, IKEv2, with certificates"),
    "ipsec_ikev2_psk": _("IPsec VPN, IKEv2, with a shared password"),
    "ipsec_ike": _("IPsec VPN, the older IKE version 1"),
    "ssl_vpn_client": _("SSL-VPN with a program installed on the PC"),
    "ssl_vpn_other": _("SSL-VPN in the browser only"),
    "vpn_other": _("Another VPN, and it is none of the above"),
}
_OPEN: dict[str, Words] = {
    "open_other": _("For browsing, mail and the like; no certificate had to be installed on the PCs"),
    "open_tls13_mtls": _("For a cloud service with a certificate installed on each PC, TLS 1.3"),
    "open_tls12_mtls": _("For a cloud service with a certificate installed on each PC, TLS 1.2"),
}
LINES = (
    LineOffer("internet", _("Internet line"), _("The optical line or the mobile line of the facility."), _OPEN),
    LineOffer(
        "maintenance",
        _("Maintenance VPN"),
        _("Over it the vendor works on the record from outside. Most attacks on hospitals came in here."),
        {"leased": _("A leased line that nobody else uses"), **_VPN},
        is_maintenance=True,
    ),
    LineOffer(
        "eligibility",
        _("Line of the online eligibility check"),
        _("How the card reader's terminal reaches the examination and payment organisations."),
        {name: _VPN[name] for name in ("ip_vpn", "ipsec_ikev2", "ipsec_ikev2_psk", "ipsec_ike")},
    ),
    LineOffer("lan", _("Network inside the facility"), _("Cables between PCs, servers and devices."), {"lan": ""}),
    LineOffer("wireless", _("Wireless network"), _("Wi-Fi that PCs or tablets of the work use."), {"wireless_lan": ""}),
    LineOffer(
        "regional",
        _("Line of the regional medical network"),
        _("Only if you share charts with other facilities."),
        {"leased": _("A leased line that nobody else uses"), **_VPN},
    ),
    LineOffer(
        "branch",
        _("Line between the buildings"),
        _("Only if the facility has a branch or a second building."),
        {"leased": _("A leased line that nobody else uses"), **_VPN},
    ),
)


def same_system(offer: SystemOffer, entries: Iterable[Any]) -> Any | None:
    """Return the registered system of the offer's kind, None without one."""
    return next((entry for entry in entries if entry.kind == offer.key), None)


def same_line(offer: LineOffer, entries: Iterable[Any]) -> Any | None:
    """Return the registered link that is the offered line: by its name, or where the kind alone tells."""
    found = list(entries)
    named = next((entry for entry in found if fold(entry.name) == fold(str(offer.name))), None)
    return named or next((entry for entry in found if _is_the_kind(offer, entry)), None)


def _is_the_kind(offer: LineOffer, entry: Any) -> bool:
    if offer.is_maintenance:
        return bool(entry.used_for_maintenance)
    return offer.key in {"internet", "lan", "wireless"} and entry.line in offer.kinds
