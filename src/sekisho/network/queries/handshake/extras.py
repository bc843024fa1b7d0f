"""The rest of what hellos show: compression, renegotiation, downgrades, the answer to other names."""

from collections.abc import Sequence

from sekisho.network.queries.handshake.agreement import AGREEABLE
from sekisho.network.queries.handshake.answer import DOWNGRADED, Answer
from sekisho.network.queries.handshake.hello import ECDSA, EDDSA, RENEGOTIATION_INFO, RSA, Hello
from sekisho.network.queries.handshake.look import COMMON, Look, is_version
from sekisho.network.rules.observation import Version

_FALLBACK_REFUSED = 86  # RFC 7507, 3
_DEFLATE_FIRST = b"\1\0"  # RFC 3749
OTHER_NAME = "sekisho-asks.invalid"  # RFC 6761: nobody's name


class Extras:
    """Facts about one endpoint whose versions and suites are known. Each is None where no answer came."""

    def __init__(
        self, look: Look, offered: Sequence[Version], suites: dict[Version, list[int]], groups: Sequence[int]
    ) -> None:
        self.look = look
        self.suites = suites
        self.groups = [number for number in groups if number in AGREEABLE]
        self.modern = Version.TLS13 in offered
        self.old = [version for version in offered if version not in {Version.SSL2, Version.TLS13}]

    def read_certificates(self) -> None:
        """Let the server of TLS 1.3 show a certificate of each kind; the older versions have shown theirs."""
        if self.modern:
            for schemes in (ECDSA, RSA, EDDSA):
                self.look.ask(self.look.full_hello(self.groups[:1] or COMMON, schemes=schemes))

    def compression(self) -> bool | None:
        """Tell whether the server compresses when asked to; TLS 1.3 has no compression (RFC 8446, 4.1.2)."""
        if not self.old:
            return False if self.modern else None
        answer = self.look.ask(self._old_hello(self.old[-1], compressions=_DEFLATE_FIRST))
        return answer.compression != 0 if is_version(answer, self.old[-1]) else None

    def secure_renegotiation(self) -> bool | None:
        """Tell whether the server knows RFC 5746; TLS 1.3 has no renegotiation (RFC 8446, 4.1.2)."""
        if not self.old:
            return True if self.modern else None
        version = self.old[-1]
        answer = self.look.ask(self._old_hello(version))
        return RENEGOTIATION_INFO in answer.extensions if is_version(answer, version) else None

    def downgrade_protection(self) -> bool | None:
        """Tell whether a client that is forced to an older version can notice it.

        With TLS 1.3 by the mark in the server's random (RFC 8446, 4.1.3), else by refusing a hello that says it is a
        fallback (RFC 7507). With one version there is nothing to force.
        """
        versions = [*self.old, *([Version.TLS13] if self.modern else [])]
        if len(versions) < 2:
            return True if versions else None
        lower = versions[-2]
        answer = self.look.ask(self._old_hello(lower, fallback=not self.modern))
        if self.modern:
            return answer.random.endswith(DOWNGRADED) if is_version(answer, lower) else None
        if answer.alert == _FALLBACK_REFUSED:
            return True
        return False if is_version(answer, lower) else None

    def names(self) -> dict[str, str | None]:
        """Return what comes without a server name, and with a wrong one: "same", "other", "refused" or None."""
        usual = self._leaf(self._ask_as(self.look.target.server_name))
        return {
            "none": self._compare(usual, self._ask_as(None)),
            "other": self._compare(usual, self._ask_as(OTHER_NAME)),
        }

    def _ask_as(self, name: str | None) -> Answer:
        if self.modern:
            return self.look.ask(self.look.full_hello(self.groups[:1] or COMMON, server_name=name))
        return self.look.ask(self._old_hello(self.old[-1], server_name=name))

    def _old_hello(self, version: Version, **more: object) -> Hello:
        return self.look.hello(version, self.suites.get(version) or self.look.candidates(version)[:100], **more)

    @staticmethod
    def _leaf(answer: Answer) -> bytes | None:
        return answer.certificates[0] if answer.certificates else None

    def _compare(self, usual: bytes | None, answer: Answer) -> str | None:
        leaf = self._leaf(answer)
        if leaf is None:
            return "refused" if answer.alert is not None else None
        return None if usual is None else "same" if leaf == usual else "other"
