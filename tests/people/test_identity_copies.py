"""Copies of identity documents and sealed prints: what is kept is sealed, opened as an event, and destroyed in time."""

import io
import json
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import timedelta

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.people.jobs import copies
from sekisho.people.ledgers.resets import credential_resets
from sekisho.people.models import AccountReset, IdentityCopy, OneTimeLink, User
from sekisho.people.rules.identity_copies import LARGEST, CopyKind, CopyRefused, cleaned_copy
from sekisho.people.views import reset_paper
from sekisho.register.models import Event
from sekisho.ui.paper import PaperFailed

pytestmark = pytest.mark.usefixtures("english")  # what people read is compared in the language of the ids

HIDDEN = b"GPS 35.6895 139.6917"


def jpeg(*extra: bytes) -> bytes:
    """Return a JPEG as far as its segments go: JFIF, what a camera adds, a scan, its end."""
    parts = (b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9), *extra, b"\xff\xda\0\x02picture\xff\xd9")
    return b"\xff\xd8" + b"".join(parts)


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"\x89PNG\r\n\x1a\n" + b"".join(
    (
        chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        chunk(b"tEXt", b"Comment\0" + HIDDEN),
        chunk(b"eXIf", HIDDEN),
        chunk(b"IDAT", zlib.compress(b"\0\0")),
        chunk(b"IEND", b""),
    )
)
JPEG = jpeg(segment(0xE1, b"Exif\0\0" + HIDDEN), segment(0xFE, HIDDEN), segment(0xDB, b"table"))


def test_what_a_camera_adds_is_cut_off() -> None:
    """Place, time and previews go; what the picture is made of stays, byte for byte."""
    assert cleaned_copy(JPEG) == (CopyKind.JPEG, jpeg(segment(0xDB, b"table")))
    kind, data = cleaned_copy(PNG + HIDDEN)
    assert (kind, HIDDEN in data, b"IDAT" in data, data.endswith(PNG[-12:])) == (CopyKind.PNG, False, True, True)
    assert cleaned_copy(b"%PDF-1.7\n...\n%%EOF\n")[0] is CopyKind.PDF


@pytest.mark.parametrize("data", [b"", b"MZ", b"<html>", JPEG[:25], PNG[:40], b"%PDF-1.7", JPEG + bytes(LARGEST)])
def test_what_is_no_copy_is_refused(data: bytes) -> None:
    with pytest.raises(CopyRefused):
        cleaned_copy(data)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(st.sampled_from([JPEG, PNG]), st.integers(0, 120), st.binary(max_size=8))
def test_no_bytes_break_the_cleaning(whole: bytes, place: int, put: bytes) -> None:
    try:
        cleaned_copy(whole[:place] + put + whole[place + len(put) :])
    except CopyRefused as error:
        said = error.code
    else:
        said = "people.identity_copy_taken"
    assert said.startswith("people.identity_copy")


SCAN = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\x00\xff\xd0\x34"  # with a byte FF and a restart in it


