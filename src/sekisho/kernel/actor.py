"""Who is acting: handed to every service, frozen for the time of one request, job or command."""

import os
import pwd
from dataclasses import dataclass
from enum import StrEnum

from sekisho.kernel.access import Action, Role
from sekisho.kernel.errors import Forbidden, Unauthenticated, Withheld


class ActorKind(StrEnum):
    """What kind of actor it is."""

    PERSON = "person"
    CONSOLE = "console"
    PLATFORM = "platform"
    ANONYMOUS = "anonymous"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts.

    ``id`` is the account's UUID for a person, ``uid:N`` of the operating-system user for the console, the
    process name for the platform, the client's UUID for a service; ``session`` is the public id of the sign-in session
    or of the service's token; a service holds no role, and ``actions`` are the ids of exactly what was granted to it;
    ``network`` the address the request came from; ``assurance`` the level reached by the
    sign-in (NIST SP 800-63B: 1 one factor, 2 two factors, 3 hardware-bound); ``withheld`` are ids of actions that an
    emergency session may not do in spite of its roles.
    """

    kind: ActorKind
    id: str
    name: str
    roles: frozenset[Role]
    session: str | None = None
    network: str | None = None
    device: str | None = None
    assurance: int = 0
    actions: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()

    def may(self, action: Action) -> bool:
        """Tell whether one of the actor's roles is allowed ``action``, or a service was granted it."""
        if action.value in self.withheld:
            return False
        return not self.roles.isdisjoint(action.roles) or action.value in self.actions

    def require(self, action: Action) -> None:
        """Raise Unauthenticated or Forbidden unless the actor may do ``action``."""
        if self.may(action):
            return
        if action.value in self.withheld:
            raise Withheld(action=str(action), action_title=action.label)
        if self.kind is ActorKind.ANONYMOUS:
            raise Unauthenticated
        roles = ", ".join(str(role.label) for role in Role if role in action.roles)
        raise Forbidden(action=str(action), action_title=action.label, roles=roles)


def anonymous(network: str | None = None) -> Actor:
    """Return the actor of a visitor who has not signed in."""
    return Actor(ActorKind.ANONYMOUS, "", "", frozenset({Role.ANONYMOUS}), network=network)


def console() -> Actor:
    """Return the actor for whoever runs this process on the server's command line.

    The kernel's word counts, not a variable of the environment that anybody may set.
    """
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"
    return Actor(ActorKind.CONSOLE, f"uid:{uid}", name, frozenset({Role.CONSOLE}))


def platform(process: str) -> Actor:
    """Return the actor for one of the platform's own processes."""
    return Actor(ActorKind.PLATFORM, process, process, frozenset({Role.PLATFORM}))
