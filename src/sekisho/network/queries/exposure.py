"""What was last seen of each registered host from every place, and what that comes to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sekisho.kernel import clock
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text
from sekisho.network.models import Probe, RequestedLook
from sekisho.network.models import Vantage as Place
from sekisho.network.queries.exposure_plan import cloud_systems, endpoints_by_host, in_cloud, registered_row
from sekisho.network.queries.judging import fault_of
from sekisho.network.queries.reachability import profile
from sekisho.network.queries.sightings import (
    Newest,
    newest_sightings,
    own_sightings,
    registered,
    sightings_from_elsewhere,
)
from sekisho.network.rules.exposed import PARTLY, judge_looks
from sekisho.network.rules.exposure_profile import ExposureProfile, Service, Vantage
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.looks import (
    HostLook,
    OpenPort,
    addresses_of,
    host_id,
    is_global,
    joined,
    read_look,
)
from sekisho.network.rules.unusable import Unusable

_COUNTS_BESIDE = timedelta(days=7)  # beside a look of the platform, which is made every day
_NAMES_LAST = timedelta(days=31)  # a name that was not looked up for so long may lead elsewhere by now


@dataclass(frozen=True, slots=True)
class Look:
    """A look that is kept: what was seen, when, and the bytes it was read from."""

    seen: HostLook
    at: datetime
    document: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """A look that is kept and proves nothing: why, and when it was taken."""

    text: Text
    at: datetime


Key = tuple[str, Vantage]


@dataclass(frozen=True, slots=True)
class KeptLooks:
    """The newest looks from every place, by the id of the host or of the endpoint meant, and the place."""

    looks: Mapping[Key, Look]
    faults: Mapping[Key, Fault]


@dataclass(slots=True)
class HostState:
    """A registered host: its endpoints, the newest look from each place, and what each comes to.

    A place with a look that could not be judged has no remarks; ``faults`` says why, also of what could not be read.
    """

    host: str
    endpoints: list[Subject]
    in_cloud: bool
    looks: dict[Vantage, Look] = field(default_factory=dict)
    remarks: dict[Vantage, tuple[Judged, ...]] = field(default_factory=dict)
    faults: dict[Vantage, Fault] = field(default_factory=dict)

    @property
    def faces_outside(self) -> bool:
        """Whether it takes a look from outside at this very host to say what can be reached from there."""
        stated = any(endpoint.facts.get("exposure") == Vantage.OPEN for endpoint in self.endpoints)
        addresses = [self.host, *(address for look in self.looks.values() for address in look.seen.addresses)]
        return stated or self.in_cloud or Vantage.OPEN in self.looks or any(map(is_global, addresses))


@dataclass(frozen=True, slots=True)
class OpenRow:
    """An open port of a registered host, seen from one place, and the worst remark about it."""

    host: str
    port: OpenPort
    service: Service | None
    vantage: Vantage
    at: datetime
    remark: Judged | None
    endpoint: Subject | None


def kept_looks() -> KeptLooks:
    """Return the newest looks from every place. What was altered, or can be read no more, is told apart."""
    inside = {(subject, Place.INTERNAL.value): newest for subject, newest in newest_sightings(Probe.EXPOSURE).items()}
    kept = {**inside, **sightings_from_elsewhere(Probe.EXPOSURE)}
    looks: dict[Key, Look] = {}
    faults: dict[Key, Fault] = {}
    for (subject, place), newest in kept.items():
        vantage = Vantage(place)
        try:
            looks[subject, vantage] = _look(newest, vantage)
        except Unusable as error:
            faults[subject, vantage] = Fault(error.text, newest.observed_at)
    return KeptLooks(looks, faults)


def _look(newest: Newest, vantage: Vantage) -> Look:
    """Return what is kept. Where it was taken from is what the platform wrote down, not what the document says."""
    return Look(replace(newest.opened(read_look), vantage=vantage), newest.observed_at, newest.document)


def host_states() -> Mapping[str, HostState]:
    """Return every registered host with its looks and what they come to, by its normal name."""
    cloud, kept, exposure = cloud_systems(), kept_looks(), profile()
    states = {host: HostState(host, rows, in_cloud(rows, cloud)) for host, rows in sorted(endpoints_by_host().items())}
    for state in states.values():
        state.looks = {vantage: look for vantage in Vantage if (look := _newest_of(state, vantage, kept.looks))}
        state.faults = {vantage: fault for vantage in Vantage if (fault := _fault_of(state, vantage, kept.faults))}
    rows = [registered_row(endpoint) for state in states.values() for endpoint in state.endpoints]
    for vantage in Vantage:
        looks = [state.looks[vantage].seen for state in states.values() if vantage in state.looks]
        for host, judge in judge_looks(rows, looks, exposure, vantage).items():
            _judge(states[host], vantage, judge, exposure)
    return states


def _judge(
    state: HostState, vantage: Vantage, judge: Callable[[], Sequence[Judged]], exposure: ExposureProfile
) -> None:
    """Let a host have its remarks, or the reason why there are none: it costs this host and no other."""
    try:
        state.remarks[vantage] = tuple(_without_doubled(state, vantage, judge(), exposure))
    except Exception as error:  # noqa: BLE001  # whatever a judge does, see judging.py
        state.faults[vantage] = Fault(fault_of(error).text, state.looks[vantage].at)


def _fault_of(state: HostState, vantage: Vantage, faults: Mapping[Key, Fault]) -> Fault | None:
    places = [host_id(state.host), *(endpoint.id for endpoint in state.endpoints)]
    return next((fault for place in places if (fault := faults.get((place, vantage)))), None)


def _newest_of(state: HostState, vantage: Vantage, kept: Mapping[Key, Look]) -> Look | None:
    """Return the newest look at a host. The platform's own and one that was carried here are joined.

    Whoever brings looks in can show more by them, and hide nothing that the platform sees itself.
    """
    carried = [look for one in state.endpoints if (look := _at(state, kept.get((one.id, vantage))))]
    own, other = _at(state, kept.get((host_id(state.host), vantage))), max(carried, key=_when, default=None)
    if own is None or other is None:
        return own or other
    if other.at < clock.now() - _COUNTS_BESIDE:
        return own
    return Look(joined(own.seen, other.seen), min(own.at, other.at), own.document)


def _at(state: HostState, look: Look | None) -> Look | None:
    return look if look is not None and look.seen.host == state.host else None


def _when(look: Look) -> datetime:
    return look.at


def _without_doubled(
    state: HostState, vantage: Vantage, remarks: Sequence[Judged], exposure: ExposureProfile
) -> Iterator[Judged]:
    """Leave out that few ports of a cloud host were looked at from inside, once all were looked at from outside."""
    outside = state.looks.get(Vantage.OPEN)
    whole = state.in_cloud and outside is not None and not outside.seen.unseen(exposure)
    yield from (one for one in remarks if not (whole and vantage is Vantage.INTERNAL and one.code == PARTLY))


def requested_hosts() -> frozenset[str]:
    """Return the hosts that somebody wants to have looked at again."""
    return frozenset(RequestedLook.objects.values_list("host", flat=True))


def open_rows(states: Mapping[str, HostState], text: str = "") -> Sequence[OpenRow]:
    """Return the open ports of hosts, what breaks a rule first; ``text`` narrows by host, port and service."""
    words = text.casefold().split()
    rows = [row for state in states.values() for row in _open_rows(state)]
    kept = [row for row in rows if all(word in _words(row) for word in words)]
    return sorted(kept, key=lambda row: (_rank(row.remark), row.host, row.port.port, row.vantage.breadth))


def _open_rows(state: HostState) -> Iterator[OpenRow]:
    by_port = {endpoint.facts["port"]: endpoint for endpoint in state.endpoints}
    for vantage, look in state.looks.items():
        for port in look.seen.open:
            remark = min(about_port(state.remarks.get(vantage, ()), port.port), key=_rank, default=None)
            service = profile().service(port.port, port.banner)
            yield OpenRow(state.host, port, service, vantage, look.at, remark, by_port.get(port.port))


def about_port(remarks: Sequence[Judged], port: int) -> list[Judged]:
    """Return the remarks that speak of one port."""
    return [one for one in remarks if isinstance(one.observed, Mapping) and one.observed.get("port") == port]


def _rank(remark: Judged | None) -> int:
    return (Level.NG, Level.UNKNOWN, Level.WARN, Level.OK).index(remark.level) if remark else len(Level)


def _words(row: OpenRow) -> str:
    service = row.service.name if row.service else ""
    return f"{row.host} {row.port.port} {service} {row.port.banner}".casefold()


def known_addresses() -> frozenset[str]:
    """Return the addresses of every registered endpoint, time servers too, as far as they are known.

    Where a name leads is taken from this machine's own looks of the last month: what others brought here could call
    any stranger by a registered name.
    """
    hosts = [str(subject.facts["host"]) for subject in registered(SubjectKind.ENDPOINT)]
    since = clock.now() - _NAMES_LAST
    own = [one for one in own_sightings(Probe.EXPOSURE).values() if one.observed_at >= since]
    return addresses_of(hosts, [look for one in own if (look := _readable(one))])


def _readable(look: Newest) -> HostLook | None:
    try:
        return look.opened(read_look)
    except Unusable:
        return None
