"""A change of the host name: who loses which ways of signing in, and where browsers can bridge it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sekisho.kernel.text import Text, _
from sekisho.people.rules.passkeys import names_a_host

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
HTTPS_PORT = 443


class Standing(StrEnum):
    """What is left to a person when keys of one host name stop working."""

    MOVED = "moved"
    OTHER_WAY = "other_way"
    LOCKED_OUT = "locked_out"

    @property
    def label(self) -> Text:
        """The standing in words."""
        return STANDING_LABELS[self]


STANDING_LABELS: dict[Standing, Text] = {
    Standing.MOVED: _("has a key of the new name"),
    Standing.OTHER_WAY: _("has another way in"),
    Standing.LOCKED_OUT: _("has no other way in"),
}


@dataclass(frozen=True, slots=True)
class WaysIn:
    """The second factors of one account: names of the keys that are lost, how many keys hold, app, codes left."""

    lost: tuple[str, ...]
    kept: int = 0
    has_app: bool = False
    codes: int = 0

    @property
    def standing(self) -> Standing:
        """What is left when the keys are lost. The password stays with everybody and is no second factor."""
        if self.kept:
            return Standing.MOVED
        return Standing.OTHER_WAY if self.has_app or self.codes else Standing.LOCKED_OUT


def count(ways: Iterable[WaysIn]) -> dict[Standing, int]:
    """Return how many people stand how."""
    counted = dict.fromkeys(Standing, 0)
    for one in ways:
        counted[one.standing] += 1
    return counted


def may_be_named(host: str) -> bool:
    """Tell whether passkeys can belong to ``host``: a name in lower case, no IP address, no port."""
    return _HOST.fullmatch(host) is not None and names_a_host(host)


def bridge_fault(former: str, host: str, port: int) -> Text | None:
    """Return why browsers cannot use keys of ``former`` at ``host``, or None if they can.

    They ask ``https://<former>/.well-known/webauthn``, always at port 443, and take the new name only if it has at
    least two parts (WebAuthn Level 3, 5.11; tried in Chromium).
    """
    if not former:
        return _("SEKISHO_FORMER_HOST is not set, so the server does not answer under the former name.")
    if not may_be_named(former) or not may_be_named(host) or "." not in host:
        return _("Browsers bridge only to a name of at least two parts, such as sekisho.clinic.example.")
    if port != HTTPS_PORT:
        return _(
            "Browsers ask for it at port %(https)s, and this server listens on port %(port)s.",
            https=HTTPS_PORT,
            port=port,
        )
    return None
