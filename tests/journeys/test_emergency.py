"""A drill: the sealed account, alarm and banner, the return to normal, and what the controls say before and after."""

import io
from collections.abc import Callable
from datetime import timedelta

import pypdf
import pytest
from django.test import Client

from sekisho.estate.ledgers import FACILITY, SYSTEMS
from sekisho.estate.services import add_entry, add_platform
from sekisho.governance.models import Notice
from sekisho.governance.queries.conformance import verdicts_of
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.services.checks import check_control
from sekisho.governance.services.notices import look_for_notices
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.people.models import EmergencySeal, Session
from sekisho.people.services.emergency import SealPlan, make_seal
from sekisho.register.models import Event
from tests.conftest import actor_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
JOB = platform("job")
CONTROLS = ("people.emergency_account_use", "people.emergency_account_rotation")
LEAVES = ("SO-11-1-1", "SO-11-1-2", "SO-11-1-3")


def make_envelope(operator: Client) -> str:
    """Make a sealed credential as the operator does; return the secret, which stands in the paper only."""
    values = {"place": "Safe of the office", "roles": ["staff", "planning_manager"], "hours": "8", "check_days": "31"}
    answer = operator.post("/emergency/new/", values)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "no-store" in answer["Cache-Control"]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    seal = EmergencySeal.objects.latest("made_at")
    assert seal.number in text
    words = [word for word in text.split() if word.count("-") == 4]
    assert len(words) == 1
    assert words[0] not in str(list(EmergencySeal.objects.values()))
    return words[0]


def open_envelope(client: Client, number: str, secret: str, name: str = "佐藤 花子") -> int:
    """Sign in with what stands in the envelope."""
    values = {"number": number, "secret": secret, "name": name, "reason": "The sign-in service is down."}
    return client.post("/sign-in/emergency/", values).status_code


def judged() -> dict[str, dict[str, str]]:
    """Run the controls and judge; return the state of each proof about the platform that is not paper, by leaf."""
    for name in CONTROLS:
        check_control(actor=JOB, control_id=name)
    update_verdicts(actor=JOB)
    found = {}
    for leaf in LEAVES:
        proofs = [proof for row in verdicts_of(CURRENT, leaf) for proof in row.proofs]
        found[leaf] = {proof["id"]: proof["state"] for proof in proofs if proof["id"].startswith("people.")}
    return found


def test_a_drill(
    at_nine: clock.FixedClock, signed_in: Callable[..., Client], browser_client: Callable[[], Client]
) -> None:
    """Sealed account used, alarm, banner, register, return to normal, old secret refused, review, a new one."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    keeper = actor_with(Role.SYSTEM_OPERATOR)
    add_entry(actor=keeper, ledger=FACILITY, values={"name": "青葉クリニック", "kind": "clinic"})
    operator, manager, nurse = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.PLANNING_MANAGER), signed_in(Role.STAFF)
    before = judged()
    assert before["SO-11-1-1"]["people.emergency_accounts"] != "holds"
    secret = make_envelope(operator)
    seal = EmergencySeal.objects.get()
    page = f"/emergency/{seal.pk}/"
    assert judged()["SO-11-1-2"] == dict.fromkeys(
        ("people.emergency_account_use", "people.emergency_accounts"), "holds"
    )

    somebody = browser_client()
    assert open_envelope(somebody, "EA-001", "00000-00000-00000-00000-00000") == 401
    assert "is in use" not in nurse.get("/").content.decode()
    assert open_envelope(somebody, "ea-001", secret.lower().replace("-", " ")) == 302
    home = somebody.get("/").content.decode()
    assert "EA-001 (佐藤 花子)" in home
    assert all("EA-001 is in use since" in client.get("/").content.decode() for client in (somebody, nurse))
    assert look_for_notices(actor=JOB) > 0
    notice = Notice.objects.get(kind="emergency")
    assert (notice.urgency, notice.ended_at) == (2, None)
    assert all(f",{role}," in notice.roles for role in ("safety_manager", "planning_manager", "system_operator"))
    assert f"/emergency/{seal.pk}/" in operator.get("/notices/").content.decode()
    assert somebody.get("/people/").status_code == 200  # wider rights, each look recorded
    assert somebody.post(f"{page}check/", {"is_intact": "yes"}).status_code == 409  # and none over the envelopes
    at_nine.moment += timedelta(hours=1)
    assert judged()["SO-11-1-2"]["people.emergency_account_use"] == "unknown"

    use = seal.uses.get()
    event = Event.objects.filter(action="emergency.use", outcome="success").get()
    assert str(use.session) in event.entry
    assert "The sign-in service is down." in event.entry
    assert manager.post(f"{page}return/", {"reason": "The service answers again."}).status_code == 302
    assert somebody.get("/").status_code == 302
    assert not Session.objects.filter(user=seal.user).exists()
    assert "is in use" not in nurse.get("/").content.decode()
    assert open_envelope(browser_client(), "EA-001", secret) == 401
    assert Event.objects.filter(action="emergency.use", outcome="denied").count() == 1
    after = judged()
    assert after["SO-11-1-2"]["people.emergency_account_use"] == "fails"  # the old secret was tried: somebody has it
    assert after["SO-11-1-3"]["people.emergency_account_rotation"] == "holds"

    assert "Events of these sessions" in operator.get(page).content.decode()
    review = {"was_justified": "yes", "result": "Compared with the register: nothing else was done."}
    assert operator.post(f"{page}review/", review).status_code == 302
    renewal = SealPlan("Safe of the office", frozenset({Role.STAFF}), replaces=seal.pk)
    make_seal(actor=keeper, proved_at=clock.now(), plan=renewal)
    assert "/my/sign-in/proof/" in operator.get(f"{page}renew/").headers["Location"]  # an hour after the sign-in
    operator = signed_in(Role.SYSTEM_OPERATOR, login="back")
    twice = {"place": "x", "roles": ["staff"], "hours": "8", "check_days": "31"}
    assert operator.post(f"{page}renew/", twice).status_code == 409
    look_for_notices(actor=JOB)
    assert Notice.objects.get(kind="emergency").ended_at is not None
    at_nine.moment += timedelta(days=31)
    operator = signed_in(Role.SYSTEM_OPERATOR, login="later")
    again = EmergencySeal.objects.get(number="EA-002")
    assert operator.post(f"/emergency/{again.pk}/check/", {"is_intact": "yes"}).status_code == 302
    assert set(judged()["SO-11-1-2"].values()) == {"holds"}
    assert "EA-002" in operator.get("/emergency/").content.decode()
