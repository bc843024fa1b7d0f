"""Clocks as they really are: real time servers, one host that is two minutes off, and what item 17③ says of it."""

from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry
from sekisho.governance.queries.conformance import SubjectVerdict, verdicts_of
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.checks import check_control
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.network.models import NewestSighting, Sighting
from sekisho.network.queries import ntp
from sekisho.network.services.clocks import add_time_source, observe_clocks, remove_time_source
from tests.conftest import actor_with
from tests.network.daemons import FAKETIME, chronyd, needs_chrony
from tests.network.listeners import PATIENCE, TimeServer
from tests.network.servers import LOOPBACK

pytestmark = [pytest.mark.django_db, pytest.mark.processes, needs_chrony]
OPERATOR = actor_with(Role.SYSTEM_OPERATOR)
JOB, CHECK = platform("job"), platform("check")
QUICK = ntp.Asking(samples=2, timeout=PATIENCE, gap=0.0)


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """One for each time server."""
    for name in "abcd":
        (tmp_path / name).mkdir()
    return tmp_path


def two_minutes_ahead(folder: Path) -> AbstractContextManager[int]:
    """Return a time server that is wrong: a real chronyd that is shown another time, where that can be done."""
    return chronyd(folder, 120) if FAKETIME else TimeServer(120).running()


def system(name: str, kind: str, port: int | None = None) -> Entry:
    """Register a system, with the time service of its server if it has one."""
    values = {"name": name, "kind": kind, "form": "on_premises", "holds_medical_information": True}
    row = add_entry(actor=OPERATOR, ledger=ledgers.SYSTEMS, values=values)
    if port:
        host = LOOPBACK if kind == "emr" else "127.1"  # two names, or it would be one host with one clock
        values = {"system": row, "host": host, "port": port, "protocol": "ntp", "exposure": "internal"}
        add_entry(actor=OPERATOR, ledger=ledgers.ENDPOINTS, values=values)
    return row


def ask_and_judge() -> None:
    """What the worker does in a day."""
    observe_clocks(actor=JOB, asking=QUICK)
    for control in ("network.clocks", "network.platform_clock"):
        check_control(actor=CHECK, control_id=control)
    update_verdicts(actor=platform("worker"))


def verdict(subject: Entry, requirement: str = "SO-17-3") -> SubjectVerdict:
    (found,) = verdicts_of(CURRENT, requirement, str(subject.pk))
    return found


def test_clocks_are_judged_by_what_answers(folders: Path) -> None:
    """Two sources agree: conforming. A host two minutes off: not. Gone, or with one source only: cannot tell."""
    with ExitStack() as sources, ExitStack() as wrong:
        ports = [sources.enter_context(chronyd(folders / name)) for name in "ab"]
        right = sources.enter_context(chronyd(folders / "c"))
        off = wrong.enter_context(two_minutes_ahead(folders / "d"))
        platform_row = system("関所", "platform")
        ehr, archive, silent = (
            system("電カル", "emr", off),
            system("PACS", "imaging", right),
            system("予約", "reservation"),
        )
        rows = [add_time_source(actor=OPERATOR, host=LOOPBACK, port=port) for port in ports]
        ask_and_judge()
        assert verdict(platform_row).verdict is Verdict.CONFORMING
        assert {proof["id"]: proof["state"] for proof in verdict(platform_row).proofs} == {
            "network.clocks": "holds",
            "network.platform_clock": "holds",
        }
        assert verdict(archive).verdict is Verdict.CONFORMING
        assert verdict(ehr).verdict is Verdict.NONCONFORMING
        assert verdict(silent).verdict is Verdict.CANNOT_TELL
        assert verdict(ehr, "SO-14-9-1a").verdict is Verdict.NONCONFORMING

        wrong.close()
        ask_and_judge()
        assert verdict(ehr).verdict is Verdict.CANNOT_TELL
        assert verdict(archive).verdict is Verdict.CONFORMING
        assert (Sighting.objects.count(), NewestSighting.objects.count()) == (8, 4)

        remove_time_source(actor=OPERATOR, source_id=rows[0].pk)
        ask_and_judge()
        for one in (platform_row, archive):
            assert verdict(one).verdict is Verdict.CANNOT_TELL, "one source alone cannot be checked"
