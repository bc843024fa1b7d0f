"""Who may do what: the roles of a hospital, and actions that name the roles they are open to.

An action is one word for one deed everywhere: what a service checks, what a page or API
operation demands, and what the register writes. Deny first: a role not named may not.
"""

from collections.abc import Callable, Iterable
from enum import Enum, StrEnum
from functools import wraps
from typing import Any, ParamSpec, Self, TypeVar

from sekisho.kernel.text import Text, _

P = ParamSpec("P")
R = TypeVar("R")


class Role(StrEnum):
    """The roles of the guideline and of the medical law around it; one person may hold several.

    CONSOLE, PLATFORM and ANONYMOUS are not granted to people: they stand for whoever works on
    the server's command line, for the platform's own processes, and for a visitor not signed in.
    """

    MANAGEMENT = "management"
    SAFETY_MANAGER = "safety_manager"
    PLANNING_MANAGER = "planning_manager"
    SYSTEM_OPERATOR = "system_operator"
    DEPARTMENT_MANAGER = "department_manager"
    DEVICE_SAFETY_MANAGER = "device_safety_manager"
    STAFF = "staff"
    MAINTAINER = "maintainer"
    AUDITOR = "auditor"
    INSPECTOR = "inspector"
    CONSOLE = "console"
    PLATFORM = "platform"
    ANONYMOUS = "anonymous"

    @property
    def label(self) -> Text:
        """The role's name as hospitals say it."""
        return ROLE_LABELS[self]


ROLE_LABELS: dict[Role, Text] = {
    Role.MANAGEMENT: _("Management"),
    Role.SAFETY_MANAGER: _("Medical information system safety manager"),
    Role.PLANNING_MANAGER: _("Planning manager"),
    Role.SYSTEM_OPERATOR: _("System operator"),
    Role.DEPARTMENT_MANAGER: _("Department manager"),
    Role.DEVICE_SAFETY_MANAGER: _("Medical device safety manager"),
    Role.STAFF: _("User"),
    Role.MAINTAINER: _("Maintenance staff (vendor)"),
    Role.AUDITOR: _("Auditor"),
    Role.INSPECTOR: _("Inspector (read only)"),
    Role.CONSOLE: _("Server console"),
    Role.PLATFORM: _("The platform itself"),
    Role.ANONYMOUS: _("Not signed in"),
}

GRANTABLE = tuple(role for role in Role if role not in {Role.CONSOLE, Role.PLATFORM, Role.ANONYMOUS})
EVERYBODY = frozenset(GRANTABLE)
MANAGERS = frozenset({Role.MANAGEMENT, Role.SAFETY_MANAGER, Role.PLANNING_MANAGER, Role.SYSTEM_OPERATOR})
REVIEWERS = MANAGERS | {Role.AUDITOR, Role.INSPECTOR}


class Action(str, Enum):
    """Base of every app's actions: ``NAME = "subject.verb", label, roles``."""

    label: Text
    roles: frozenset[Role]

    def __new__(cls, value: str, label: Text, roles: Iterable[Role]) -> Self:
        """Make the member: its value is the id, the label and the roles ride on it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.roles = frozenset(roles)
        return member

    def __str__(self) -> str:
        return str(self.value)


ACCESS_ATTRIBUTE = "required_action"
PUBLIC = "public"


def allow(action: Action) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open a view or API operation to whoever may do ``action``; its first argument is the request."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            request: Any = args[0]
            request.actor.require(action)
            return view(*args, **kwargs)

        setattr(guarded, ACCESS_ATTRIBUTE, action)
        return guarded

    return decorate


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that needs no sign-in. A view with no mark at all is refused by the entrance."""
    setattr(view, ACCESS_ATTRIBUTE, PUBLIC)
    return view
