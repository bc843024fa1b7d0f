"""Discovery: what apps declare is found; everything wrong is reported at once, with its file."""

import sys
from pathlib import Path

import pytest

from sekisho.kernel.declarations import Group
from sekisho.kernel.registry import DeclarationsInvalid, NotDiscovered, Registry, discover, discover_pages

GOOD = {
    "actions.py": """
from sekisho.kernel.access import Action, Role
from sekisho.kernel.text import _
class Deed(Action):
    LOOK = ("thing.look", _("Look"), {Role.STAFF})
""",
    "urls.py": """
from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _
from {package}.actions import Deed
pages = (Page("thing.list", _("Things"), "thing:list", Group.CLIENT, Deed.LOOK),)
""",
    "jobs.py": """
from datetime import timedelta
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _
sweep = Job("thing.sweep", _("Sweep"), lambda: None, timedelta(hours=1))
""",
    "ledgers.py": """
from datetime import timedelta
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Ledger, Member, Workflow
from sekisho.kernel.text import _
things = Ledger(
    "thing.things", _("Things"), dict, (Column("name", _("Name")),), Role.STAFF, timedelta(days=365),
    ("SO-14-6-4", "SO-14-9-1a"),
)
named = Coverage("thing.named", _("Named things"), _("Things"), lambda: [Member(frozenset({"1"}), "one")])
lending = Workflow(
    "thing.lending", _("Lending"), frozenset({Role.STAFF}), frozenset({Role.PLANNING_MANAGER}), lambda content: (),
    "thing:amend",
)
""",
    "queries.py": """
from sekisho.kernel.declarations import Provider
from sekisho.kernel.ports import ReferenceTable
class Table:
    name, columns = "things", ("id",)
    def rows(self): return iter(())
table = Provider(ReferenceTable, Table())
""",
    "controls/__init__.py": "",
    "controls/locked.py": """
from datetime import timedelta
from sekisho.kernel.declarations import Control, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
control = Control(
    "thing.locked", _("Locked"), SubjectKind.SYSTEM, lambda: iter(()), timedelta(hours=1), Severity.HIGH, _("Lock it")
)
""",
}

UNDECLARED = """
from sekisho.kernel.access import Action, Role
class Other(Action):
    LOOK = ("other.look", _("Look"), {Role.STAFF})
Other.__module__ = "elsewhere"
"""


@pytest.fixture
def make_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> object:
    """Return a function that writes an app of its own name and returns that name."""
    monkeypatch.syspath_prepend(str(tmp_path))
    count = 0

    def make(files: dict[str, str]) -> str:
        nonlocal count
        count += 1
        package = f"thing_{abs(hash(request.node.nodeid))}_{count}"
        for name, source in {"__init__.py": "", **files}.items():
            path = tmp_path / package / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(source.replace("{package}", package))
        return package

    yield make
    for name in [name for name in sys.modules if name.startswith("thing_")]:
        del sys.modules[name]


def test_everything_declared_is_found(make_app) -> None:  # type: ignore[no-untyped-def]
    """One of each."""
    found = discover([make_app(GOOD)])
    kinds = ("actions", "pages", "jobs", "ledgers", "coverages", "workflows", "providers", "controls")
    assert [len(getattr(found, name)) for name in kinds] == [1] * len(kinds)
    assert found.pages[0].group is Group.CLIENT
    assert found.action("thing.look") is found.actions[0]
    assert found.action("thing.other") is None
    assert found.workflow("thing.lending") is found.workflows[0]
    assert found.workflow("thing.other") is None
    assert [member.label for member in found.coverages[0].measure()] == ["one"]


def test_an_app_may_declare_nothing(make_app) -> None:  # type: ignore[no-untyped-def]
    """Every module is optional."""
    package = make_app({})
    assert discover([package]) == Registry(packages=(package,))
    assert discover([package]).pages == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("actions.py", "thing.look", "Thing Look", "not of the form"),
        ("urls.py", "Deed.LOOK)", "Other.LOOK)", "no app declares"),
        ("jobs.py", "hours=1", "milliseconds=5", "more often than once a second"),
        ("ledgers.py", "SO-14-6-4", "14(6)", "no requirement id"),
        ("ledgers.py", '(Column("name", _("Name")),)', "()", "has no columns"),
        ("ledgers.py", "thing.named", "Named", "not of the form"),
        ("ledgers.py", "thing.lending", "lending", "not of the form"),
        ("ledgers.py", "frozenset({Role.PLANNING_MANAGER})", "frozenset()", "approved by nobody"),
        ("ledgers.py", "frozenset({Role.STAFF})", "frozenset()", "submitted or approved by nobody"),
        ("queries.py", "def rows", "def other", "does not fulfil ReferenceTable"),
        ("controls/locked.py", "thing.locked", "thing.open", "named after its file"),
        ("jobs.py", "from datetime", "from nowhere_at_all", "does not import"),
    ],
)
def test_each_fault_is_named_with_its_file(make_app, file: str, old: str, new: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    """The operator's developer finds the place."""
    files = dict(GOOD)
    files[file] = files[file].replace(old, new)
    if "Other.LOOK" in new:
        files[file] = files[file].replace("pages = ", UNDECLARED + "pages = ")
    with pytest.raises(DeclarationsInvalid) as caught:
        list(discover([make_app(files)]).pages)
    (fault,) = caught.value.faults
    assert reason in fault.reason
    assert file.removesuffix(".py").rsplit("/", 1)[-1] in fault.file


def test_all_faults_are_reported_at_once(make_app) -> None:  # type: ignore[no-untyped-def]
    """Two apps with the same ids, and a job too frequent: every one is named."""
    bad = {**GOOD, "jobs.py": GOOD["jobs.py"].replace("hours=1", "milliseconds=1")}
    with pytest.raises(DeclarationsInvalid) as caught:
        discover([make_app(GOOD), make_app(bad)])
    reasons = [fault.reason for fault in caught.value.faults]
    assert sum("more than once" in reason for reason in reasons) == 12
    assert {"Coverage id 'thing.named'", "Workflow id 'thing.lending'"} <= {
        reason.removesuffix(" is declared more than once") for reason in reasons
    }
    assert sum("once a second" in reason for reason in reasons) == 1
    assert "thing.look" in str(caught.value)


def test_pages_are_looked_through_when_they_are_asked_for(make_app) -> None:  # type: ignore[no-untyped-def]
    """Two apps with the same page: both are named. Until then no address is loaded."""
    packages = (make_app(GOOD), make_app(GOOD))
    assert discover(packages[:1]).packages == packages[:1]
    assert f"{packages[0]}.urls" not in sys.modules
    with pytest.raises(DeclarationsInvalid) as caught:
        discover_pages(packages, ())
    reasons = [fault.reason for fault in caught.value.faults]
    assert sum("more than once" in reason for reason in reasons) == 2
    assert sum("no app declares" in reason for reason in reasons) == 2


def test_the_registry_must_be_filled_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking too early is an error, not an empty answer."""
    from sekisho.kernel import registry

    monkeypatch.setattr(registry, "_current", None)
    with pytest.raises(NotDiscovered):
        registry.current()


def test_two_declarations_of_our_house_are_there() -> None:
    """The real apps are discovered at start-up."""
    from sekisho.kernel import registry

    found = registry.current()
    assert found.action("session.sign_in") is not None
    assert {"estate.systems", "people.list", "register.list"} <= {page.id for page in found.pages}
    assert {"people.purge_sessions", "governance.judge"} <= {job.id for job in found.jobs}
