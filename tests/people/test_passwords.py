"""What a new password must be: nothing a stranger guesses, nothing from a breach, none of the last; kept as data."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.access import Role
from sekisho.kernel.actor import anonymous
from sekisho.people.errors.sign_in import BreachListUnreadable, PasswordBreached, PasswordReused
from sekisho.people.models import FormerPassword, User
from sekisho.people.queries.breached import is_breached
from sekisho.people.rules.password_profiles import CHECKLIST_R7, MHLW_7_0, Lack, PasswordSettings, lacks
from sekisho.people.rules.passwords import PasswordTooWeak
from sekisho.people.rules.romaji import spellings, words_about
from sekisho.people.services.passwords import REMEMBERED, require_good_password
from sekisho.people.services.passwords import remember_password as remember
from sekisho.people.services.sign_in import change_password, verify_password
from tests.conftest import PASSWORD, actor_with


@pytest.mark.parametrize(
    ("kana", "expected"),
    [
        ("サトウ", {"satou", "sato"}),
        ("ｼﾝｼﾞ", {"sinzi", "shinji"}),
        ("りょうこ", {"ryouko", "ryoko"}),
        ("チャッピー", {"tyappi", "chappi"}),
        ("ホッタ", {"hotta"}),
        ("ジュンコ", {"zyunko", "junko"}),
        ("Anna", {"anna"}),
    ],
)
def test_readings_are_known_in_romaji(kana: str, expected: set[str]) -> None:
    assert expected <= spellings(kana)


@given(st.text(max_size=30))
def test_any_reading_gives_words(kana: str) -> None:
    """Whatever was typed: nothing raises, and nothing grows without bound."""
    assert all(len(word) <= 4 * len(kana) + 4 for word in spellings(kana))


@pytest.mark.parametrize("guess", ["yamada", "hanako", "123456", "山田", "midori"])
def test_what_is_known_of_somebody_is_refused(guess: str) -> None:
    about = words_about(login="yama", name="山田 花子", kana="ヤマダ ハナコ", staff_number="123456")
    with pytest.raises(PasswordTooWeak):
        require_good_password(f"{guess} no kumo 77 to", about=(*about, "midori"), user=None)


@given(st.sets(st.text(min_size=1, max_size=12), min_size=1, max_size=60), st.text(max_size=12))
def test_the_breach_list_is_searched_as_a_set(tmp_path_factory: Any, listed: set[str], other: str) -> None:
    """Every password of the list is found, and no other; with and without counts and a last line end."""
    path = tmp_path_factory.getbasetemp() / "breached.txt"
    lines = sorted(hashlib.sha1(one.encode(), usedforsecurity=False).hexdigest().upper() for one in listed)
    for text in ("\n".join(lines), "".join(f"{line}:{len(lines)}\r\n" for line in lines)):
        path.write_bytes(text.encode())
        assert all(is_breached(one, path) for one in listed)
        assert is_breached(other, path) == (other in listed)


def test_a_list_that_is_none_is_said(tmp_path: Path) -> None:
    """Empty, another kind of file, not there: never taken for "not breached"."""
    for content in (b"", b"hello\nworld\n"):
        (tmp_path / "list").write_bytes(content)
        with pytest.raises(BreachListUnreadable):
            is_breached("x", tmp_path / "list")
    with pytest.raises(BreachListUnreadable):
        is_breached("x", tmp_path / "nowhere")


@pytest.mark.django_db
def test_breached_and_former_passwords_are_refused(
    make_person: Callable[..., User], settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The present one and the last ones do not come back; older ones may."""
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)
    user = make_person("yamada", Role.STAFF)
    bad = "kumo no ue 2026 ame"
    digest = hashlib.sha1(bad.encode(), usedforsecurity=False).hexdigest().upper()
    (tmp_path / "list").write_text(f"{digest}:7\n")
    settings.BREACHED_PASSWORDS = tmp_path / "list"
    actor = actor_with(Role.STAFF, actor_id=str(user.pk))
    with pytest.raises(PasswordBreached):
        change_password(actor=actor, present=PASSWORD, new=bad, about=())
    with pytest.raises(PasswordReused):
        change_password(actor=actor, present=PASSWORD, new=PASSWORD, about=())
    change_password(actor=actor, present=PASSWORD, new="kumo no ue 1 hare", about=())
    with pytest.raises(PasswordReused):
        change_password(actor=actor, present="kumo no ue 1 hare", new=PASSWORD, about=())
    user.refresh_from_db()
    for _turn in range(REMEMBERED + 2):
        remember(user)
    assert FormerPassword.objects.count() == REMEMBERED - 1


@pytest.mark.django_db
def test_an_old_hash_is_made_anew_at_the_sign_in(
    make_person: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the parameters of today; the session stays, and a wrong password changes nothing."""
    user = make_person("yamada", Role.STAFF)
    old = Argon2PasswordHasher()
    old.memory_cost, old.time_cost, old.parallelism = 64, 1, 1
    User.objects.filter(pk=user.pk).update(password=old.encode(PASSWORD, "saltsaltsalt"))
    before = User.objects.get(pk=user.pk)
    verify_password(actor=anonymous("192.0.2.1"), login="yamada", password=PASSWORD)
    after = User.objects.get(pk=user.pk)
    assert "m=64," in before.password
    assert "m=19456," in after.password
    assert (after.revision, check_password(PASSWORD, after.password)) == (before.revision, True)


@pytest.mark.parametrize(
    ("settings", "guideline", "checklist"),
    [
        (PasswordSettings(True, 8, None, True, False), [], []),
        (PasswordSettings(False, 8, None, True, False), [Lack.TOO_SHORT], [Lack.TOO_SHORT, Lack.NO_REGULAR_CHANGE]),
        (PasswordSettings(False, 8, None, True, True), [Lack.TOO_SHORT], [Lack.NO_REGULAR_CHANGE]),
        (PasswordSettings(False, 8, None, True, True, 60), [Lack.TOO_SHORT, Lack.FORCED_CHANGE], []),
        (PasswordSettings(False, 13, 16, True, False), [], []),
        (PasswordSettings(False, 8, 8, True, False), [Lack.TOO_SHORT, Lack.CANNOT_BE_LONGER], None),
        (PasswordSettings(True, None, None, True, False), [Lack.UNKNOWN], [Lack.UNKNOWN]),
        (PasswordSettings(True, 8, None, False, False), [Lack.NO_MIX], [Lack.NO_MIX]),
        (PasswordSettings(True, 8, None, True, False, 90, 3), [Lack.FORCED_CHANGE, Lack.PIN_TOO_SHORT], None),
    ],
)
def test_a_system_is_held_against_the_profiles(
    settings: PasswordSettings, guideline: list[Lack], checklist: list[Lack] | None
) -> None:
    assert lacks(MHLW_7_0, settings) == guideline
    if checklist is not None:
        assert lacks(CHECKLIST_R7, settings) == checklist