def test_what_stands_behind_the_first_scan_is_cut_off_too() -> None:
    """Between scans, behind the end (a second picture, MPF), a preview in APP0: places and times hide there as well."""
    hidden = segment(0xE1, HIDDEN) + segment(0xFE, HIDDEN) + segment(0xEE, b"Adobe" + HIDDEN)
    kept = jpeg()[:20] + SCAN + segment(0xC4, b"table") + b"\xff" + SCAN + b"\xff\xd9"
    begin = jpeg()[:20] + segment(0xE0, b"JFXX\0" + HIDDEN)
    whole = begin + SCAN + hidden + segment(0xC4, b"table") + b"\xff" + SCAN + hidden + b"\xff\xd9" + JPEG + HIDDEN
    assert cleaned_copy(whole) == (CopyKind.JPEG, kept.replace(b"\xff\xff\xda", b"\xff\xda"))
    for wrong in (whole[:60], begin + SCAN + segment(0xDB, b"table"), begin + b"\xff\xd9"):
        with pytest.raises(CopyRefused):
            cleaned_copy(wrong)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff\xd0" * (LARGEST // 2 - 4) + b"\xff\xda",
        b"\xff\xd8" + b"\xff\x01" * (LARGEST // 2 - 4),
        b"\xff\xd8" + segment(0xDB, b"") * (LARGEST // 4 - 4),
        b"\xff\xd8" + b"\xff" * (LARGEST - 4),
        PNG[:33] + chunk(b"IDAT", b"") * (LARGEST // 12 - 4),
    ],
    ids=["restarts", "TEM", "segments", "filling", "chunks"],
)
def test_many_small_parts_cost_little_memory(data: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(CopyRefused):
        cleaned_copy(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < LARGEST


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_a_copy_from_the_form_to_its_end(signed_in: Callable[..., Client], at_nine: clock.FixedClock) -> None:
    """Attached, sealed at rest, seen in list and ledger, opened by few and on record, destroyed by the job."""
    operator, nurse = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.STAFF)
    user: User = nurse.user  # type: ignore[attr-defined]
    address = f"/people/{user.staff_id}/accounts/{user.pk}/reset/"
    values = {"proof": "official", "document": "運転免許証", "reason": "忘れた", "telling": "link", "keep_days": "30"}
    wrong = {**values, "copy": SimpleUploadedFile("x.exe", b"MZ")}
    assert operator.post(address, wrong).status_code == 422
    assert not AccountReset.objects.exists()
    assert operator.post(address, {**values, "copy": SimpleUploadedFile("x.jpg", JPEG)}).status_code == 302
    row = IdentityCopy.objects.get()
    assert b"table" not in bytes(row.sealed or b"")
    assert [member.label for member in credential_resets()] == [f"{user.login} ({row.reset.number}, JPEG -2026-12-21)"]
    listed = operator.get("/people/set-up-anew/").content.decode()
    assert row.reset.number in listed
    take = f"/people/set-up-anew/{row.reset_id}/copy/"
    assert take in listed
    answer = operator.post(take)
    assert answer.content == cleaned_copy(JPEG)[1]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    auditor = signed_in(Role.AUDITOR)
    assert take not in auditor.get("/people/set-up-anew/").content.decode()
    assert auditor.post(take).status_code in {403, 404}
    assert Event.objects.filter(action="identity_copy.open", entry__contains=row.reset.number).count() == 1
    at_nine.moment += timedelta(days=30)
    copies.run()
    row.refresh_from_db()
    assert row.sealed is not None, "its last day"
    at_nine.moment += timedelta(days=1)
    copies.run()
    copies.run()
    row.refresh_from_db()
    assert (row.sealed, row.destroyed_at) == (None, at_nine.moment)
    assert Event.objects.filter(action="identity_copy.destroy").count() == 1
    operator = signed_in(Role.SYSTEM_OPERATOR, login="later")
    assert operator.post(take).status_code == 404
    assert "Destroyed" in operator.get("/people/set-up-anew/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_identitycopy WHERE sealed IS NOT NULL")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_a_sealed_print_holds_the_link_and_nothing_else_does(
    signed_in: Callable[..., Client], browser_client: Callable[[], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One paper with name, number and link; no page shows the link; a paper that fails takes its link with it."""
    operator, nurse = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.STAFF)
    user: User = nurse.user  # type: ignore[attr-defined]
    address = f"/people/{user.staff_id}/accounts/{user.pk}/reset/"
    values = {"proof": "seen", "reason": "忘れた", "telling": "print"}
    answer = operator.post(address, values)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]
    document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    assert len(document) == 1
    said = document[0].get_textpage().get_text_range().replace("\r\n", "")
    row = AccountReset.objects.get()
    assert row.number in said
    assert user.staff.name in said
    token = said.split("/invitation/")[1].split("/")[0]
    assert operator.get(f"{address}link/").context["address"] == ""
    assert token not in json.dumps([event.entry for event in Event.objects.all()])
    assert row.link.expires_at - row.done_at == timedelta(hours=24)
    assert browser_client().get(f"/invitation/{token}/").status_code in {200, 302}

    def fail(*_data: object) -> bytes:
        raise PaperFailed

    monkeypatch.setattr(reset_paper, "make_pdf", fail)
    assert operator.post(address, values).status_code == 503
    assert not OneTimeLink.objects.filter(used_at=None, revoked_at=None).exists()
