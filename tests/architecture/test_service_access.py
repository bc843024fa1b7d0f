"""Every service refuses who may not: the page's mark is the second lock, the service the first."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from sekisho.kernel.actor import Actor, ActorKind
from sekisho.kernel.errors import Forbidden

# What acts for an actor who was allowed before, or only writes down what happened.
UNCHECKED = {
    "register.append",
    "register.record_refusal",
    "people.charge_attempt",
    "people.record_failure",
    "people.use_key",
    "people.use_recovery_code",
    "people.settle_session",
}
NOBODY = Actor(ActorKind.PERSON, "nobody", "nobody", frozenset())


def services() -> Iterator[tuple[str, Any]]:
    """Yield every public function with a keyword ``actor`` from the services of every app."""
    for app in settings.SEKISHO_APPS:
        name = f"{app}.services"
        if importlib.util.find_spec(name) is None:
            continue
        package = importlib.import_module(name)
        inner = [f"{name}.{info.name}" for info in pkgutil.iter_modules(getattr(package, "__path__", []))]
        for module in [package, *map(importlib.import_module, inner)]:
            own = [value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__]
            for value in filter(inspect.isfunction, own):
                if value.__name__[0] != "_" and "actor" in inspect.signature(value).parameters:
                    yield f"{app.rsplit('.', 1)[-1]}.{value.__name__}", value


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "service"), list(services()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_service_refuses_somebody_without_a_role(name: str, service: Any) -> None:
    """Before it looks at anything else: its other arguments are nothing."""
    if name in UNCHECKED:
        pytest.skip("acts for somebody who was checked before")
    arguments = {key: None for key in inspect.signature(service).parameters if key != "actor"}
    with pytest.raises(Forbidden):
        service(actor=NOBODY, **arguments)


def test_the_exceptions_exist() -> None:
    """A renamed service does not stay excused."""
    assert {name for name, _service in services()} >= UNCHECKED
