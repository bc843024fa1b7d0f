"""What comes at a sign-in and its books from outside. Each point has its tests, here or where the thing is at home.

- Counter of a cloned authenticator: ``test_passkeys.py::test_a_counter_that_goes_back_holds_the_key``,
  ``test_locking.py::test_only_a_counter_that_grows_or_stays_out_of_use_is_right``.
- WebAuthn answer replayed or from a foreign origin: ``test_passkeys.py::test_an_answer_counts_once_soon_and_here``,
  ``trust/test_webauthn.py::test_answers_from_another_place_are_refused``.
- Parallel sign-ins at the limit of the lock: ``test_the_last_free_try_is_one_however_many_come_at_once``,
  ``test_sign_in.py::test_parallel_guesses_gain_nothing``,
  ``test_locks.py::test_a_code_that_is_being_used_is_not_used_again``.
- CSV in CP932 with 外字 (髙, 﨑): ``test_letters_of_names_survive_every_encoding``,
  ``test_id_review.py::test_a_list_is_read_in_found_faulty_reviewed_and_settled``.
- LDAP that says nothing, or too much: ``test_directories.py::test_a_server_that_says_nothing_is_given_up``,
  ``test_many_people_take_little_memory``, ``test_a_directory_larger_than_the_bound_is_given_up``.
- Skew of the clock for one-time codes: ``trust/test_totp.py::test_one_step_of_drift_is_accepted_and_no_more``,
  ``test_a_telephone_one_step_off_gets_in_and_two_do_not``.
- Enumeration by timing: ``test_an_unknown_name_costs_what_a_known_one_does``,
  ``test_sign_in.py::test_an_unknown_name_is_held_back_alike``.
"""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import pytest
from django.db import connections

from sekisho.config.passwords import PASSES, SmallArgon2Hasher
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import anonymous
from sekisho.people.errors.accounts import DirectoryTooLarge
from sekisho.people.errors.sign_in import CodeRefused, HeldBack, SignInRefused
from sekisho.people.models import AccountSource, User
from sekisho.people.rules.account_files import AccountColumns, read_accounts
from sekisho.people.rules.directories import Flavour, Security
from sekisho.people.rules.owners import Certainty, Person, index_staff, match
from sekisho.people.rules.softlocks import PASSWORD_SOFTLOCK
from sekisho.people.services import directories, sign_in
from sekisho.people.services.directories import fetch_accounts, seal_password
from sekisho.trust.totp import STEP_SECONDS, code_at
from tests.conftest import MORNING, SEED
from tests.people.directory_server import PASSWORD, directory, generate, slapd_runs
from tests.people.test_directories import settings_of

VISITOR = anonymous("10.1.2.3")
MANY, FEW = 50_000, 1_000
needs_slapd = pytest.mark.skipif(not slapd_runs(), reason="slapd is not here; scripts/debian-tools fetches it")
# ldap3 2.9.1 with a new pyasn1
old_names = pytest.mark.filterwarnings("ignore:t[a-z]+Map is deprecated:DeprecationWarning")


def tried(login: str = "suzuki", password: str = "wrong") -> str:
    """Try a password from one address, and return how it ended."""
    try:
        sign_in.verify_password(actor=VISITOR, login=login, password=password)
    except (SignInRefused, HeldBack) as error:
        return type(error).__name__
    return "passed"


