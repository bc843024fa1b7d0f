"""Which versions an endpoint offers, and which it turns away."""

from collections.abc import Iterator, Sequence

from sekisho.network.queries.handshake.answer import Answer
from sekisho.network.queries.handshake.hello import WIRE, Hello
from sekisho.network.queries.handshake.look import Look, is_version
from sekisho.network.rules.observation import Version, Why

AT_ONCE = 110  # suites; old servers do not read longer lists
# Alerts that turn a version or all of its suites away (RFC 8446, 6.2; RFC 5246, 7.2.2).
TURNED_AWAY = {40, 47, 70, 71, 86}
_VERSION_REFUSED = 70
_SAID_NO = {Why.HUNG_UP, Why.UNREADABLE, Why.NOT_TLS}
_PATIENT = 2
# The likeliest to be answered come first: an endpoint that lets two of them wait will let all wait.
ORDER = (Version.TLS12, Version.TLS13, Version.TLS10, Version.TLS11, Version.SSL3, Version.SSL2)


def batches(suites: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the suites in portions that fit into one hello."""
    for start in range(0, len(suites), AT_ONCE):
        yield suites[start : start + AT_ONCE]


class Versions:
    """Finds the versions. After ``find``: ``offered``, ``why``, and what is known of an endpoint without TLS."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.offered: dict[Version, bool | None] = dict.fromkeys(Version)
        self.why: dict[Version, Why] = {}
        self.tls: bool | None = None
        self.plain: bytes = b""
        self.portions: dict[Version, int] = {}
        self._waited = 0

    def find(self) -> None:
        """Ask for each version. Raises Fruitless when the time is up; what is known by then stays."""
        self.why = dict.fromkeys(Version, Why.OUT_OF_TIME)
        for version in ORDER:
            self._ask(version)
            if not self.tls and (self._waited >= _PATIENT or self.plain):
                for other in Version:
                    self.why[other] = Why.NOT_TLS if self.plain else Why.SILENT
                break
        if any(self.offered.values()):
            self._ask_again()

    def _ask(self, version: Version) -> None:
        for number, hello in enumerate(self._hellos(version)):
            answer = self.look.ask(hello)
            self._waited += answer.why is Why.SILENT and not answer.spoke_tls
            verdict = self.offered[version] = self._verdict(version, answer)
            self.why.pop(version, None)
            if verdict is None:
                self.why[version] = answer.why or Why.AMBIGUOUS
            elif verdict:
                self.portions[version] = number
            # Only "none of these suites" leaves something for the next hello to find.
            if verdict is not False or answer.suite is not None or answer.alert == _VERSION_REFUSED:
                return

    def _verdict(self, version: Version, answer: Answer) -> bool | None:
        self.tls = True if answer.spoke_tls else self.tls
        if is_version(answer, version):
            return True
        if answer.suite is not None and answer.version is not None:
            return False if answer.version < WIRE[version] else None
        if version is Version.SSL2:
            return False if answer.alert is not None else None
        if answer.why is Why.NOT_TLS and self.tls is None:
            self.plain, self.tls = answer.plain, False
        return False if answer.alert in TURNED_AWAY else None

    def _ask_again(self) -> None:
        """Look again where the connection was just closed: the same again, while another version still works, is a no.

        Microsoft's servers turn versions and suites away in this manner. A busy device hangs up on everything.
        """
        working = next(version for version in ORDER if self.offered[version])
        silent = [version for version, why in self.why.items() if why in _SAID_NO and self.offered[version] is None]
        for version in silent:
            self.look.pause()
            answer = self.look.ask(next(self._hellos(version)))
            if self._verdict(version, answer) is None and answer.why in _SAID_NO and self._still(working):
                self.offered[version] = False
                del self.why[version]

    def _still(self, version: Version) -> bool:
        return any(is_version(self.look.ask(hello), version) for hello in self._hellos(version))

    def _hellos(self, version: Version) -> Iterator[Hello]:
        if version is Version.SSL2:
            yield self.look.hello(version, ())
        elif version is Version.TLS13:
            # Some servers answer a hello that brings no key share with an error instead of a choice.
            yield self.look.hello(version, self.look.candidates(version))
            yield self.look.full_hello()
        else:
            for suites in batches(self.look.candidates(version)):
                yield self.look.hello(version, suites)


def known(versions: Versions) -> dict[str, Why]:
    """Return why versions could not be told, by the field's name."""
    return {f"versions.{version}": why for version, why in versions.why.items() if versions.offered[version] is None}
