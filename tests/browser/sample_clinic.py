"""A made-up clinic of half a year, for pictures: run as a module with SEKISHO_HOME set, on a prepared database.

Everything is done by the services at the time it pretends to happen; only the clock is set. Prints the session cookie
of its management. The last line of the standard output is all that whoever started it reads.
"""

import os
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.__main__ import signed_in_cookie
from sekisho.config.processes.django_start import start_django

start_django()

from sekisho.estate import ledgers  # noqa: E402  # models cannot be imported before Django knows its settings
from sekisho.estate.services import add_entry  # noqa: E402
from sekisho.governance.queries import editions  # noqa: E402
from sekisho.governance.queries.world import subjects_of  # noqa: E402
from sekisho.governance.rules.catalogue import Requirement  # noqa: E402
from sekisho.governance.rules.claims import ClaimKind  # noqa: E402
from sekisho.governance.rules.mapping import ProofKind  # noqa: E402
from sekisho.governance.services import claims  # noqa: E402
from sekisho.governance.services.currency import keep_current  # noqa: E402
from sekisho.governance.services.exceptions import ExceptionDraft, open_exception  # noqa: E402
from sekisho.governance.services.overview import make_overview  # noqa: E402
from sekisho.kernel import clock  # noqa: E402
from sekisho.kernel.access import Role  # noqa: E402
from sekisho.kernel.actor import Actor, ActorKind, platform  # noqa: E402
from sekisho.kernel.dates import in_facility  # noqa: E402
from sekisho.kernel.ports import SubjectKind  # noqa: E402
from sekisho.ledgers.services import NewFile, approve  # noqa: E402

DAYS = 120
SILENT = range(40, 44)  # days ago on which the machine stood still
WORKER = platform("worker")
OPERATOR = Actor(ActorKind.PERSON, "sample-operator", "山田 花子", frozenset({Role.SYSTEM_OPERATOR}))
PLANNER = Actor(ActorKind.PERSON, "sample-planner", "鈴木 一郎", frozenset({Role.PLANNING_MANAGER}))


def _add(ledger: Any, **values: Any) -> Any:
    return add_entry(actor=OPERATOR, ledger=ledger, values=values)


def _first_day() -> None:
    _add(ledgers.FACILITY, name="関所内科クリニック", kind="clinic")
    _add(ledgers.DEPARTMENTS, name="医事課")
    makers = [_add(ledgers.VENDORS, name=name) for name in ("みどり医療システム", "海山ネットワーク")]
    for name, kind, form in (
        ("電子カルテ", "emr", "on_premises"), ("レセプトコンピューター", "billing", "on_premises"),
        ("画像管理（PACS）", "imaging", "on_premises"), ("予約", "reservation", "cloud"),
    ):  # fmt: skip
        _add(
            ledgers.SYSTEMS, name=name, kind=kind, form=form, holds_medical_information=True, vendor=makers[0]
        )  # fmt: skip
    _add(ledgers.LINKS, name="電子カルテ保守回線", line="ip_vpn", carrier=makers[1])


def _hand_in(name: str) -> Callable[[], None]:
    """Return what hands in a paper and has it approved."""

    def work() -> None:
        leaves = tuple(editions.mapping().leaves_shown_by(ProofKind.DOCUMENT, name))
        fresh = claims.longest_validity(ClaimKind.DOCUMENT, editions.CURRENT, leaves, name)
        draft = claims.Draft(
            requirements=leaves, subjects=(), statement="院長が承認した版", kept_at="事務室の棚", document=name,
            valid_until=_today() + fresh,
        )  # fmt: skip
        application = claims.hand_in(actor=OPERATOR, draft=draft, files=[NewFile("規程.pdf", b"%PDF-1.7 sample")])
        approve(actor=PLANNER, application_id=application, version=1)

    return work


def _except() -> None:
    """Have an exception approved: the picture archive waits for its renewal."""
    leaf = next(leaf for leaf in editions.edition().leaves if leaf.judged_per is SubjectKind.SYSTEM)
    subject = next(one for one in subjects_of(SubjectKind.SYSTEM) if "PACS" in one.label)
    draft = ExceptionDraft(
        requirement=leaf.id, subjects=(subject.id,), reason="次の更新（令和9年度）まで製品が対応しない",
        substitute="専用の区画に置き、保守は立会いのもとで行う", valid_until=_today() + timedelta(days=180),
    )  # fmt: skip
    approve(actor=PLANNER, application_id=open_exception(actor=OPERATOR, draft=draft), version=1)


def _attest(leaf: Requirement) -> Callable[[], None]:
    """Return what states that a leaf is met for all its subjects, and has it approved."""

    def work() -> None:
        fresh = claims.longest_validity(ClaimKind.ATTESTATION, editions.CURRENT, [leaf.id])
        draft = claims.Draft(
            requirements=(leaf.id,), subjects=tuple(subject.id for subject in subjects_of(leaf.judged_per)),
            statement="画面と台帳で確かめた", kept_at="事務室の棚", valid_until=_today() + fresh,
        )  # fmt: skip
        approve(actor=PLANNER, application_id=claims.attest(actor=OPERATOR, draft=draft), version=1)

    return work


def _attestable() -> list[Requirement]:
    """Return the leaves that papers of the facility and an attestation show."""
    mapped = editions.mapping().leaves
    return [
        leaf
        for leaf in editions.edition().leaves
        if leaf.judged_per in {SubjectKind.FACILITY, SubjectKind.SYSTEM, SubjectKind.VENDOR}
        and ProofKind.ATTESTATION in {proof.kind for proof in mapped[leaf.id].proofs}
        and not any(proof.planned for proof in mapped[leaf.id].proofs)
    ]


def _today() -> date:
    return in_facility(clock.now()).date()


def _days() -> dict[int, Callable[[], None]]:
    """Return what is done how many days ago."""
    named = [name for name, paper in editions.papers().items() if paper.per == "facility"]
    handed_in = {DAYS - 20 - 4 * number: _hand_in(name) for number, name in enumerate(named[:24])}
    attested = {DAYS - 22 - 4 * number: _attest(leaf) for number, leaf in enumerate(_attestable()[:24])}
    return {DAYS - 1: _first_day, **handed_in, **attested, 3: _except}


def live() -> None:
    """Live through the days up to today, judging each evening as the worker does."""
    today, work = clock.now(), _days()
    for ago in range(DAYS - 1, -1, -1):
        if ago in SILENT:
            continue
        with clock.use(clock.FixedClock(_evening(today, ago))):
            if ago in work:
                work[ago]()
            keep_current(actor=WORKER)
            make_overview(actor=WORKER)


def _evening(today: datetime, ago: int) -> datetime:
    return today - timedelta(days=ago, minutes=5)


if __name__ == "__main__":
    live()
    cookie = signed_in_cookie(Path(os.environ["SEKISHO_HOME"]), "鈴木 一郎", "management")
    sys.stdout.write(f"{cookie}\n")
