"""Looking at one endpoint, connection by connection, and keeping what each of them showed."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sekisho.network.queries.handshake.agreement import AGREEABLE, new_share
from sekisho.network.queries.handshake.answer import Answer, read_answer
from sekisho.network.queries.handshake.hello import CURVES, GROUPS_13, WIRE, Hello
from sekisho.network.queries.handshake.line import Fruitless, Line, Target, Time, find
from sekisho.network.queries.handshake.starttls import start_tls
from sekisho.network.rules.observation import StartTls, Version, Why
from sekisho.network.rules.suites import read_registry, suite

REGISTRY = Path(__file__).parents[2] / "profiles" / "cipher-suites.txt"
COMMON = (29, 23, 24)  # groups of TLS 1.3 that every server knows one of
_MOST_CHAINS = 8
_LEAST_PAUSE = 0.05
_ONLY_12 = {"SHA256", "SHA384"}  # MACs and PRFs that older versions do not have (RFC 5246, 7.4.1.2)


class Look:
    """One endpoint under examination. ``connections`` counts what it cost the other side."""

    def __init__(self, target: Target, time_: Time) -> None:
        self.target = target
        self.time = time_
        self.suites: Mapping[int, str] = read_registry(REGISTRY.read_text(encoding="ascii"))
        self.connections = 1  # finding the address has taken one
        self.chains: dict[tuple[bytes, ...], None] = {}
        self.dh_bits: set[int] = set()
        self.requested: bool | None = None

    def ask(self, hello: Hello) -> Answer:
        """Send one hello on a connection of its own and return the answer. Raises Fruitless when the time is up."""
        self.time.left()
        self.connections += 1
        try:
            with Line(self.target, self.time) as line:
                if self.target.starttls:
                    start_tls(line, self.target.starttls)
                sent = hello.records()
                line.send(sent)
                answer = read_answer(line, hello, sent[5:], self.suites)
        except Fruitless as error:
            if error.why is Why.OUT_OF_TIME:
                raise
            return Answer(why=error.why, plain=error.seen)
        self._keep(answer)
        return answer

    def pause(self) -> None:
        """Wait a moment: a server that hung up may only have been busy."""
        time.sleep(min(_LEAST_PAUSE, self.time.left()))

    def _keep(self, answer: Answer) -> None:
        if answer.certificates and len(self.chains) < _MOST_CHAINS:
            self.chains[answer.certificates] = None
        if answer.dh_bits is not None:
            self.dh_bits.add(answer.dh_bits)
        if answer.requested is not None:
            self.requested = self.requested or answer.requested

    def hello(self, version: Version, suites: Sequence[int], **more: object) -> Hello:
        """Return a hello with this endpoint's name, and for TLS 1.3 without a key share: it asks for a choice."""
        groups = GROUPS_13 if version is Version.TLS13 else CURVES
        return Hello(version, suites, **{"groups": groups, "server_name": self.target.server_name, **more})  # type: ignore[arg-type]

    def full_hello(self, groups: Sequence[int] = COMMON, **more: object) -> Hello:
        """Return a hello of TLS 1.3 with shares in all of its ``groups``: the answer is the server's whole flight."""
        shares = tuple(new_share(group) for group in groups if group in AGREEABLE)
        groups = [share.group for share in shares]
        return self.hello(Version.TLS13, self.candidates(Version.TLS13), shares=shares, groups=groups, **more)

    def candidates(self, version: Version) -> tuple[int, ...]:
        """Return the suites that a client of ``version`` can ask for, what is common first."""
        if version is Version.TLS13:
            return tuple(number for number in self.suites if number in _MODERN)
        return tuple(
            sorted(
                (number for number, name in self.suites.items() if number not in _MODERN and _fits(name, version)),
                key=lambda number: _rarity(self.suites[number]),
            )
        )


_MODERN = {0x1302, 0x1303, 0x1301, 0x1304, 0x1305, 0x00C6, 0x00C7, 0xC0B4, 0xC0B5}


def _fits(name: str, version: Version) -> bool:
    made_of = suite(name)
    if made_of is None or version is Version.TLS12:
        return True
    return not made_of.aead and made_of.digest not in _ONLY_12


def _rarity(name: str) -> int:
    made_of = suite(name)
    if made_of is None or made_of.cipher in {"KUZNYECHIK", "MAGMA", "28147"}:
        return 3
    odd = {"PSK", "KRB5", "SRP", "ECCPWD", "DSS"} & {made_of.exchange, made_of.authentication}
    return 2 if odd else int(made_of.cipher in {"ARIA", "IDEA", "SEED", "DES", "RC2", "NULL"} or made_of.export)


def reach(host: str, port: int, time_: Time, starttls: StartTls | None, server_name: str | None) -> Target:
    """Return the target at the first address that takes a connection. Raises Fruitless with the last reason."""
    reason = Why.NO_NAME
    for family, address in find(host, port):
        target = Target(host, port, family, address, starttls, server_name)
        try:
            with Line(target, time_):
                return target
        except Fruitless as error:
            reason = error.why
    raise Fruitless(reason)


def is_version(answer: Answer, version: Version) -> bool:
    """Tell whether the answer agrees to exactly this version."""
    return answer.suite is not None and answer.version == WIRE[version]
