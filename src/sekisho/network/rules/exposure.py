"""Whether hosts answer where they should and nowhere else (13⑤, table 10-1, 8.1), from what was seen and the register.

A port that gives no answer proves nothing by itself: the host may be off, or the way blocked. Only when another port of
the same host answered or refused does silence mean "not reachable from here".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text, _
from sekisho.network.rules.exposure_profile import Cleartext, ExposureProfile, Service, Vantage
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.reached import Encryption, PortObservation, Reached, RegisteredEndpoint, normal

REGISTER_RULE = "MHLW v7.0 (draft), System Operation, 13⑤ and 8.1 (unused services and ports)"
CLEARTEXT_RULE = "MHLW v7.0 (draft), System Operation, table 10-1 and 13.3"
Row = TypeVar("Row")
# Whole sentences: a place as a text inside a text would be stored in the language of whoever stored it.
_WIDER: dict[tuple[Vantage, Vantage], Text] = {
    (Vantage.INTERNAL, Vantage.SECURE): _(
        "Port %(port)s (%(service)s) is registered as reachable only inside, but answers over a secure network."
    ),
    (Vantage.INTERNAL, Vantage.OPEN): _(
        "Port %(port)s (%(service)s) is registered as reachable only inside, but answers over an open network."
    ),
    (Vantage.SECURE, Vantage.OPEN): _(
        "Port %(port)s (%(service)s) is registered as reachable over secure networks, but answers over an open one."
    ),
}
_FORBIDDEN: dict[Vantage, Text] = {
    Vantage.INTERNAL: _("Port %(port)s (%(service)s) must not be reachable even from inside."),
    Vantage.SECURE: _("Port %(port)s (%(service)s) must not be reachable over a secure network."),
    Vantage.OPEN: _("Port %(port)s (%(service)s) must not be reachable over an open network."),
}
_PROVEN = frozenset({Reached.OPEN, Reached.REFUSED})
# Of several looks at the same port the one that saw most counts, and of those the one that saw the worst.
_STRENGTH = (Reached.OPEN, Reached.REFUSED, Reached.FILTERED, Reached.UNREACHABLE, Reached.ERROR)
_WORST = (Encryption.NO, Encryption.UNKNOWN, Encryption.OFFERED, Encryption.YES)


@dataclass(frozen=True, slots=True)
class Host:
    """One host: what is registered of it and what was seen of it, by port."""

    name: str
    registered: Mapping[int, Sequence[RegisteredEndpoint]]
    seen: Mapping[int, PortObservation]

    @property
    def way_proven(self) -> bool:
        """Whether anything of it answered or refused: then silence means something."""
        return any(seen.reached in _PROVEN for seen in self.seen.values())


def judge(
    registered: Iterable[RegisteredEndpoint],
    observations: Iterable[PortObservation],
    profile: ExposureProfile,
    from_where: Vantage,
) -> dict[str, tuple[Judged, ...]]:
    """Return the remarks about each host, registered or seen, by its name as the register has it.

    ``from_where`` is where the platform stood when it looked; what may be reached from there is judged, nothing else.
    An address that a registered name resolves to is that host; an unregistered one from which nothing came is left out.
    """
    hosts = hosts_of(list(registered), list(observations))
    return {host.name: tuple(remarks_about(host, profile, from_where)) for host in hosts}


def hosts_of(registered: Sequence[RegisteredEndpoint], observations: Sequence[PortObservation]) -> Iterator[Host]:
    """Yield each host, registered or seen, with everything that was seen of it under any of its names."""
    aliases: dict[str, set[str]] = {}
    for endpoint in registered:
        aliases.setdefault(normal(endpoint.host), {normal(endpoint.host)}).update(map(normal, endpoint.addresses))
    for one in observations:
        if one.address and normal(one.host) in aliases:
            aliases[normal(one.host)].add(normal(one.address))
    known = set().union(*aliases.values())
    for one in observations:
        # An address that belongs to nobody and from which nothing came is no host.
        if one.reached in _PROVEN and not known & _names(one):
            aliases.setdefault(normal(one.host), {normal(one.host)})
    endpoints = _index((name, row) for row in registered for name in aliases[normal(row.host)])
    seen = _index((name, one) for one in observations for name in _names(one))
    for name, names in sorted(aliases.items()):
        yield _host(name, [row for each in names for row in endpoints.get(each, ())],
                    [one for each in names for one in seen.get(each, ())])  # fmt: skip


def _index(pairs: Iterable[tuple[str, Row]]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for name, row in pairs:
        found.setdefault(name, []).append(row)
    return found


def _host(name: str, registered: Sequence[RegisteredEndpoint], observations: Sequence[PortObservation]) -> Host:
    endpoints: dict[int, list[RegisteredEndpoint]] = {}
    for endpoint in registered:
        endpoints.setdefault(endpoint.port, []).append(endpoint)
    by_port: dict[int, list[PortObservation]] = {}
    for one in observations:
        by_port.setdefault(one.port, []).append(one)
    return Host(name, endpoints, {port: min(looks, key=_rank) for port, looks in by_port.items()})


def _names(observation: PortObservation) -> set[str]:
    return {normal(name) for name in (observation.host, observation.address) if name}


def _rank(one: PortObservation) -> tuple[int, int, bool, str]:
    return _STRENGTH.index(one.reached), _WORST.index(one.encryption), not one.banner, one.banner


def remarks_about(host: Host, profile: ExposureProfile, from_where: Vantage) -> Iterator[Judged]:
    """Yield the remarks about one host."""
    shut: list[int] = []
    silent: list[int] = []
    for port in sorted({*host.registered, *host.seen}):
        endpoints, seen = host.registered.get(port, ()), host.seen.get(port)
        if seen is None:
            yield _unseen(host, port, profile)
        elif seen.reached is Reached.OPEN:
            yield from _open(seen, endpoints, profile, from_where)
        elif not _told(seen, way_proven=host.way_proven):
            silent += [] if endpoints else [port]
            yield from [_silent(seen, _widest(endpoints))] if endpoints else []
        elif endpoints:
            yield _closed(seen, _widest(endpoints), from_where)
        else:
            shut.append(port)
    yield from _summary(shut, silent)


def _told(seen: PortObservation, *, way_proven: bool) -> bool:
    """Tell whether the answer says that the port cannot be reached from here."""
    return seen.reached is Reached.REFUSED or (seen.reached is not Reached.ERROR and way_proven)


def _widest(endpoints: Sequence[RegisteredEndpoint]) -> Vantage:
    return max((endpoint.exposure for endpoint in endpoints), key=lambda exposure: exposure.breadth)


def _open(
    seen: PortObservation, endpoints: Sequence[RegisteredEndpoint], profile: ExposureProfile, from_where: Vantage
) -> Iterator[Judged]:
    service = profile.service(seen.port, seen.banner)
    what = {"port": seen.port, "service": service.name if service else "?"}
    if not endpoints:
        message = _("Port %(port)s (%(service)s) answers but is not registered.", **what)
        yield _remark("exposure.not_registered", Level.NG, message, seen, "registered or closed")
    elif from_where.breadth > (stated := _widest(endpoints)).breadth:
        message = _WIDER[stated, from_where].with_params(**what)
        yield _remark("exposure.wider_than_stated", Level.NG, message, seen, {"reachable_from": stated.value})
    else:
        message = _("Port %(port)s (%(service)s) answers as registered.", **what)
        yield _remark("exposure.as_registered", Level.OK, message, seen, "open")
    if service is not None:
        yield from _service(service, seen, profile, from_where)


def _service(
    service: Service, seen: PortObservation, profile: ExposureProfile, from_where: Vantage
) -> Iterator[Judged]:
    group = profile.group(service)
    if from_where in group.forbidden_from:
        message = _FORBIDDEN[from_where].with_params(port=seen.port, service=service.name)
        expected: Json = {"group": group.id, "forbidden_from": [place.value for place in group.forbidden_from]}
        code = f"exposure.forbidden_{group.id}"
        yield Judged(code, Level.NG, message, seen.document(), expected, group.source, group.certainty)
    if service.cleartext is not Cleartext.NO and seen.encryption is not Encryption.YES:
        yield _cleartext(service, seen)


def _cleartext(service: Service, seen: PortObservation) -> Judged:
    what = {"port": seen.port, "service": service.name}
    if service.cleartext is Cleartext.ALWAYS or seen.encryption is Encryption.NO:
        level = Level.NG
        message = _("Port %(port)s (%(service)s) carries passwords and contents without encryption.", **what)
    elif seen.encryption is Encryption.OFFERED:
        level = Level.UNKNOWN
        message = _("Port %(port)s (%(service)s) offers encryption; whether it insists on it cannot be seen.", **what)
    else:
        level = Level.UNKNOWN
        message = _("Port %(port)s (%(service)s) is open but did not show whether it encrypts.", **what)
    return Judged("exposure.cleartext", level, message, seen.document(), "encrypted", CLEARTEXT_RULE)


def _closed(seen: PortObservation, stated: Vantage, from_where: Vantage) -> Judged:
    if from_where.breadth > stated.breadth:
        message = _("Port %(port)s cannot be reached from here, as registered.", port=seen.port)
        return _remark("exposure.shut_as_registered", Level.OK, message, seen, "closed")
    message = _("Port %(port)s is registered but cannot be reached.", port=seen.port)
    return _remark("exposure.registered_closed", Level.WARN, message, seen, "open")


def _silent(seen: PortObservation, stated: Vantage) -> Judged:
    message = _("Port %(port)s gave no answer, and nothing shows that its host can be reached.", port=seen.port)
    return _remark("exposure.cannot_tell", Level.UNKNOWN, message, seen, {"reachable_from": stated.value})


def _unseen(host: Host, port: int, profile: ExposureProfile) -> Judged:
    observed: dict[str, Json] = {"host": host.name, "port": port}
    if service := profile.only_udp(port):
        message = _("Port %(port)s (%(service)s) speaks UDP and was not looked at.", port=port, service=service.name)
        return Judged("exposure.udp_not_seen", Level.UNKNOWN, message, observed, None, REGISTER_RULE)
    message = _("Port %(port)s is registered but was not looked at.", port=port)
    return Judged("exposure.not_looked_at", Level.UNKNOWN, message, observed, None, REGISTER_RULE)


def _summary(shut: Sequence[int], silent: Sequence[int]) -> Iterator[Judged]:
    if shut:
        message = _("%(count)s other TCP ports that were looked at cannot be reached.", count=len(shut))
        yield Judged("exposure.shut", Level.OK, message, {"ports": list(shut)}, "closed", REGISTER_RULE)
    if silent:
        message = _("%(count)s ports gave no answer, and nothing shows a way to the host.", count=len(silent))
        yield Judged("exposure.way_unproven", Level.UNKNOWN, message, {"ports": list(silent)}, "closed", REGISTER_RULE)


def _remark(code: str, level: Level, message: Text, seen: PortObservation, expected: Json) -> Judged:
    return Judged(code, level, message, seen.document(), expected, REGISTER_RULE)
