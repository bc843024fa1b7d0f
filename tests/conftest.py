"""What every test shares: a data directory of its own, and a cast of people."""

import gc

# What is loaded from here on stays until the end; looking through it for garbage takes a third of the start.
gc.disable()

import os
import tempfile
from typing import Any

# The settings are read at import, so the directory must be known before Django is set up.
_HOME = tempfile.mkdtemp(prefix="sekisho-test-")
_KEPT = {"SEKISHO_DATABASE_URL", "SEKISHO_OFFICIAL_TEXT"}
for _name in [name for name in os.environ if name.startswith("SEKISHO_") and name not in _KEPT]:
    del os.environ[_name]
os.environ["SEKISHO_HOME"] = _HOME

import shutil
from collections.abc import Callable, Iterator
from copy import copy
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.test.client import ClientHandler
from hypothesis import settings as hypothesis_settings

from sekisho.config.logs import configure
from sekisho.config.passwords import SmallArgon2Hasher
from sekisho.kernel import clock, text
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, ActorKind, platform

# Quiet, and through the standard library: a stream that pytest has closed by then must not be written to.
configure("text", "warning", "test")
FULL = "full"
hypothesis_settings.register_profile(FULL)
# Every run begins elsewhere, so what one normal run does not try another does; the full run tries a hundred at once.
hypothesis_settings.register_profile("normal", max_examples=50)
hypothesis_settings.load_profile("normal")
MORNING = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)  # 09:30 in Tokyo
PASSWORD = "asa no hikari 2026 mado"
SEED = bytes(range(20))


def examples(normal: int, full: int) -> int:
    """Return how many examples a slow property is tried with: ``full`` in the full run, else ``normal``."""
    return full if hypothesis_settings.get_current_profile_name() == FULL else normal


