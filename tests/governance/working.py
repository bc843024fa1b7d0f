"""Doing things that verdicts rest on: systems, runs of controls, claims with their approval."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sekisho.estate import ledgers
from sekisho.estate.models import System
from sekisho.estate.services import add_entry
from sekisho.governance.models import EvidenceRun
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.evidence import RunRecord
from sekisho.governance.services import claims
from sekisho.governance.services.evidence import store_run
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text
from sekisho.ledgers.services import NewFile, approve
from tests.conftest import actor_with
from tests.governance.conftest import OLD

WORKER = platform("worker")
OPERATOR = actor_with(Role.SYSTEM_OPERATOR)
PLANNER = actor_with(Role.PLANNING_MANAGER, actor_id="00000000-0000-7000-8000-000000000002")
PAPER = NewFile("規程.pdf", b"%PDF-1.7 our own")


def system(name: str, form: str = "on_premises", kind: str = "emr") -> System:
    """Return a new system."""
    values = {"name": name, "kind": kind, "form": form, "holds_medical_information": True}
    entry = add_entry(actor=OPERATOR, ledger=ledgers.SYSTEMS, values=values)
    assert isinstance(entry, System)
    return entry


def run(control: str, outcomes: dict[str, Outcome], *, length: int = 13, age: timedelta = timedelta(0)) -> EvidenceRun:
    """Store a finished run of ``control`` with an outcome per system id."""
    moment = clock.now() - age
    findings = tuple(
        Finding(Subject(SubjectKind.SYSTEM, name, name), outcome, Text("seen"), moment, {"seen": outcome.value}, b"raw")
        for name, outcome in outcomes.items()
    )
    record = RunRecord(control, {"length": length}, moment, moment, "finished", "", findings)
    return store_run(actor=WORKER, record=record)


def crash(control: str) -> EvidenceRun:
    """Store a run that fell over."""
    moment = clock.now()
    return store_run(actor=WORKER, record=RunRecord(control, {}, moment, moment, "crashed", "Traceback", ()))


def draft(requirement: str, *subjects: str, days: int = 30, edition_id: str = OLD, **more: str) -> claims.Draft:
    """Return a claim with all it needs, valid for so many days."""
    return claims.Draft(
        requirements=(requirement,),
        subjects=subjects,
        statement=more.pop("statement", "画面で確かめた"),
        valid_until=today() + timedelta(days=days),
        kept_at=more.pop("kept_at", "事務室の棚"),
        edition_id=edition_id,
        **more,
    )


def today() -> date:
    """Return today at the facility."""
    return clock.now().astimezone(FACILITY_ZONE).date()


def apply_for(kind: ClaimKind, wanted: claims.Draft, files: Sequence[NewFile] = ()) -> UUID:
    """Submit a claim as the operator."""
    service = {
        ClaimKind.ATTESTATION: claims.attest,
        ClaimKind.NOT_APPLICABLE: claims.exclude,
        ClaimKind.DOCUMENT: claims.hand_in,
    }[kind]
    return service(actor=OPERATOR, draft=wanted, files=files)


def approved(kind: ClaimKind, wanted: claims.Draft, files: Sequence[NewFile] = ()) -> UUID:
    """Submit a claim and approve it as the planning manager."""
    application = apply_for(kind, wanted, files)
    approve(actor=PLANNER, application_id=application, version=1)
    return application
