"""Who may enter where, from what was done to ``sekisho conformance status --json``: items 11①(1)–(3), 12⑥, 14①–⑥, ⑧."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client

from sekisho.assets.ledgers import DEVICES
from sekisho.assets.services.screen_locks import hand_in_lock_settings
from sekisho.estate.ledgers import FACILITY, SYSTEMS
from sekisho.estate.models import System
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.estate.services import add_platform
from sekisho.governance.commands import conformance
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.evidence import RunRecord
from sekisho.governance.services.checks import check_control
from sekisho.governance.services.evidence import store_run
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.actor import anonymous, platform
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ids import new_id
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text
from sekisho.ledgers.services.books import add_entry, change_entry
from sekisho.people.controls import emergency_account_rotation, platform_lockout, platform_password_rules
from sekisho.people.errors.emergency import SealVoid
from sekisho.people.ledgers import EMERGENCY_ACCESS, RESETS, SURVEY, TWO_FACTORS
from sekisho.people.models import User
from sekisho.people.rules.owners import Seen
from sekisho.people.rules.softlocks import SoftlockPolicy
from sekisho.people.services import emergency
from sekisho.people.services.emergency_use import Opening, open_seal
from sekisho.people.services.id_review import SnapshotData, store_snapshot
from tests.assets.screen_lock_files import machine, registry, user
from tests.conftest import Ticking
from tests.governance.working import PLANNER, approved, draft
from tests.people.granting import CLERK, DAY, Ward, account, granted, make_ward
from tests.people.test_authentication_survey import GOOD
from tests.people.test_emergency import PLAN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
WORKER = platform("worker")
ITEMS = [
    "SO-11-1-1", "SO-11-1-2", "SO-11-1-3", "SO-12-6", "SO-14-1", "SO-14-2", "SO-14-3", "SO-14-4", "SO-14-5-a",
    "SO-14-5-b", "SO-14-5-c", "SO-14-6-1", "SO-14-6-2", "SO-14-6-3", "SO-14-6-4", "SO-14-6-5", "SO-14-6-6", "SO-14-8",
]  # fmt: skip
LOOKED_AT = [
    "assets.screen_lock", "people.platform_session_lock", "people.account_reconciliation", "people.rights_drift",
    "people.two_factor", "people.password_policy", "people.platform_two_factors", "people.platform_lockout",
    "people.platform_password_rules", "people.platform_password_storage", "people.emergency_account_use",
    "people.emergency_account_rotation", "config.platform_files", "config.platform_settings",
]  # fmt: skip
TOLD = ("login", "name", "rights", "administrator", "last_used")
HANAKO = Seen("hanako", name="看護 花子", rights="看護記録", administrator=False, last_used=DAY)
ENTERED: dict[str, dict[str, Any]] = {
    RESETS.id: {
        "account": "hanako", "person": "看護 花子", "kind": "forgotten", "proof": "official",
        "document": "免許証の写し 綴り3", "done_on": DAY, "done_by": "山田", "told_how": "封書を手渡し",
    },
    EMERGENCY_ACCESS.id: {
        "kind": "account", "name": "EM1", "place": "金庫", "noticed_by": "封印の破れ", "inspected_on": DAY,
    },
}  # fmt: skip
TWO = {"way": "two", "factors": "パスワードと職員証", "evidence": "T-1", "tested_on": DAY}


def run(*controls: str) -> None:
    """Look with these controls."""
    for control in controls:
        check_control(actor=WORKER, control_id=control)


def scanned(*systems: Any, outcome: Outcome = Outcome.PASS) -> None:
    """Store a run of the look for plain-text passwords, as it comes from the worker's own process."""
    moment = clock.now()
    findings = tuple(
        Finding(Subject(SubjectKind.SYSTEM, str(one.pk), one.name), outcome, Text("seen"), moment) for one in systems
    )
    store_run(actor=WORKER, record=RunRecord("people.plaintext_secrets", {}, moment, moment, "finished", "", findings))


