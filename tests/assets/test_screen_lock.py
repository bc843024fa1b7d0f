"""12⑥ from the file of a terminal to the verdict: handed in, judged per group, grown old, settled otherwise."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from sekisho.assets.actions import ScreenLockAction
from sekisho.assets.controls import screen_lock
from sekisho.assets.errors import LockBoundUnfit, LockScopeUnsaid, LockSettingsFromTheFuture, ReasonUnsaid
from sekisho.assets.models import KeptLockSettings, LockBound
from sekisho.assets.services.screen_locks import hand_in_lock_settings, settle_lock_bound
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.checks import check_control
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import Forbidden, NotFound
from sekisho.ui.display import LANGUAGE_COOKIE
from tests.assets.approving import OPERATOR
from tests.assets.covering import add_system
from tests.assets.screen_lock_files import machine, registry, template, user
from tests.assets.test_device_groups import device, judged
from tests.conftest import Ticking, actor_with
from tests.people.test_passkeys import events

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking")]
TODAY = date(2026, 11, 21)
MANAGER = actor_with(Role.PLANNING_MANAGER)


def hand_in(group: str, content: bytes, of: Any = None, by: str = "", on: date = TODAY) -> KeptLockSettings:
    """Hand in a file."""
    return hand_in_lock_settings(
        actor=OPERATOR,
        group_id=group,
        device_id=of.pk if of else None,
        distributed_by=by,
        taken_on=on,
        content=content,
    )


def found(group: str) -> tuple[Outcome, dict[str, Any]]:
    """Return what the control says of a group."""
    (finding,) = (one for one in screen_lock.check() if one.subject.id == group)
    return finding.outcome, {**finding.facts, "observed_at": finding.observed_at}


@pytest.mark.failing_fixture("assets.screen_lock")
def test_one_terminal_that_stays_open_breaks_its_group(ticking: Ticking) -> None:
    """Untold without a file, broken by one bad file, mended by a new one, and old after a month."""
    system = add_system(OPERATOR)
    first, second = device("診察室1", "terminal", system), device("診察室2", "terminal", system)
    group, router = first.group_id, device("ルータ", "network", system).group_id
    assert found(group)[0] is Outcome.UNKNOWN
    assert found(router)[0] is Outcome.NOT_APPLICABLE
    hand_in(group, registry(machine(600)), first)
    outcome, facts = found(group)
    assert (outcome, facts["locked_in_time"], facts["not_told"]) == (Outcome.UNKNOWN, 1, ["診察室2"])
    hand_in(group, registry(machine(None), user(ScreenSaverIsSecure="0")), second)
    outcome, facts = found(group)
    assert (outcome, facts["not_locked_in_time"]) == (Outcome.FAIL, ["診察室2"])
    hand_in(group, template(900), second)
    assert found(group)[0] is Outcome.PASS
    check_control(actor=platform("worker"), control_id="assets.screen_lock")
    assert judged("SO-12-6")[1] == {group: Verdict.CONFORMING, router: Verdict.NOT_APPLICABLE}
    ticking.moment += timedelta(days=32)
    check_control(actor=platform("worker"), control_id="assets.screen_lock")
    assert judged("SO-12-6")[1][group] is Verdict.EXPIRED, "nobody exported them for a month"
    ticking.moment += timedelta(days=100)
    assert found(group)[0] is Outcome.UNKNOWN


def test_a_policy_for_all_proves_every_device_but_one_that_shows_otherwise() -> None:
    group = device("受付1", "terminal").group_id
    second = device("受付2", "terminal")
    hand_in(group, template(600), by="ドメインのグループポリシー「端末」")
    outcome, facts = found(group)
    assert (outcome, facts["devices_in_group"], facts["no_user_can_change_it"]) == (Outcome.PASS, 2, 2)
    hand_in(group, registry(machine(0), user(ScreenSaveActive="0")), second)
    hand_in(group, template(600), by="ドメインのグループポリシー「端末」")
    assert found(group)[1]["not_locked_in_time"] == ["受付2"], "the policy did not reach it"
    hand_in(group, template(600), second)
    assert found(group)[0] is Outcome.PASS


def test_the_day_of_the_export_counts_and_not_that_of_handing_in() -> None:
    terminal = device("受付", "terminal")
    hand_in(terminal.group_id, template(600), terminal, on=TODAY - timedelta(days=20))
    assert found(terminal.group_id)[1]["observed_at"] == datetime(2026, 10, 31, 15, tzinfo=UTC)
    with pytest.raises(LockSettingsFromTheFuture):
        hand_in(terminal.group_id, template(600), terminal, on=TODAY + timedelta(days=1))


def test_more_minutes_need_a_reason_and_fewer_are_kept_too() -> None:
    terminal = device("病棟", "terminal")
    group = terminal.group_id
    hand_in(group, template(1500), terminal)
    assert found(group)[0] is Outcome.UNKNOWN, "only the part of the machine was handed in"
    hand_in(group, registry(user(ScreenSaveActive="0")), terminal)
    assert found(group)[0] is Outcome.FAIL
    for minutes, reason, error in (
        (31, "共用", LockBoundUnfit),
        (0, "共用", LockBoundUnfit),
        (30, " 。", ReasonUnsaid),
    ):
        with pytest.raises(error):
            settle_lock_bound(actor=MANAGER, group_id=group, minutes=minutes, reason=reason)
    settle_lock_bound(actor=MANAGER, group_id=group, minutes=30, reason="共用端末。職員がICカードで閉じる。")
    outcome, facts = found(group)
    assert (outcome, facts["reason"]) == (Outcome.PASS, "共用端末。職員がICカードで閉じる。")
    settle_lock_bound(actor=MANAGER, group_id=group, minutes=5, reason="一人にしない部屋ではない")
    assert found(group)[0] is Outcome.FAIL
    assert [event["details"] for event in events(ScreenLockAction.SETTLE.value)] == [{"minutes": 30}, {"minutes": 5}]


def test_a_file_speaks_of_one_device_or_of_all_and_is_never_changed() -> None:
    system = add_system(OPERATOR)
    terminal, other = device("受付", "terminal", system), device("サーバ", "server", system)
    group = terminal.group_id
    for of, by in ((None, ""), (None, "。"), (other, ""), (terminal, "グループポリシー")):
        with pytest.raises(LockScopeUnsaid):
            hand_in(group, template(600), of, by)
    with pytest.raises(NotFound):
        hand_in("none.terminal", template(600), terminal)
    for role in (Role.STAFF, Role.AUDITOR):
        with pytest.raises(Forbidden):
            hand_in_lock_settings(
                actor=actor_with(role), group_id=group, device_id=terminal.pk, distributed_by="", taken_on=TODAY,
                content=b"",
            )  # fmt: skip
    with pytest.raises(Forbidden):
        settle_lock_bound(actor=OPERATOR, group_id=group, minutes=30, reason="自分で決める")
    kept = hand_in(group, template(600), terminal)
    assert (KeptLockSettings.objects.count(), LockBound.objects.count()) == (1, 0)
    table = KeptLockSettings._meta.db_table
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET reading = '{{}}'")
    assert b"MinimumPasswordLength" in template(600).replace(b"\0", b"")
    assert "MinimumPasswordLength" not in kept.reading


def test_from_the_page_of_a_group_to_its_result(signed_in: Callable[..., Client], english: None) -> None:
    """The operator hands in, the manager settles, the auditor looks; a wrong file is refused at its field."""
    system = add_system(OPERATOR)
    terminal = device("診察室1", "terminal", system, place="2階")
    device("ルータ", "network", system)
    page = reverse("assets:screen-lock", args=[terminal.group_id])
    client = signed_in(Role.SYSTEM_OPERATOR)
    client.cookies[LANGUAGE_COOKIE] = "en"
    text = client.get(reverse("assets:screen-locks")).content.decode()
    assert ("Cannot be told" in text, "Does not apply" in text) == (True, True)
    assert "Nothing has been handed in yet." in client.get(page).content.decode()

    def send(content: bytes, **fields: str) -> Any:
        file = SimpleUploadedFile("machine.reg", content)
        return client.post(f"{page}hand-in/", {"file": file, "taken_on": "R8.11.21", **fields})

    assert "Windows, both parts" in client.get(f"{page}hand-in/").content.decode()
    refused = send(b"MZ", device=str(terminal.pk))
    assert (refused.status_code, "The kind of file was not recognised." in refused.content.decode()) == (422, True)
    assert "Choose one device of this group" in send(template(600)).content.decode()
    assert send(registry(machine(600)), device=str(terminal.pk))["Location"] == page
    text = client.get(page).content.decode()
    assert "The screen locks after 10 minutes without use." in text
    assert "<code>InactivityTimeoutSecs</code> = <code>600</code>" in text
    manager = signed_in(Role.PLANNING_MANAGER)
    assert manager.post(f"{page}bound/", {"minutes": "5", "reason": "外来から見える"})["Location"] == page
    assert manager.post(f"{page}bound/", {"minutes": "45", "reason": "外来から見える"}).status_code == 422
    text = client.get(page).content.decode()
    assert ("Does not lock in time" in text or "Cannot be told" in text, "外来から見える" in text) == (True, True)
    auditor = signed_in(Role.AUDITOR)
    assert (auditor.get(page).status_code, auditor.get(f"{page}hand-in/").status_code) == (200, 403)
