"""What the books about vendors must cover: every vendor with each of its systems, never the one good paper."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from sekisho.estate.ledgers.assignments import Assignment, by_system, by_vendor, pairs
from sekisho.estate.ledgers.contracts import CONTRACTS, DISCLOSURES, RESPONSIBILITIES
from sekisho.estate.models import (
    Bearer,
    Contract,
    Disclosure,
    DisclosureKind,
    Duty,
    PersonalData,
    Responsibility,
    Subcontracting,
    SystemForm,
)
from sekisho.estate.queries import happened
from sekisho.kernel.declarations import Coverage, Ledger, Member
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import says_something

_CONTRACT = _("A contract in force, confirmed in time")
_PAPER = _("A paper of the vendor about this product, confirmed in time")
_LINES = _("Lines in the table of responsibilities, confirmed in time")
_REPORTED = _("Reported to the planning manager on")
_VENDORS = _("Registered vendors, each with each of its systems")

_SHOW_MEASURES = {
    DisclosureKind.MDS,
    DisclosureKind.SDS,
    DisclosureKind.CONFORMITY,
    DisclosureKind.MEASURES,
}
_DESCRIBE = _SHOW_MEASURES | {DisclosureKind.SPECIFICATION}

_NORMAL = {
    Duty.SETTINGS: _("Normal: settings"),
    Duty.UPDATES: _("Normal: updates and weaknesses"),
    Duty.MALWARE: _("Normal: protection against malware"),
    Duty.BACKUP: _("Normal: backups and restore tests"),
    Duty.ACCOUNTS: _("Normal: accounts and rights"),
    Duty.LOGS: _("Normal: logs and their review"),
    Duty.DEVICES: _("Normal: network devices"),
    Duty.MONITORING: _("Normal: monitoring of operation"),
    Duty.JOINTS: _("Normal: joints with other vendors' systems"),
    Duty.REPORTS: _("Normal: reports on operation, subcontractors included"),
}
_EMERGENCY = {
    Duty.CALLS: _("Emergency: calls at night and on holidays"),
    Duty.CONTAINMENT: _("Emergency: cutting off and containing the damage"),
    Duty.PRESERVATION: _("Emergency: saving records and logs"),
    Duty.CAUSE: _("Emergency: finding the cause"),
    Duty.RESTORE: _("Emergency: restoring"),
    Duty.PAPERS: _("Emergency: papers for explanations to the outside"),
    Duty.PUBLIC: _("Emergency: explaining to patients and authorities"),
}


def _disclosures(
    kinds: set[DisclosureKind], lacks_of: Callable[[Assignment, Disclosure], Iterable[tuple[object, Text]]]
) -> Callable[[], Iterator[Member]]:
    """Return a measure over the pairs: every paper of ``kinds`` about a pair must lack nothing, not one of them."""

    def lacks(pair: Assignment, rows: Sequence[Disclosure]) -> Iterable[Text]:
        own = [row for row in rows if row.kind in kinds]
        wished = [wish for row in own for wish in lacks_of(pair, row)]
        return dict.fromkeys(_empty(wished)) if own else (_PAPER,)

    return lambda: pairs(DISCLOSURES, by_vendor, _PAPER, lacks)


def _empty(wishes: Iterable[tuple[object, Text]]) -> Iterator[Text]:
    for value, title in wishes:
        if not (says_something(value) if isinstance(value, str) else value):
            yield title


def _information_wanted(_pair: Assignment, row: Disclosure) -> Iterable[tuple[object, Text]]:
    yield happened(row.received_on), _("Received on")
    yield row.product_version, _("Version of the product")
    yield row.supporting_papers, _("Papers that support it")
    yield happened(row.version_checked_on), _("Version compared with the one in use on")
    yield happened(row.correct_on), _("Vendor confirmed it is correct on")


def _fit_wanted(pair: Assignment, row: Disclosure) -> Iterable[tuple[object, Text]]:
    yield happened(row.compared_on), _("Compared with our requirements on")
    yield row.gaps, _("Gaps left")
    yield happened(row.settled_on), _("Gaps settled with the vendor on")
    if pair.system is not None and pair.system.form != SystemForm.ON_PREMISES:
        yield row.own_settings, _("Settings on our side, and by whom")


def _measures_wanted(_pair: Assignment, row: Disclosure) -> Iterable[tuple[object, Text]]:
    yield happened(row.received_on), _("Received on")
    yield row.form_version, _("Edition of the form")
    yield happened(row.written_on), _("Written on")
    yield row.kept_at, _("Kept at")
    yield row.open_questions == 0, _("Questions without an answer")
    yield happened(row.reported_on), _REPORTED


def _duties(wanted: dict[Duty, Text], rest: Duty) -> Callable[[], Iterator[Member]]:
    """Return a measure over the pairs: every duty has lines, and every one of its lines is agreed and reported.

    A vendor without a system here, such as a carrier, may have all duties in one line.
    """

    def lacks(pair: Assignment, rows: Sequence[Responsibility]) -> Iterator[Text]:
        whole = pair.system is None and _are_settled([row for row in rows if row.duty == rest])
        for duty, title in wanted.items():
            own = [row for row in rows if row.duty == duty]
            if not (_are_settled(own) or (whole and not own)):
                yield title

    return lambda: pairs(RESPONSIBILITIES, by_vendor, _LINES, lacks)


def _are_settled(rows: Sequence[Responsibility]) -> bool:
    return bool(rows) and all(_is_settled(row) for row in rows)


def _is_settled(row: Responsibility) -> bool:
    """Tell whether a line says enough, was agreed with the vendor, and was reported to the planning manager."""
    described = row.bearer not in {Bearer.SHARED, Bearer.NOBODY} or says_something(row.description)
    promised = row.bearer in {Bearer.FACILITY, Bearer.NOBODY} or says_something(row.clause)
    return described and promised and happened(row.agreed_on) and happened(row.reported_on)


Clause = Callable[[Assignment, Sequence[Contract]], Iterable[Text]]


def _clauses(*wanted: tuple[str, Text]) -> Clause:
    """Return what a pair lacks: each clause stands in one of the contracts that hold for it, whichever that is."""

    def lacks(_pair: Assignment, rows: Sequence[Contract]) -> Iterator[Text]:
        for field, title in wanted:
            if not any(says_something(getattr(row, field)) for row in rows):
                yield title

    return lacks


def _where_data_are(lacks: Clause) -> Clause:
    """Leave out a vendor whose contracts all say, and where, that it does not come near personal data.

    A vendor of a system with medical information can come near them, whatever is written.
    """

    def of_those(pair: Assignment, rows: Sequence[Contract]) -> Iterable[Text]:
        apart = all(row.personal_data == PersonalData.NONE and says_something(row.personal_data_ground) for row in rows)
        near = pair.system is not None and pair.system.holds_medical_information
        return () if apart and not near else lacks(pair, rows)

    return of_those


_SECRECY = _clauses(("secrecy_clause", _("Secrecy as in the facility: clause")))
_SUBCONTRACTORS = _clauses(("subcontractor_clause", _("Same duties for subcontractors: clause")))
_ACCESS = _clauses(("access_clause", _("No access without good reason: clause")))
_SUPERVISION = _clauses(("supervision_clause", _("Supervision by the facility: clause")))


def _secrecy(pair: Assignment, rows: Sequence[Contract]) -> Iterator[Text]:
    """Secrecy that ends where a subcontractor begins is none."""
    yield from _SECRECY(pair, rows)
    if not any(row.subcontracting for row in rows):
        yield _("Subcontracting")
    if any(row.subcontracting == Subcontracting.YES for row in rows):
        yield from _SUBCONTRACTORS(pair, rows)


def _storage(pair: Assignment, rows: Sequence[Contract]) -> Iterator[Text]:
    """Of a vendor that only stores, the law asks for no supervision; that it cannot look inside is asked for always."""
    known = [row for row in rows if row.personal_data]
    if not known or not any(says_something(row.personal_data_ground) for row in known):
        yield _("Where the contract says so about personal data")
    yield from _ACCESS(pair, rows)
    if any(row.personal_data == PersonalData.HANDLES for row in rows) or not known:
        yield from _SUPERVISION(pair, rows)


def _contract_coverage(
    name: str, title: Text, population: Text, over: Callable[[], Iterable[Assignment]], lacks: Clause
) -> Coverage:
    return _coverage(name, title, population, lambda: pairs(CONTRACTS, over, _CONTRACT, lacks), CONTRACTS)


def _coverage(
    name: str, title: Text, population: Text, measure: Callable[[], Iterator[Member]], ledger: Ledger
) -> Coverage:
    return Coverage(f"estate.{name}", title, population, measure, ledger.id.replace(".", ":"))


VENDOR_INFORMATION = _coverage(
    "vendor_information",
    _("Papers of each vendor about its products, confirmed as correct"),
    _VENDORS,
    _disclosures(_DESCRIBE, _information_wanted),
    DISCLOSURES,
)
VENDOR_FIT = _coverage(
    "vendor_fit",
    _("Papers of each vendor compared with our requirements"),
    _VENDORS,
    _disclosures(_SHOW_MEASURES, _fit_wanted),
    DISCLOSURES,
)
VENDOR_DISCLOSURES = _coverage(
    "vendor_disclosures",
    _("Disclosures of each vendor's measures, without open questions"),
    _VENDORS,
    _disclosures(_SHOW_MEASURES, _measures_wanted),
    DISCLOSURES,
)
NORMAL_DUTIES = _coverage(
    "normal_duties",
    _("Duties in normal operation agreed with each vendor"),
    _VENDORS,
    _duties(_NORMAL, Duty.NORMAL_REST),
    RESPONSIBILITIES,
)
EMERGENCY_DUTIES = _coverage(
    "emergency_duties",
    _("Duties in an emergency agreed with each vendor"),
    _VENDORS,
    _duties(_EMERGENCY, Duty.EMERGENCY_REST),
    RESPONSIBILITIES,
)
FORMAT_UNDERTAKINGS = _contract_coverage(
    "format_undertakings",
    _("Undertaking to support older formats, for each system"),
    _("Registered systems, each with each of its vendors"),
    by_system,
    _clauses(("format_clause", _("Support of older formats: clause"))),
)
TAKE_OUT_CLAUSES = _contract_coverage(
    "take_out_clauses",
    _("Clause against taking out data, for each vendor"),
    _VENDORS,
    by_vendor,
    _where_data_are(_clauses(("take_out_clause", _("No taking out of data: clause")))),
)
ERASURE_CLAUSES = _contract_coverage(
    "erasure_clauses",
    _("Clause on erasing data after maintenance, for each vendor"),
    _VENDORS,
    by_vendor,
    _where_data_are(_clauses(("erasure_clause", _("Erasing data after maintenance and reporting it: clause")))),
)
STORAGE_CLAUSES = _contract_coverage(
    "storage_clauses",
    _("Clauses on supervision and access, for each system in the cloud"),
    _("Registered systems in the cloud, each with each of its vendors"),
    lambda: by_system(lambda row: row.form != SystemForm.ON_PREMISES),
    _storage,
)
REMOTE_CLAUSES = _contract_coverage(
    "remote_clauses",
    _("Agreement on staff and duties, for each system that is maintained remotely"),
    _("Registered systems that are maintained remotely, each with each of its vendors"),
    lambda: by_system(lambda row: row.remote_maintenance),
    _clauses(("remote_clause", _("Staff and duties in remote maintenance: clause"))),
)
SECRECY_CLAUSES = _contract_coverage(
    "secrecy_clauses",
    _("Clause on secrecy, for each vendor"),
    _VENDORS,
    by_vendor,
    _where_data_are(_secrecy),
)