def pytest_addoption(parser: pytest.Parser) -> None:
    """For the run with the second database: tests without one would only be run twice."""
    parser.addoption("--only-database", action="store_true", help="leave out tests that use no database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what was asked for, and begin with what starts processes: few tests that take long, so never the last."""
    slow = {item.path for item in items if item.get_closest_marker("processes")}
    items.sort(key=lambda item: item.path not in slow)
    if config.getoption("--only-database"):
        kept = [item for item in items if _uses_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


def _uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    if item.get_closest_marker("processes"):  # they make their own instance, and most with its own SQLite
        return "server_database" in fixtures
    return item.get_closest_marker("django_db") is not None or not {"db", "transactional_db"}.isdisjoint(fixtures)


def pytest_sessionfinish() -> None:
    """Leave no directory behind."""
    shutil.rmtree(_HOME, ignore_errors=True)


def pytest_collection_finish() -> None:
    """From here on garbage is looked for again, but not in the tests and modules themselves."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _same_translator() -> Iterator[None]:
    """A test that speaks as the command line does must not change how the next one is spoken to."""
    before = text._translator
    yield
    text.set_translator(before)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A copy of the database that one process has migrated for all; a real file, with its locks and its journal."""
    from django.conf import settings
    from django.test import TransactionTestCase

    from tests.databases import copied_database, empty_what_is_filled

    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if worker else shared
    settings.DATABASES["default"].setdefault("TEST", {})
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        settings.DATABASES["default"]["TEST"]["NAME"] = str(shared / "test.sqlite3")
    TransactionTestCase._fixture_teardown = empty_what_is_filled
    with django_db_blocker.unblock(), copied_database(shared, worker or "alone"):
        yield


@pytest.fixture(scope="session", autouse=True)
def quiet_platform() -> None:
    """No process runs beside these tests, so the platform would say of itself that its register stands still."""
    from sekisho.config.queries import OwnTroubles

    OwnTroubles.troubles = lambda _self, _now: []  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def fewest_passes() -> None:
    """Argon2id takes its time on purpose; tests/config/test_passwords.py looks at what production takes."""
    SmallArgon2Hasher.time_cost = 1


@pytest.fixture(scope="session")
def hashed_password() -> str:
    """One hash serves the whole run."""
    return make_password(PASSWORD)


@pytest.fixture
def at_nine() -> Iterator[clock.FixedClock]:
    """A clock that stands at 09:30 on 2026-11-21 in Tokyo until it is moved."""
    with clock.use(clock.FixedClock(MORNING)) as fixed:
        assert isinstance(fixed, clock.FixedClock)
        yield fixed


class Ticking(clock.FixedClock):
    """A clock that moves on a little whenever it is asked: no two things happen at the same moment."""

    def now(self) -> datetime:
        """Return a later moment each time."""
        self.moment += timedelta(milliseconds=1)
        return self.moment


@pytest.fixture
def ticking() -> Iterator[Ticking]:
    """A clock that shows 09:30 on 2026-11-21 in Tokyo and goes on a millisecond at each look."""
    with clock.use(Ticking(MORNING)) as moving:
        assert isinstance(moving, Ticking)
        yield moving


def actor_with(*roles: Role, actor_id: str = "00000000-0000-7000-8000-000000000001") -> Actor:
    """Return a signed-in person with exactly these roles."""
    return Actor(ActorKind.PERSON, actor_id, "試験 太郎", frozenset(roles), assurance=2)


@pytest.fixture
def operator() -> Actor:
    """A system operator."""
    return actor_with(Role.SYSTEM_OPERATOR)


@pytest.fixture
def make_person(db: None, hashed_password: str) -> Callable[..., object]:
    """Return a function that makes a person with an account, a password and a second factor."""
    from django.conf import settings

    from sekisho.people.models import TotpSecret, User
    from sekisho.people.services.links import grant_roles
    from sekisho.people.services.sign_in import totp_context
    from sekisho.people.services.staff import PersonData, add_staff
    from sekisho.trust.sealing import seal

    def make(login: str, *roles: Role, name: str = "") -> User:
        staff = add_staff(PersonData(name=name or login, kana=""))
        grant_roles(staff, roles, "test")
        user = User.objects.create(staff=staff, login=login, password=hashed_password, created_at=clock.now())
        sealed = seal(settings.SEAL_KEY, SEED, totp_context(user.pk))
        TotpSecret.objects.create(user=user, sealed_seed=sealed, confirmed_at=clock.now())
        return user

    return make


@pytest.fixture(scope="session")
def handler() -> ClientHandler:
    """Middleware and all, built once: a visitor of one's own builds it anew and reads the static files."""
    handler = ClientHandler(enforce_csrf_checks=False)
    handler.load_middleware()
    return handler


@pytest.fixture
def browser_client(handler: ClientHandler) -> Callable[[], Client]:
    """Return a function that makes a visitor who speaks HTTPS to our host; nobody asks for secrets of forms."""

    def make() -> Client:
        client = Client(headers={"host": "localhost", "x-forwarded-proto": "https"})
        client.handler = copy(handler)  # whether it asks for secrets of forms is its own
        return client

    return make


@pytest.fixture
def signed_in(make_person: Callable[..., object], browser_client: Callable[[], Client]) -> Callable[..., Client]:
    """Return a function that makes a person with roles and gives their signed-in client."""
    from sekisho.kernel.ids import new_id
    from sekisho.people.models import User
    from sekisho.people.sessions import SessionStore

    def make(*roles: Role, login: str = "") -> Client:
        user = make_person(login or f"{roles[0].value if roles else 'nobody'}", *roles)
        assert isinstance(user, User)
        store = SessionStore()
        store.update(
            {
                "user_id": str(user.pk),
                "revision": user.revision,
                "public_id": str(new_id()),
                "assurance": 2,
                "signed_in_at": clock.now().isoformat(),
            }
        )
        store.save(must_create=True)
        client = browser_client()
        client.cookies["__Host-sekisho"] = store.session_key or ""
        client.user = user  # type: ignore[attr-defined]
        return client

    return make


@pytest.fixture
def platform_actor() -> Actor:
    """The platform itself."""
    return platform("test")


def code_now(seed: bytes = SEED, *, ahead: timedelta = timedelta(0)) -> str:
    """Return the one-time code of this moment."""
    from sekisho.trust.totp import STEP_SECONDS, code_at

    return code_at(seed, int((clock.now() + ahead).timestamp()) // STEP_SECONDS)


@pytest.fixture
def english(_same_translator: None, settings: Any) -> None:
    """Let texts be their English message ids and pages English, for tests that compare what is said."""
    settings.LANGUAGE_CODE = "en"
    text.set_translator(lambda msgid: msgid)