def status(item: str = "") -> list[dict[str, Any]]:
    """Return what the command prints, after whatever changed was judged anew."""
    update_verdicts(actor=WORKER)
    wanted = ["--requirement", item] if item else []
    answer = CliRunner().invoke(conformance, ["status", "--json", *wanted], standalone_mode=False)
    assert answer.exception is None, answer.exception
    found: list[dict[str, Any]] = json.loads(answer.output)["requirements"]
    return found


def verdicts(ward: Ward) -> dict[str, str]:
    """Return the verdict of every item; of 14④ that of the record system: our own rights are another test's."""
    found = {one["id"]: one["verdict"] for one in status() if one["id"] in ITEMS}
    (rights,) = status("SO-14-4")
    return {**found, "SO-14-4": next(one["verdict"] for one in rights["subjects"] if one["id"] == str(ward.emr.pk))}


def amend(ledger: Any, entry: Any, **values: Any) -> None:
    """Change an entry as it stands."""
    row = type(entry).objects.get(pk=entry.pk)
    change_entry(actor=CLERK, ledger=ledger, entry_id=row.pk, version=row.version, values=values)


def listed(ward: Ward, *seen: Seen) -> None:
    """Read a new list of the record system's accounts in, and hold it against the books."""
    data = SnapshotData(in_facility(clock.now()).date(), seen, TOLD, "利用者.csv")
    store_snapshot(actor=CLERK, system_id=ward.emr.pk, data=data)
    run("people.account_reconciliation", "people.rights_drift")


def export(terminal: Any, content: bytes) -> None:
    """Hand in what a terminal's settings are today."""
    hand_in_lock_settings(
        actor=CLERK,
        group_id=terminal.group_id,
        device_id=terminal.pk,
        distributed_by="",
        taken_on=in_facility(clock.now()).date(),
        content=content,
    )
    run("assets.screen_lock")


class Hospital:
    """A small hospital: its record system and the platform, and the entries that are broken and mended below."""

    def __init__(self, signed_in: Callable[..., Client]) -> None:
        self.ward = make_ward(signed_in)
        self.emr = self.ward.emr
        System.objects.filter(pk=self.emr.pk).update(holds_medical_information=True)
        self.own = add_platform(actor=platform("test"), ledger=SYSTEMS)
        values = {"name": "青空病院", "kind": "hospital"}
        self.facility = add_to_estate(actor=CLERK, ledger=FACILITY, values=values)
        self.systems = (self.emr, self.own)
        self.devices = [
            add_entry(actor=CLERK, ledger=DEVICES, values={"name": name, "kind": kind, "system": system})
            for name, kind, system in (("診察室1", "terminal", self.emr), ("関所サーバ", "server", self.own))
        ]

    def fill_the_books(self) -> None:
        """Enter what people know and have done."""
        account(self.ward)
        granted(self.ward)
        kept = [(SURVEY, GOOD, self.systems), (RESETS, ENTERED[RESETS.id], self.systems)]
        kept.append((EMERGENCY_ACCESS, ENTERED[EMERGENCY_ACCESS.id], (self.emr,)))
        self.rows = {
            (ledger.id, system.pk): add_entry(actor=CLERK, ledger=ledger, values={**values, "system": system})
            for ledger, values, systems in kept
            for system in systems
        }
        self.map = {
            (system.pk, layer): add_entry(
                actor=CLERK, ledger=TWO_FACTORS, values={**TWO, "system": system, "layer": layer}
            )
            for system in self.systems
            for layer in ("client_application", "server_os")
        }
        self.seal, self.secret = emergency.make_seal(actor=CLERK, proved_at=clock.now(), plan=PLAN)

    def hand_in_the_papers(self) -> None:
        """Have every document and statement approved."""
        layers = [str(layer.pk) for system in self.systems for layer in system.layers.all()]
        each = [str(system.pk) for system in self.systems]
        everywhere = ("SO-14-1", "SO-14-2", "SO-14-3", "SO-14-4", "SO-14-6-2", "SO-14-6-4", "SO-14-8")
        for paper, items, about in (
            ("documents.account_procedure", everywhere, ()),
            ("documents.acceptance_tests", ("SO-14-5-b", "SO-14-5-c"), layers),
            ("documents.vendor_disclosures", ("SO-14-6-3",), each),
            ("documents.emergency_account_procedure", ("SO-11-1-1",), ()),
        ):
            wanted = draft(items[0], *about, days=300, document=paper, edition_id=CURRENT)
            approved(ClaimKind.DOCUMENT, replace(wanted, requirements=items))
        for item, about in (("SO-14-2", [str(self.facility.pk)]), ("SO-14-6-2", each)):
            approved(ClaimKind.ATTESTATION, draft(item, *about, days=300, edition_id=CURRENT))

    def look(self) -> None:
        """Look at everything that can be looked at."""
        listed(self.ward, HANAKO)
        for device in self.devices:
            export(device, registry(machine(600)))
        scanned(*self.systems)
        run(*LOOKED_AT)

    def of(self, ledger: Any) -> Any:
        """Return the record system's entry in a ledger."""
        return self.rows[ledger.id, self.emr.pk]


