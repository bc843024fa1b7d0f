"""Network devices and their configurations as services: who may, what is refused, and that no secret is ever stored."""

import hashlib
import json
import logging
import re
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.utils import DatabaseError

from sekisho.estate import ledgers
from sekisho.estate.services import close_entry
from sekisho.kernel.access import Role
from sekisho.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from sekisho.kernel.ids import new_id
from sekisho.kernel.wording import InvisibleCharacters
from sekisho.ledgers.errors import AppendOnlyViolation
from sekisho.ledgers.models import Submission
from sekisho.ledgers.services import approve, send_back
from sekisho.network.errors import (
    AnotherFile,
    DeviceClosed,
    DeviceIncomplete,
    DeviceNameTaken,
    LinkUnknown,
    NoConfiguration,
    ReasonMissing,
)
from sekisho.network.models import KeptConfiguration, NetworkDevice
from sekisho.network.queries.configurations import configurations_of, get_configuration, read_handed_in, standing_of
from sekisho.network.rules.drift import normalise
from sekisho.network.rules.readers.errors import ConfigurationTooLarge, NotText, UnknownConfiguration
from sekisho.network.services.configurations import amend_baseline, apply_for_baseline, hand_in_configuration
from sekisho.network.services.devices import DeviceData, add_device, change_device, close_device
from sekisho.register.models import Event
from sekisho.trust.derivation import derive_key
from tests.conftest import actor_with
from tests.network.configurations import SOUND, sample
from tests.network.network_devices import MANAGER, OPERATOR, SECRET, WEAK, add_link, device_for, hand_in, router

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
# Passwords and keys that stand in the samples, and what the tests put there.
SECRETS = (
    SECRET,
    "tanuki-no-hara-tsuzumi",
    "mizu-no-oto-17",
    "kitsune-no-yomeiri",
    "yuki-usagi-0304",
    "$1$kaeru",
)


def last_event() -> dict[str, Any]:
    """Return the newest event of the register."""
    document: dict[str, Any] = json.loads(Event.objects.latest("source_seq").entry)
    return document


def image() -> bytes:
    """Return a small picture."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk


RUBBISH: dict[str, tuple[bytes, type[InvalidInput]]] = {
    "empty": (b" \n", NotText),
    "utf-16": (router().encode("utf-16"), NotText),
    "image": (image(), NotText),
    "9 MiB": (router().encode() + b"#" * (9 * 2**20), ConfigurationTooLarge),
    "prose": ("本日の予定: 往診は午後から。\n".encode(), UnknownConfiguration),
    "another maker": (b"set version 20.4R3\nset system host-name fw\n", UnknownConfiguration),
    "neither encoding": (b"\x81", NotText),
}


@pytest.mark.parametrize("name", RUBBISH)
def test_what_is_no_configuration_is_refused_and_nothing_is_stored(name: str) -> None:
    content, error = RUBBISH[name]
    device = device_for()
    before = Event.objects.count()
    with pytest.raises(error) as refused:
        hand_in(device, content)
    assert str(refused.value.advice or refused.value.text)
    assert (KeptConfiguration.objects.count(), Event.objects.count()) == (0, before)


def test_shift_jis_is_read() -> None:
    """As Yamaha routers in Japan write it."""
    kept = hand_in(device_for(), router().encode("cp932"))
    assert kept.encoding == "Shift_JIS"
    assert "フレッツ光" in kept.normalised


@pytest.mark.parametrize("kind", SOUND)
def test_every_kind_is_kept_as_it_was_read(kind: str) -> None:
    """What is opened again is what was read, to the last line."""
    device = device_for()
    text = sample(kind)
    hand_in(device, text)
    reading, kept = read_handed_in(text.encode()), get_configuration(device, 1)
    assert (kept.configuration, kept.normalised) == (reading.configuration, normalise(reading))


def test_what_was_handed_in_is_written_down_with_the_hash_of_its_bytes() -> None:
    content = router().encode()
    kept = hand_in(device_for(), content)
    assert (kept.number, kept.sha256, kept.size) == (1, hashlib.sha256(content).hexdigest(), len(content))
    event = last_event()
    assert event["action"] == "network_device.hand_in"
    assert event["details"]["sha256"] == kept.sha256
    assert "ng 0" in event["details"]["levels"]
    assert hand_in(NetworkDevice.objects.get(), content).number == 2, "the same file later: seen anew"


def test_a_configuration_is_written_once() -> None:
    """In the model and in the database itself."""
    kept = hand_in(device_for(), router())
    with pytest.raises(AppendOnlyViolation):
        kept.save()
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE network_keptconfiguration SET sha256 = 'x'")


def test_only_the_file_that_was_looked_at_is_kept() -> None:
    device = device_for()
    with pytest.raises(AnotherFile):
        hand_in_configuration(actor=OPERATOR, device_id=device.pk, content=b"other", sha256="0" * 64)
    assert not KeptConfiguration.objects.exists()


def stored_bytes() -> bytes:
    """Return everything the database holds: every row of every table, and in SQLite the bytes of the file itself."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # names from the database's own list
            found += [repr(row) for row in cursor.fetchall()]
    if connection.vendor == "sqlite":
        found.append(connection.connection.serialize().decode("utf8", "surrogateescape"))
    return "\n".join(found).encode("utf8", "surrogateescape")


