"""What a sweep of a range saw, as it is kept, and what that says about devices that nobody has registered."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text, _
from sekisho.network.rules.exposure_profile import Vantage
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.looks import OpenPort, open_port
from sekisho.network.rules.reached import PortObservation, Reached, normal

SOURCE = "MHLW v7.0 (draft), System Operation, 13⑤ (no strange devices) and 8⑥(3)"


@dataclass(frozen=True, slots=True)
class Answering:
    """An address that took connections, and where."""

    address: str
    open: tuple[OpenPort, ...]


@dataclass(frozen=True, slots=True)
class SweepLook:
    """What a sweep of ``network`` saw; ``asked`` of ``planned`` connections were tried; ``ended`` says how it ended.

    ``refusing`` are addresses that answered at no port but refused: somebody is there, or something in between speaks.
    """

    network: str
    vantage: Vantage
    ports: tuple[int, ...]
    planned: int
    asked: int
    ended: str
    answering: tuple[Answering, ...] = ()
    refusing: tuple[str, ...] = ()


_sweep: TypeAdapter[SweepLook] = TypeAdapter(SweepLook)


def write_sweep(look: SweepLook) -> bytes:
    """Return the sweep as the JSON that is kept."""
    return _sweep.dump_json(look)


def read_sweep(document: bytes) -> SweepLook:
    """Return the sweep that the JSON holds. Raises ValueError."""
    return _sweep.validate_json(document)


def collected(
    observations: Sequence[PortObservation],
) -> tuple[tuple[Answering, ...], tuple[str, ...]]:
    """Return the addresses that answered, and those that only refused, each in the order they were asked."""
    opened: dict[str, list[OpenPort]] = defaultdict(list)
    refused: dict[str, None] = {}
    for one in observations:
        if one.reached is Reached.OPEN:
            opened[one.host].append(open_port(one))
        elif one.reached is Reached.REFUSED:
            refused[one.host] = None
    answering = tuple(Answering(address, tuple(ports)) for address, ports in opened.items())
    return answering, tuple(address for address in refused if address not in opened)


def strangers(look: SweepLook, known: Collection[str]) -> tuple[Answering, ...]:
    """Return who answered without being registered; ``known`` are registered addresses in normal form."""
    return tuple(one for one in look.answering if normal(one.address) not in known)


def judge_sweep(look: SweepLook, known: Collection[str]) -> tuple[Judged, ...]:
    """Return what a sweep says about unregistered devices, judged by what is registered now.

    A device that answers at none of the ports is not seen; the remark that nobody strange answered says no more.
    """
    found = list(_remarks(look, known))
    if not found:
        message = _("No address answered that is not registered; %(count)s ports were asked.", count=len(look.ports))
        found = [_remark("sweep.all_registered", Level.OK, message, {"answering": len(look.answering)})]
    return tuple(found)


def _remarks(look: SweepLook, known: Collection[str]) -> Iterator[Judged]:
    for one in strangers(look, known):
        ports = [port.port for port in one.open]
        message = _(
            "%(address)s answers at port %(ports)s but is not registered.",
            address=one.address,
            ports=", ".join(map(str, ports)),
        )
        yield _remark("sweep.unregistered", Level.NG, message, {"address": one.address, "ports": ports})
    refusing = [address for address in look.refusing if normal(address) not in known]
    if refusing:
        message = _(
            "%(count)s addresses that are not registered refuse connections: a device, or a firewall on the way.",
            count=len(refusing),
        )
        yield _remark("sweep.refusing", Level.UNKNOWN, message, {"addresses": refusing})
    if look.asked < look.planned:
        message = _(
            "The sweep ended early: %(asked)s of %(planned)s connections were tried.",
            asked=look.asked,
            planned=look.planned,
        )
        yield _remark("sweep.ended_early", Level.UNKNOWN, message, {"ended": look.ended})
    elif not look.answering and not look.refusing:
        message = _("Nothing in the range answered at all, so nothing shows that it was reached.")
        yield _remark("sweep.way_unproven", Level.UNKNOWN, message, {"asked": look.asked})


def _remark(code: str, level: Level, message: Text, observed: Json) -> Judged:
    return Judged(code, level, message, observed, "registered", SOURCE, "own")
