"""Open ports and strange devices as they really are: listeners come and go, and the items of the guideline follow."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.estate.models import Entry
from sekisho.governance.queries.conformance import SubjectVerdict, verdicts_of
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.checks import check_control
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.clock import FixedClock
from sekisho.network.models import RegisteredRange, RequestedSweep
from sekisho.network.rules.exposure_profile import Vantage
from sekisho.network.services.exposure import observe_exposure
from sekisho.network.services.sweeps import run_requested_sweeps
from tests.network import exposure as here
from tests.network.exposure import FAST, JOB, TELNET
from tests.network.listeners import Listener, says, silent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
CHECK = platform("check")
CONTROLS = ("network.exposure", "network.unregistered_devices")
SignedIn = Callable[..., Client]


def judge() -> None:
    """What the worker does after a look."""
    for control in CONTROLS:
        check_control(actor=CHECK, control_id=control)
    update_verdicts(actor=platform("worker"))


def state(requirement: str, subject: Entry, control: str = "network.exposure") -> str:
    """Return what a control says of an item for a subject."""
    return next(proof["state"] for proof in verdict(requirement, subject).proofs if proof["id"] == control)


def verdict(requirement: str, subject: Entry) -> SubjectVerdict:
    (found,) = verdicts_of(CURRENT, requirement, str(subject.pk))
    return found


def test_a_telnet_port_comes_and_goes(signed_in: SignedIn, at_nine: FixedClock) -> None:
    """Open: 7⑫, 10④ and 13⑤ fail. Closed: as far as proven from inside. Seen from outside: the control holds."""
    host = "127.0.9.65"
    line, emr = here.line("院内LAN"), here.system("電子カルテ")
    client = signed_in(Role.SYSTEM_OPERATOR)
    items = (("SO-7-12", emr), ("SO-10-4", emr), ("SO-13-5", line))
    with Listener(silent, host).running() as port:
        here.endpoint(emr, host, port, line, "open", "other")
        with Listener(says(b"\xff\xfd\x18login: "), host, TELNET).running():
            observe_exposure(actor=JOB, limits=FAST)
        judge()
        assert {state(*item) for item in items} == {"fails"}
        assert {verdict(*item).verdict for item in items} == {Verdict.NONCONFORMING}
        assert "Telnet" in client.get(reverse("network:exposure")).content.decode()

        at_nine.moment += timedelta(days=1)
        observe_exposure(actor=JOB, limits=FAST)
        judge()
        assert {state(*item) for item in items} == {"unknown"}, "nobody looked from outside"
        assert "Telnet" not in client.get(reverse("network:exposure")).content.decode()

        here.see(here.look(host, (port,), Vantage.OPEN))
        judge()
        assert {state(*item) for item in items} == {"holds"}
    at_nine.moment += timedelta(days=8)
    judge()
    assert {state(*item) for item in items} == {"stale"}


def test_a_sweep_from_leave_to_result(signed_in: SignedIn) -> None:
    """The manager allows, the operator starts, the worker sweeps: a listener that nobody registered stands there."""
    line = here.line("院内LAN")
    emr = here.system("電子カルテ")
    manager, operator = signed_in(Role.PLANNING_MANAGER), signed_in(Role.SYSTEM_OPERATOR)
    values = {"network": "127.0.9.72/29", "label": "受付", "zone": "general", "line": str(line.pk), "note": ""}
    operator.post(reverse("network:new-range"), values)
    found = RegisteredRange.objects.get()
    start, permit = (reverse(f"network:{name}", args=[found.pk]) for name in ("start-sweep", "new-permit"))
    operator.post(start)
    assert operator.post(permit, {"reason": "点検", "until": "2026/11/25"}).status_code == 403
    assert manager.post(start).status_code == 403
    assert not RequestedSweep.objects.exists()
    manager.post(permit, {"reason": "点検", "until": "2026/11/25"})
    operator.post(start)
    row = RequestedSweep.objects.get()
    with Listener(says(b"login: "), "127.0.9.75", TELNET).running():
        run_requested_sweeps(actor=JOB, limits=FAST)
    judge()
    assert state("SO-13-5", line, "network.unregistered_devices") == "fails"
    text = operator.get(reverse("network:sweep", args=[row.pk])).content.decode()
    assert "127.0.9.75" in text
    assert "login: " in text
    # Once all six addresses of the range are somebody's, nobody is strange there.
    for number in range(73, 79):
        here.endpoint(emr, f"127.0.9.{number}", TELNET, line)
    judge()
    assert state("SO-13-5", line, "network.unregistered_devices") == "holds"


def test_sweeps_are_work_of_the_worker() -> None:
    """Both jobs run apart: neither keeps the worker waiting."""
    jobs = {job.id: job for job in registry.current().jobs}
    assert jobs["network.observe_exposure"].apart
    assert (jobs["network.sweep"].apart, jobs["network.sweep"].every) == (True, timedelta(minutes=1))