def test_no_secret_reaches_the_database(caplog: pytest.LogCaptureFixture) -> None:
    """Neither its rows nor, in SQLite, its file: configuration, drift, baseline, register. Nor any log."""
    caplog.set_level(logging.DEBUG)
    device = device_for(add_link())
    first = hand_in(device, router())
    approve_newest(device, first.number)
    hand_in(device, router(*WEAK))
    hand_in(device, router(*WEAK, ("yuki-usagi-0304", f"{SECRET}-2")))
    with pytest.raises(UnknownConfiguration):
        hand_in(device, f"password {SECRET}\n")
    held = stored_bytes()
    for secret in SECRETS:
        assert secret.encode() not in held, secret
        assert secret not in caplog.text, secret
    assert b"hmac-sha256:" in held, "the tokens are there"


def approve_newest(device: NetworkDevice, number: int) -> None:
    """Approve a configuration."""
    application = apply_for_baseline(actor=OPERATOR, device_id=device.pk, number=number, reason="業者が設定した")
    approve(actor=MANAGER, application_id=application, version=1)


def test_a_changed_secret_is_drift_and_the_same_is_none() -> None:
    """Because the key stays that of the installation."""
    device = device_for()
    approve_newest(device, hand_in(device, router()).number)
    hand_in(device, router())
    drift = standing_of(device).drift()
    assert drift is not None
    assert drift.changes == ()
    hand_in(device, router(("tanuki-no-hara-tsuzumi", SECRET)))
    drift = standing_of(device).drift()
    assert drift is not None
    assert [change.before.number for change in drift.changes if change.before] == [9]
    event = last_event()
    assert (event["details"]["drift"], event["details"]["baseline"]) == (1, 1)


def test_the_key_of_the_secrets_is_one_of_its_own() -> None:
    """RFC 5869, case 3 has no salt and no label; another label or key gives another key."""
    assert (
        derive_key(b"\x0b" * 22, "")
        .hex()
        .startswith("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")
    )
    keys = {derive_key(settings.SEAL_KEY, "a"), derive_key(settings.SEAL_KEY, "b"), settings.SEAL_KEY}
    assert len(keys) == 3


def test_a_device_is_added_changed_and_closed() -> None:
    """Each with its event; its lines stand there by name."""
    link, other = add_link(), add_link("検査会社")
    device = add_device(actor=OPERATOR, data=DeviceData(" ルーター ", "router", [str(link.pk)], "1階"))
    assert (device.name, device.version) == ("ルーター", 1)
    assert last_event()["details"]["changes"]["links"] == [None, ["連携薬局"]]
    data = DeviceData("ルーター", "vpn", [str(link.pk), str(other.pk)])
    changed = change_device(actor=OPERATOR, device_id=device.pk, version=1, data=data)
    assert (changed.kind, changed.version, sorted(changed.links)) == ("vpn", 2, sorted([str(link.pk), str(other.pk)]))
    with pytest.raises(Conflict):
        change_device(actor=OPERATOR, device_id=device.pk, version=1, data=data)
    close_device(actor=OPERATOR, device_id=device.pk, version=2, reason="交換した")
    assert last_event()["reason"] == "交換した"
    with pytest.raises(DeviceClosed):
        change_device(actor=OPERATOR, device_id=device.pk, version=3, data=data)
    with pytest.raises(DeviceClosed):
        hand_in(device, router())
    add_device(actor=OPERATOR, data=data)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (DeviceData("", "router"), DeviceIncomplete),
        (DeviceData("\u3000", "router"), DeviceIncomplete),
        (DeviceData("x" * 201, "router"), DeviceIncomplete),
        (DeviceData("x", "toaster"), DeviceIncomplete),
        (DeviceData("x", "router", note="x" * 2001), DeviceIncomplete),
        (DeviceData("x\u202e", "router"), InvisibleCharacters),
        (DeviceData("x", "router", ["00000000-0000-7000-8000-000000000000"]), LinkUnknown),
        (DeviceData("既存", "router"), DeviceNameTaken),
    ],
)
def test_a_bad_device_is_refused(data: DeviceData, error: type[InvalidInput]) -> None:
    device_for(name="既存")
    with pytest.raises(error):
        add_device(actor=OPERATOR, data=data)
    assert NetworkDevice.objects.count() == 1