Patch = pytest.MonkeyPatch
SHORT, LONG = {"password_minimum": 8}, {"password_minimum": 13}
EASY = SoftlockPolicy(10_000, *[timedelta(minutes=1)] * 3)


def green() -> dict[str, str]:
    """Return how it stands when all is shown."""
    return {**dict.fromkeys(ITEMS, "conforming"), "SO-14-6-3": unless_files_elsewhere("conforming")}


def unless_files_elsewhere(verdict: str) -> str:
    """Return the verdict of 14⑥(3): where a server of its own keeps the database, Sekisho cannot see its files."""
    return verdict if connection.vendor == "sqlite" else "cannot_tell"


def break_what_is_looked_at(hospital: Hospital, monkeypatch: Patch) -> dict[str, str]:
    """Break one proof of each of these items, and return what becomes of them."""
    export(hospital.devices[0], registry(machine(None), user(ScreenSaverIsSecure="0")))
    listed(hospital.ward, replace(HANAKO, rights="看護記録、管理者"))
    amend(TWO_FACTORS, hospital.map[hospital.emr.pk, "client_application"], way="split", factors="")
    amend(SURVEY, hospital.of(SURVEY), **SHORT)
    User.objects.filter(login="head").update(password="plain text")
    scanned(hospital.emr, outcome=Outcome.FAIL)
    monkeypatch.setattr(platform_lockout, "PASSWORD_SOFTLOCK", EASY)
    monkeypatch.setattr(emergency_account_rotation, "close_seal", lambda *_arguments: 0)
    amend(RESETS, hospital.of(RESETS), document="")
    amend(EMERGENCY_ACCESS, hospital.of(EMERGENCY_ACCESS), inspected_on=None)
    run(*LOOKED_AT[4:])
    looked_at = (
        "SO-11-1-3", "SO-12-6", "SO-14-4", "SO-14-5-a", "SO-14-5-b", "SO-14-6-1", "SO-14-6-3", "SO-14-6-5", "SO-14-6-6",
    )  # fmt: skip
    in_books = ("SO-11-1-1", "SO-11-1-2", "SO-14-3", "SO-14-6-4")
    return {**dict.fromkeys(looked_at, "nonconforming"), **dict.fromkeys(in_books, "partial")}


def mend_it(hospital: Hospital, monkeypatch: Patch) -> None:
    """Set right what was broken, each in its own book or by a new look."""
    monkeypatch.undo()
    amend(TWO_FACTORS, hospital.map[hospital.emr.pk, "client_application"], **TWO)
    amend(TWO_FACTORS, hospital.map[hospital.emr.pk, "server_os"], **TWO)
    amend(SURVEY, hospital.of(SURVEY), **{**LONG, "first_change": "yes"})
    User.objects.filter(login="head").update(password=User.objects.get(login="stranger").password)
    amend(RESETS, hospital.of(RESETS), document="免許証の写し 綴り3")
    amend(EMERGENCY_ACCESS, hospital.of(EMERGENCY_ACCESS), inspected_on=DAY)
    hospital.look()


