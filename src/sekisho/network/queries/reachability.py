"""Which TCP ports of which hosts answer from here: a light touch, bounded in number, rate and time.

Nothing is tried that needs a password or a guess. Each host gets few connections at a time and few a second, because
medical devices and old printers stop working when they are hurried. Not to be called from inside an event loop.
"""

import asyncio
import errno
import socket
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sekisho.kernel import clock
from sekisho.network.queries.addresses import Address, Unresolved, resolve
from sekisho.network.queries.dialogues import converse
from sekisho.network.queries.streams import NO_WAY, connected
from sekisho.network.rules.exposure_profile import ExposureProfile, read_profile
from sekisho.network.rules.reached import PortObservation, Reached, Target
from sekisho.network.rules.sweep import AddressRange, Network, Permit, PermitExpired, check_time, plan

PROFILE = Path(__file__).resolve().parent.parent / "profiles" / "exposure.yaml"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How gently one looks: seconds to connect, to listen and to resolve a name; connections at once and a second."""

    connect: float = 3.0
    listen: float = 2.0
    resolve: float = 5.0
    at_once: int = 32
    at_once_per_host: int = 1
    per_second: float = 100.0
    per_second_per_host: float = 10.0

    def __post_init__(self) -> None:
        if min(self.at_once, self.at_once_per_host) < 1 or min(self.per_second, self.per_second_per_host) <= 0:
            raise ValueError("limits must let something through")


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep saw of so many ``planned`` ports, and how it ``ended``: "done", "stopped" or "expired"."""

    observations: tuple[PortObservation, ...]
    planned: int
    ended: str

    @property
    def asked(self) -> int:
        """How many ports were looked at."""
        return len(self.observations)


@cache
def profile() -> ExposureProfile:
    """Return the exposure profile that comes with this version. Raises DataInvalid."""
    return read_profile(PROFILE.read_text(encoding="utf8"))


def probe(
    targets: Iterable[Target],
    limits: Limits | None = None,
    *,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[PortObservation, ...]:
    """Look at each target and return what answered, in the order of the targets.

    ``progress`` is told after each one how many of how many are done. Once ``stop`` says so nothing new is begun, and
    what was not looked at is missing from the answer. Never raises for what a network or a host can do.
    """
    wanted = tuple(dict.fromkeys(targets))
    return asyncio.run(_Round(wanted, limits or Limits(), progress, stop).run())


def sweep(
    network: Network,
    ports: Iterable[int],
    permit: Permit,
    *,
    ranges: Sequence[AddressRange],
    limits: Limits | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> SweepResult:
    """Connect to ``ports`` of every address of ``network``, as far as ``permit`` and the registered ``ranges`` allow.

    Raises MedicalZone, PermitMissing, PermitExpired, RangeNotRegistered, RangeTooLarge before anything is sent. A
    permit that ends on the way ends the sweep.
    """
    targets = plan(network, ports, permit, ranges, clock.now())
    expired = False

    def ended() -> bool:
        nonlocal expired
        try:
            check_time(permit, clock.now())
        except PermitExpired:
            expired = True
        return expired or (stop is not None and stop())

    observations = probe(targets, limits, progress=progress, stop=ended)
    reason = "done" if len(observations) == len(targets) else "expired" if expired else "stopped"
    return SweepResult(observations, len(targets), reason)


class _Pace:
    """Hands out turns that lie at least ``1 / per_second`` seconds apart."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        now = asyncio.get_running_loop().time()
        mine = max(now, self._next)
        self._next = mine + self._gap
        if mine > now:
            await asyncio.sleep(mine - now)


class _Round:
    """One round of looking. Each host has its own few workers; all of them share one number and one pace."""

    def __init__(
        self, targets: Sequence[Target], limits: Limits, progress: Progress | None, stop: Callable[[], bool] | None
    ) -> None:
        self._targets, self._limits, self._progress, self._stop = targets, limits, progress, stop
        self._slots, self._pace = asyncio.Semaphore(limits.at_once), _Pace(limits.per_second)
        self._found: dict[Target, PortObservation] = {}
        self._stopped = False

    async def run(self) -> tuple[PortObservation, ...]:
        by_host: dict[str, deque[Target]] = {}
        for target in self._targets:
            by_host.setdefault(target.host, deque()).append(target)
        addresses = await asyncio.to_thread(_resolve_all, list(by_host), self._limits.resolve)
        async with asyncio.TaskGroup() as group:
            for host, waiting in by_host.items():
                pace = _Pace(self._limits.per_second_per_host)
                for _worker in range(min(self._limits.at_once_per_host, len(waiting))):
                    group.create_task(self._host(waiting, addresses[host], pace))
        return tuple(self._found[target] for target in self._targets if target in self._found)

    async def _host(self, waiting: deque[Target], addresses: Sequence[Address] | str, pace: _Pace) -> None:
        while waiting and not self._stopped:
            # Taken before the first wait, or two workers would look at the same one.
            target = waiting.popleft()
            await pace.turn()
            async with self._slots:
                if not self._stopped:
                    await self._pace.turn()
                if self._stopping():
                    return
                self._found[target] = await self._look(target, addresses)
            if self._progress:
                self._progress(len(self._found), len(self._targets))

    def _stopping(self) -> bool:
        self._stopped = self._stopped or (self._stop is not None and self._stop())
        return self._stopped

    async def _look(self, target: Target, addresses: Sequence[Address] | str) -> PortObservation:
        if isinstance(addresses, str):
            return PortObservation(target.host, target.port, Reached.ERROR, detail=addresses)
        places = [_at_port(address, target.port) for address in addresses]
        seen = PortObservation(target.host, target.port, Reached.FILTERED, address=places[0].ip)
        try:
            async with asyncio.timeout(self._limits.connect) as bound, connected(places) as (stream, address):
                bound.reschedule(None)  # what follows has its own bound
                heard = await converse(stream, target.look, target.host, self._limits.listen)
                return PortObservation(
                    target.host, target.port, Reached.OPEN, address,
                    heard.banner, heard.encryption, heard.names, heard.detail, heard.facts,
                )  # fmt: skip
        except TimeoutError:
            return seen
        except OSError as error:
            return replace(seen, reached=_reached(error), detail=error.strerror or str(error))


def _reached(error: OSError) -> Reached:
    if error.errno == errno.ECONNREFUSED:
        return Reached.REFUSED
    return Reached.UNREACHABLE if error.errno in NO_WAY else Reached.ERROR


def _at_port(address: Address, port: int) -> Address:
    ip, _port, *rest = address.place
    return Address(address.family, (ip, port, *rest))  # type: ignore[arg-type]


def _resolve_all(hosts: Sequence[str], within: float) -> Mapping[str, tuple[Address, ...] | str]:
    """Return the addresses of each host, or in words why there are none; eight look-ups at a time."""

    def one(host: str) -> tuple[Address, ...] | str:
        try:
            return resolve(host, 0, socket.SOCK_STREAM, within)
        except Unresolved as error:
            return str(error)

    with ThreadPoolExecutor(8, thread_name_prefix="resolve") as pool:
        return dict(zip(hosts, pool.map(one, hosts), strict=True))