@pytest.mark.django_db(transaction=True)
def test_the_last_free_try_is_one_however_many_come_at_once(make_person: Callable[..., User]) -> None:
    """Twelve browsers send a password at the same moment when one try is left: one is judged, right or wrong."""
    make_person("suzuki", Role.STAFF)
    with clock.use(clock.FixedClock(MORNING)):
        assert Counter(tried() for _each in range(PASSWORD_SOFTLOCK.free - 1)) == {"SignInRefused": 4}

        def one(_number: int) -> str:
            try:
                return tried()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(6) as pool:
            ended = Counter(pool.map(one, range(12)))
    assert ended == {"SignInRefused": 1, "HeldBack": 11}


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_letters_of_names_survive_every_encoding(encoding: str) -> None:
    """髙 and 﨑 as hospitals' programs write them find the person whom the staff list writes with 高 and 崎."""
    text = "ユーザーID,氏名,フリガナ\r\nt1,髙橋 一郎,ﾀｶﾊｼ ｲﾁﾛｳ\r\ny1,山﨑 花子,ﾔﾏｻﾞｷ ﾊﾅｺ\r\n"
    staff = [
        Person("1", "1001", "高橋 一郎", "タカハシ イチロウ", None),
        Person("2", "1002", "山崎 花子", "ヤマザキ ハナコ", None),
    ]
    columns = AccountColumns(login="ユーザーID", name="氏名", kana="フリガナ")
    seen = read_accounts(text.encode(encoding), columns)
    assert [one.name for one in seen.accounts] == ["髙橋 一郎", "山﨑 花子"]
    owners = [match(one, None, index_staff(staff)) for one in seen.accounts]
    assert [(owner.id if owner else None, how) for owner, how in owners] == [
        ("1", Certainty.NAME_AND_KANA),
        ("2", Certainty.NAME_AND_KANA),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("steps", "passes"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_one_step_off_gets_in_and_two_do_not(
    steps: int, passes: bool, make_person: Callable[..., User], at_nine: clock.FixedClock
) -> None:
    user = make_person("suzuki", Role.STAFF)
    step = int(clock.now().timestamp()) // STEP_SECONDS + steps
    try:
        sign_in.verify_code(actor=VISITOR, user_id=str(user.pk), code=code_at(SEED, step))
    except CodeRefused:
        assert not passes
    else:
        assert passes


@pytest.mark.django_db
def test_an_unknown_name_costs_what_a_known_one_does(
    make_person: Callable[..., User], at_nine: clock.FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In processor time, as a ratio and with the passes of production: no clock on the wall is asked."""
    monkeypatch.setattr(SmallArgon2Hasher, "time_cost", PASSES)
    sign_in._dummy_hash.cache_clear()
    user = make_person("suzuki", Role.STAFF)
    user.set_password("asa no hikari 2026 mado")
    user.save()
    costs: dict[str, list[float]] = {"suzuki": [], "nobody": []}
    for _round in range(3):
        for login, spent in costs.items():
            begun = time.process_time()
            assert tried(login) == "SignInRefused"
            spent.append(time.process_time() - begun)
            at_nine.moment += timedelta(hours=1)
    sign_in._dummy_hash.cache_clear()
    ratio = median(costs["nobody"]) / median(costs["suzuki"])
    assert 0.5 < ratio < 2, costs


def _fetched(people: int, home: Path) -> tuple[int, int]:
    """Return how many accounts came from a real server, and by how much fetching them raised the memory, in KiB."""
    source = AccountSource(system_id=MANY, sealed_password=seal_password(MANY, PASSWORD))
    with directory(home, [generate(people, date(2026, 11, 21), active_directory=False)]) as server:
        source.directory = settings_of(server, Flavour.OPENLDAP, Security.LDAPS).document()
        Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
        before = _high_water()
        return len(fetch_accounts(source).accounts), _high_water() - before


def _high_water() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


@needs_slapd
@old_names
@pytest.mark.parametrize("people", [FEW, pytest.param(MANY, marks=pytest.mark.full)])
def test_many_people_take_little_memory(people: int, tmp_path: Path) -> None:
    """What is kept of each is small, and the rest of their entries goes with its page: 2 KiB a head, 32 MiB beside."""
    number, rise = _fetched(people, tmp_path)
    assert number == people + 1
    assert rise < 32 * 1024 + people * 2


@needs_slapd
@old_names
def test_a_directory_larger_than_the_bound_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is taken over: half a list would make leavers of the other half."""
    monkeypatch.setattr(directories, "MOST_ENTRIES", 50)
    monkeypatch.setattr(directories, "PAGE", 20)
    with pytest.raises(DirectoryTooLarge):
        _fetched(120, tmp_path)