def break_the_rest(hospital: Hospital, ticking: Ticking, monkeypatch: Patch) -> dict[str, str]:
    """Break what is left: an envelope opened and forgotten, a stranger's account, one factor, weak passwords."""
    opening = Opening(hospital.seal.number, hospital.secret, "佐藤 花子", "急患", new_id())
    open_seal(actor=anonymous("192.0.2.7"), opening=opening)
    ticking.moment += timedelta(hours=8, minutes=1)
    listed(hospital.ward, HANAKO, Seen("Administrator", administrator=True, last_used=DAY))
    amend(TWO_FACTORS, hospital.map[hospital.emr.pk, "server_os"], way="one", factors="")
    amend(SURVEY, hospital.of(SURVEY), first_change="no")
    monkeypatch.setattr(platform_password_rules, "refused", lambda _password: False)
    run(*LOOKED_AT[4:])
    looked_at = (
        "SO-11-1-2", "SO-11-1-3", "SO-14-1", "SO-14-4", "SO-14-5-a", "SO-14-5-c", "SO-14-6-1", "SO-14-6-2", "SO-14-8",
    )  # fmt: skip
    in_books = ("SO-11-1-1", "SO-14-2", "SO-14-6-5", "SO-14-6-6")
    partial = {**dict.fromkeys(in_books, "partial"), "SO-14-6-3": unless_files_elsewhere("partial")}
    return {**dict.fromkeys(looked_at, "nonconforming"), **partial}


def return_to_normal(hospital: Hospital) -> None:
    """End the emergency: somebody else reviews its use, and a new credential is sealed."""
    emergency.return_to_normal(actor=CLERK, seal_id=hospital.seal.pk, reason="収束")
    emergency.review_use(actor=PLANNER, seal_id=hospital.seal.pk, was_justified=True, result="正当")
    emergency.make_seal(actor=CLERK, proved_at=clock.now(), plan=PLAN)


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.full)])
def test_each_item_about_access_is_proven_broken_and_mended(
    whole: bool, signed_in: Callable[..., Client], ticking: Ticking, monkeypatch: Patch
) -> None:
    """Nothing counts before it was shown; then each proof is broken by itself, and its own item falls.

    The normal run ends with one case each for 13 of the 18; the full one mends them, breaks the others and mends those.
    """
    hospital = Hospital(signed_in)
    ward = hospital.ward
    if whole:
        assert "conforming" not in verdicts(ward).values()
    hospital.fill_the_books()
    ticking.moment += timedelta(days=1)
    hospital.hand_in_the_papers()
    hospital.look()
    assert verdicts(ward) == green()
    fallen = break_what_is_looked_at(hospital, monkeypatch)
    assert verdicts(ward) == {**green(), **fallen}
    split = [one for one in status("SO-14-5-b")[0]["subjects"] if one["verdict"] == "nonconforming"]
    proofs = [(one["kind"], one["state"]) for one in split[0]["proofs"]]
    assert ([one["id"] for one in split], proofs) == (
        [str(hospital.emr.layers.get(kind="client_application").pk)],
        [("ledger", "holds"), ("control", "fails"), ("document", "holds")],
    ), "表14-1: one factor here and one there stay two halves, whatever else is proven"
    if not whole:
        return
    mend_it(hospital, monkeypatch)
    assert verdicts(ward) == green()
    fallen = break_the_rest(hospital, ticking, monkeypatch)
    assert verdicts(ward) == {**green(), **fallen}
    return_to_normal(hospital)
    mend_it(hospital, monkeypatch)
    assert verdicts(ward) == green()
    with pytest.raises(SealVoid):
        opening = Opening(hospital.seal.number, hospital.secret, "佐藤 花子", "もう一度", new_id())
        open_seal(actor=anonymous("192.0.2.7"), opening=opening)
    run("people.emergency_account_use")
    assert verdicts(ward) == {**green(), "SO-11-1-2": "nonconforming"}, "the old credential was refused, and tried"