def test_a_line_that_was_closed_since_may_stay_and_no_other_may_come() -> None:
    link, gone = add_link(), add_link("旧回線")
    device = device_for(link)
    for each in (link, gone):
        close_entry(actor=OPERATOR, ledger=ledgers.LINKS, entry_id=each.pk, version=1, reason="解約")
    kept = DeviceData("本院のルーター", "router", [str(link.pk)], "変更")
    assert change_device(actor=OPERATOR, device_id=device.pk, version=1, data=kept).note == "変更"
    with pytest.raises(LinkUnknown):
        new = DeviceData("本院のルーター", "router", [str(link.pk), str(gone.pk)])
        change_device(actor=OPERATOR, device_id=device.pk, version=2, data=new)


Act = Callable[[Any, NetworkDevice], object]
ACTS: dict[str, tuple[Act, set[Role]]] = {
    "add": (lambda actor, _device: add_device(actor=actor, data=DeviceData("新", "router")), {Role.AUDITOR}),
    "hand in": (lambda actor, device: hand_in(device, router(), actor=actor), {Role.PLANNING_MANAGER, Role.STAFF}),
    "apply": (
        lambda actor, device: apply_for_baseline(actor=actor, device_id=device.pk, number=1, reason="理由"),
        {Role.PLANNING_MANAGER, Role.MANAGEMENT},
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_who_may_not_is_refused(name: str) -> None:
    act, roles = ACTS[name]
    device = device_for()
    for role in roles:
        with pytest.raises(Forbidden):
            act(actor_with(role), device)


def test_a_baseline_is_applied_for_sent_back_mended_and_approved() -> None:
    """For the configuration that was looked at; one that came in meanwhile is not approved unseen."""
    device = device_for()
    with pytest.raises(NoConfiguration):
        apply_for_baseline(actor=OPERATOR, device_id=device.pk, number=0, reason="理由")
    hand_in(device, router())
    with pytest.raises(ReasonMissing):
        apply_for_baseline(actor=OPERATOR, device_id=device.pk, number=1, reason=" … ")
    application = apply_for_baseline(actor=OPERATOR, device_id=device.pk, number=1, reason="納品時の設定")
    send_back(actor=MANAGER, application_id=application, version=1, comment="工事の番号を書いてください")
    hand_in(device, router(("192.168.20.0/24", "192.168.21.0/24")))
    with pytest.raises(Conflict):
        amend_baseline(actor=OPERATOR, application_id=application, version=2, number=1, reason="工事123")
    amend_baseline(actor=OPERATOR, application_id=application, version=2, number=2, reason="工事123")
    assert standing_of(device).baseline is None, "it counts once it is approved"
    approve(actor=MANAGER, application_id=application, version=3)
    baseline = standing_of(device).baseline
    assert baseline is not None
    assert (baseline.kept.number, baseline.approval.approved_by) == (2, MANAGER.name)
    content = json.loads(Submission.objects.latest("submitted_at", "number").content)
    assert (content["reason"], content["firmware"]) == ("工事123", "RTX1220 Rev.15.04.06")


def test_what_was_closed_meanwhile_is_not_approved() -> None:
    device = device_for()
    hand_in(device, router())
    application = apply_for_baseline(actor=OPERATOR, device_id=device.pk, number=1, reason="納品時の設定")
    close_device(actor=OPERATOR, device_id=device.pk, version=1, reason="撤去")
    with pytest.raises(DeviceClosed):
        approve(actor=MANAGER, application_id=application, version=1)


def test_no_application_of_another_kind_is_mended_here() -> None:
    with pytest.raises(NotFound):
        amend_baseline(actor=OPERATOR, application_id=new_id(), version=1, number=1, reason="理由")


def test_the_history_is_paged() -> None:
    """Monthly for years."""
    device = device_for()
    for _number in range(3):
        hand_in(device, router())
    assert [row.number for row in configurations_of(device).object_list] == [3, 2, 1]


def test_the_read_model_and_the_lines_hold_no_long_word_that_is_no_token() -> None:
    """A secret cannot hide as a hash either: what follows a telling word is always a token."""
    kept = hand_in(device_for(), router(*WEAK))
    assert re.search(r"pre-shared-key 1 text hmac-sha256:[0-9a-f]{32}", kept.normalised)
