"""Finds what the apps declare and refuses what is wrong, all of it at once and with the file.

``discover`` is called once by the composition root; everyone else reads ``current()``.
"""

import importlib
import importlib.util
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

from sekisho.kernel.access import Action
from sekisho.kernel.declarations import Control, Coverage, Holding, Job, Ledger, Page, Provider, Workflow
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

T = TypeVar("T")
Declaration = Control | Ledger | Coverage | Workflow | Job | Page | Provider | Holding
Kinds = tuple[type[Any], ...]
MODULES: dict[str, Kinds] = {
    "actions": (Action,),
    "ledgers": (Ledger, Coverage, Workflow),
    "jobs": (Job,),
    "queries": (Provider,),
    "holdings": (Holding,),
}
# Apart from the others: with its addresses an app's pages, forms and API are loaded, which only the web process needs.
PAGES: dict[str, Kinds] = {"urls": (Page,)}
_DOTTED = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_REQUIREMENT = re.compile(r"[A-Z]{2}-\d+-\d+[a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a declaration, and the file it stands in."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


class DeclarationsInvalid(SekishoError):
    """The apps' declarations contradict the rules; the platform does not start with them."""

    code = "kernel.declarations_invalid"
    message = _("The declarations of the apps are not valid:\n%(faults)s")
    status = 500
    exit_code = 70

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults="\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class NotDiscovered(SekishoError):
    """The registry was asked before the composition root had filled it."""

    code = "kernel.not_discovered"
    message = _("The apps have not been discovered yet.")
    status = 500
    exit_code = 70


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything the apps declare, each tuple in the order found."""

    actions: tuple[Action, ...] = ()
    controls: tuple[Control, ...] = ()
    ledgers: tuple[Ledger, ...] = ()
    coverages: tuple[Coverage, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    jobs: tuple[Job, ...] = ()
    providers: tuple[Provider, ...] = ()
    holdings: tuple[Holding, ...] = ()
    packages: tuple[str, ...] = ()

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages of the apps, found when somebody first asks for them. Raises DeclarationsInvalid."""
        return discover_pages(self.packages, self.actions)

    def offers(self, port: type[T]) -> tuple[T, ...]:
        """Return every implementation offered for ``port``; empty when nobody answers it."""
        return tuple(p.implementation for p in self.providers if p.port is port)  # type: ignore[misc]

    def action(self, action_id: str) -> Action | None:
        """Return the declared action with this id, or None."""
        return next((action for action in self.actions if action.value == action_id), None)

    def control(self, control_id: str) -> Control | None:
        """Return the declared control with this id, or None."""
        return next((control for control in self.controls if control.id == control_id), None)

    def workflow(self, workflow_id: str) -> Workflow | None:
        """Return the declared workflow with this id, or None."""
        return next((workflow for workflow in self.workflows if workflow.id == workflow_id), None)


_current: Registry | None = None


def install(registry: Registry) -> None:
    """Make ``registry`` the one that :func:`current` returns."""
    global _current
    _current = registry


def current() -> Registry:
    """Return the installed registry. Raises NotDiscovered before start-up."""
    if _current is None:
        raise NotDiscovered
    return _current


def discover(packages: Iterable[str]) -> Registry:
    """Import the declaring modules of ``packages``, except those of pages, and collect what they declare.

    Raises DeclarationsInvalid with every fault found: modules that do not import, repeated ids,
    ids of the wrong form, jobs too frequent, offers that do not fulfil their port.
    """
    packages = tuple(packages)
    names = [name for package in packages for name in (*_module_names(package, MODULES), *_control_names(package))]
    found = _collect(names, frozenset())
    return Registry(
        actions=_of(found, Action),
        controls=_of(found, Control),
        ledgers=_of(found, Ledger),
        coverages=_of(found, Coverage),
        workflows=_of(found, Workflow),
        jobs=_of(found, Job),
        providers=_of(found, Provider),
        holdings=_of(found, Holding),
        packages=packages,
    )


@cache
def discover_pages(packages: tuple[str, ...], actions: tuple[Action, ...]) -> tuple[Page, ...]:
    """Import the addresses of ``packages`` and return the pages they declare, each behind one of ``actions``.

    Raises DeclarationsInvalid with every fault found: modules that do not import, repeated ids, pages without a
    declared action.
    """
    names = [name for package in packages for name in _module_names(package, PAGES)]
    return _of(_collect(names, frozenset(actions)), Page)


def _collect(names: Iterable[tuple[str, Kinds]], actions: frozenset[Action]) -> list[tuple[str, Any]]:
    """Return what the modules declare, each with its file. Raises DeclarationsInvalid."""
    faults: list[Fault] = []
    found: list[tuple[str, Any]] = []
    for name, kinds in names:
        module = _load(name, faults)
        if module is not None:
            found += [(_file(module), thing) for thing in _declared(module, kinds)]
    faults += _repeated(found)
    faults += _unknown_workflows(found)
    for file, thing in found:
        faults += [Fault(file, reason) for reason in _wrong(file, thing, actions)]
    if faults:
        raise DeclarationsInvalid(faults)
    return found


def _of(found: Sequence[tuple[str, Any]], kind: type[T]) -> tuple[T, ...]:
    return tuple(thing for _, thing in found if isinstance(thing, kind))


def _module_names(package: str, modules: Mapping[str, Kinds]) -> Iterator[tuple[str, Kinds]]:
    for name, kinds in modules.items():
        full = f"{package}.{name}"
        if importlib.util.find_spec(full) is not None:
            yield full, kinds


def _control_names(package: str) -> Iterator[tuple[str, Kinds]]:
    controls = importlib.util.find_spec(f"{package}.controls")
    if controls is not None and controls.submodule_search_locations is not None:
        for info in pkgutil.iter_modules(controls.submodule_search_locations):
            yield f"{package}.controls.{info.name}", (Control,)


def _load(name: str, faults: list[Fault]) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except Exception as error:  # noqa: BLE001  # whatever breaks the import is reported with its module
        faults.append(Fault(name, f"does not import: {type(error).__name__}: {error}"))
        return None


def _file(module: ModuleType) -> str:
    return module.__file__ or module.__name__


def _declared(module: ModuleType, kinds: Kinds) -> Iterator[Any]:
    for value in vars(module).values():
        if kinds == (Action,):
            if isinstance(value, type) and issubclass(value, Action) and value.__module__ == module.__name__:
                yield from value
            continue
        members = value if isinstance(value, (tuple, list)) else (value,)
        yield from (member for member in members if isinstance(member, kinds))


def _repeated(found: Sequence[tuple[str, Any]]) -> Iterator[Fault]:
    named = [(file, type(thing), _id(thing)) for file, thing in found if _id(thing) is not None]
    kinds = Counter((_kind(kind), name) for _, kind, name in named)
    for file, kind, name in named:
        if kinds[_kind(kind), name] > 1:
            yield Fault(file, f"{_kind(kind).__name__} id {name!r} is declared more than once")


def _unknown_workflows(found: Sequence[tuple[str, Any]]) -> Iterator[Fault]:
    """Name the ledgers whose entries nobody could ever approve: no app declares their workflow."""
    known = {thing.id for _file, thing in found if isinstance(thing, Workflow)}
    for file, thing in found:
        if isinstance(thing, Ledger) and thing.workflow is not None and thing.workflow not in known:
            yield Fault(file, f"ledger {thing.id!r} names the workflow {thing.workflow!r}, which no app declares")


def _kind(kind: type[Any]) -> type[Any]:
    return Action if issubclass(kind, Action) else kind


def _id(thing: Any) -> str | None:
    return str(thing.value) if isinstance(thing, Action) else getattr(thing, "id", None)


def _wrong(file: str, thing: Declaration | Action, actions: frozenset[Action]) -> Iterator[str]:
    identifier = _id(thing)
    if identifier is not None and not _DOTTED.fullmatch(identifier):
        yield f"id {identifier!r} is not of the form subject.verb or app.name"
    match thing:
        case Control():
            yield from _wrong_control(file, thing)
        case Job() if thing.every < timedelta(seconds=1):
            yield f"job {thing.id!r} runs more often than once a second"
        case Ledger():
            yield from _wrong_ledger(thing)
        case Workflow():
            yield from _wrong_workflow(thing)
        case Page() if thing.action not in actions:
            yield f"page {thing.id!r} names an action that no app declares"
        case Provider() if not isinstance(thing.implementation, thing.port):
            yield f"{type(thing.implementation).__name__} does not fulfil {thing.port.__name__}"


def _wrong_control(file: str, control: Control) -> Iterator[str]:
    stem = file.rsplit("/", 1)[-1].removesuffix(".py")
    if control.id.split(".")[-1] != stem:
        yield f"control {control.id!r} must be named after its file: <app>.{stem}"
    if control.every < timedelta(minutes=1):
        yield f"control {control.id!r} runs more often than once a minute"
    if not timedelta(0) < control.timeout <= timedelta(hours=1):
        yield f"control {control.id!r} may run for longer than an hour, or not at all"


def _wrong_workflow(workflow: Workflow) -> Iterator[str]:
    if not (workflow.submitters and workflow.approvers):
        yield f"workflow {workflow.id!r} can be submitted or approved by nobody"
    for place, step in enumerate(workflow.route, start=1):
        if not step.parts or any(part.needed < 1 or not (part.roles or part.people) for part in step.parts):
            yield f"workflow {workflow.id!r} has a step {place} that nobody can decide"
        if any(not part.roles <= workflow.approvers for part in step.parts):
            yield f"workflow {workflow.id!r} has a step {place} for roles that are not among its approvers"
    if workflow.route and all(step.where is not None for step in workflow.route):
        yield f"workflow {workflow.id!r} may have a route without any step"
    if workflow.after_the_fact is not None and workflow.after_the_fact <= timedelta(0):
        yield f"workflow {workflow.id!r} leaves no time for an approval after the fact"


def _wrong_ledger(ledger: Ledger) -> Iterator[str]:
    if not ledger.columns:
        yield f"ledger {ledger.id!r} has no columns"
    for requirement in ledger.requirements:
        if not _REQUIREMENT.fullmatch(requirement):
            yield f"ledger {ledger.id!r} names {requirement!r}, which is no requirement id"
