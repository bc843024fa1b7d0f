"""Sweeping registered ranges: asked for by an operator with somebody else's leave, done by a job of its own."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.errors import SekishoError
from sekisho.ledgers.queries import same_person
from sekisho.network.actions import NetworkAction
from sekisho.network.errors import OwnPermit, RangeClosed, SweepEnded, SweepUnderWay
from sekisho.network.models import Probe, RegisteredRange, RequestedSweep, SweepPermit, SweepState
from sekisho.network.queries.ranges import (
    address_ranges,
    as_permit,
    get_range,
    get_sweep,
    network_of,
    permit_in_force,
    permits_in_force,
    waiting_or_running,
)
from sekisho.network.queries.reachability import Limits, SweepResult, probe, profile, sweep
from sekisho.network.rules.exposure_profile import Look, Vantage
from sekisho.network.rules.reached import PortObservation, Reached, Target
from sekisho.network.rules.sweep import (
    AddressRange,
    MedicalZone,
    Permit,
    PermitExpired,
    PermitMissing,
    check_time,
    check_zones,
    default_ports,
    plan,
)
from sekisho.network.rules.swept import SweepLook, collected, write_sweep
from sekisho.network.services.ranges import range_ref
from sekisho.network.services.sightings import Seen, keep_sightings
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

# One connection to a host at a time still; more hosts at once, because most addresses of a range are empty.
LIMITS = Limits(connect=1.5, at_once=64)
T = TypeVar("T")
LOOK_EVERY = 1.0  # seconds between two looks at whether to go on
_ENDED = {"done": SweepState.DONE, "stopped": SweepState.STOPPED, "expired": SweepState.EXPIRED}


@transaction.atomic
def request_sweep(*, actor: Actor, range_id: UUID) -> RequestedSweep:
    """Ask for a sweep of a range by the permit in force; the worker begins within a minute.

    Raises Forbidden, NotFound, RangeClosed, PermitMissing, OwnPermit, MedicalZone, RangeTooLarge, SweepUnderWay.
    """
    actor.require(NetworkAction.REQUEST_SWEEP)
    found = get_range(range_id)
    if found.closed_at is not None:
        raise RangeClosed(network=found.network)
    planned = len(planned_sweep(found))
    permit = _permit_for(actor, found)
    row = RequestedSweep(range=found, permit=permit, requested_at=clock.now(), requested_by=actor.name, planned=planned)
    RequestedSweep.objects.bulk_create([row], ignore_conflicts=True)
    if not RequestedSweep.objects.filter(pk=row.pk).exists():
        raise SweepUnderWay(network=found.network)
    details: dict[str, Json] = {"network": found.network, "permit": str(permit.pk), "connections": planned}
    append(actor=actor, action=NetworkAction.REQUEST_SWEEP, subject=sweep_ref(row), details=details)
    return row


def planned_sweep(found: RegisteredRange) -> Sequence[Target]:
    """Return what a sweep of a range would ask by the permit in force.

    Raises PermitMissing, MedicalZone, RangeNotRegistered, RangeTooLarge.
    """
    permit = permit_in_force(found)
    network, now = network_of(found), clock.now()
    # A medical zone is named before a missing permit: nobody is sent for a permit that could not be used.
    leave = as_permit(permit) if permit else Permit("", "", (), now, now)
    return plan(network, default_ports(profile()), leave, address_ranges(), now)


def _permit_for(actor: Actor, found: RegisteredRange) -> SweepPermit:
    """Return a permit that somebody else gave. Raises PermitMissing, OwnPermit."""
    permits = permits_in_force(found)
    if not permits:
        raise PermitMissing(network=found.network)
    given = next((permit for permit in permits if not same_person(actor.id, permit.allowed_by_id)), None)
    if given is None:
        raise OwnPermit(action=NetworkAction.REQUEST_SWEEP)
    return given


@transaction.atomic
def stop_sweep(*, actor: Actor, sweep_id: UUID) -> RequestedSweep:
    """Ask a sweep to end; one that waits ends at once. Raises Forbidden, NotFound, SweepEnded."""
    actor.require(NetworkAction.STOP_SWEEP)
    found = get_sweep(sweep_id)
    now = clock.now()
    asked_to = {"stop_requested_at": now, "stop_requested_by": actor.name}
    rows = RequestedSweep.objects.filter(pk=sweep_id)
    waiting = rows.filter(state=SweepState.WAITING).update(state=SweepState.STOPPED, ended_at=now, **asked_to)
    if not waiting and not rows.filter(state=SweepState.RUNNING).update(**asked_to):
        raise SweepEnded
    append(actor=actor, action=NetworkAction.STOP_SWEEP, subject=sweep_ref(found))
    return get_sweep(sweep_id)


def run_requested_sweeps(*, actor: Actor, limits: Limits = LIMITS) -> int:
    """Sweep what was asked for, one range after another; return how many. Raises Forbidden.

    Only one process does this at a time, so a sweep that is found under way was left by one that died.
    """
    actor.require(NetworkAction.SWEEP)
    number = 0
    for row in waiting_or_running():
        if row.state == SweepState.RUNNING:
            _end(actor, row, SweepState.BROKEN)
        elif _begin(row):
            _sweep(actor, get_sweep(row.pk), limits)
            number += 1
    return number


def _begin(row: RequestedSweep) -> bool:
    """Claim a waiting sweep; False when it was stopped or claimed in the meantime."""
    waiting = RequestedSweep.objects.filter(pk=row.pk, state=SweepState.WAITING)
    return bool(waiting.update(state=SweepState.RUNNING, started_at=clock.now()))


def _sweep(actor: Actor, row: RequestedSweep, limits: Limits) -> None:
    """Do one sweep, keep what it saw, and write down how it ended."""
    try:
        if row.permit.revoked_at is not None or row.range.closed_at is not None:
            raise PermitMissing(network=row.range.network)
        sweeping = _Sweeping(row, limits)
        swept = sweeping.run()
    except SekishoError as refusal:
        _end(actor, row, SweepState.REFUSED, refusal=refusal)
        return
    look = _look(row, swept)
    document = write_sweep(look)
    seen = Seen(str(row.pk), str(row.range), row.started_at or clock.now(), document)
    keep_sightings(actor=actor, probe=Probe.SWEEP, seen=[seen])
    _end(actor, row, _ENDED[swept.ended], swept, sweeping.refusal)


def _look(row: RequestedSweep, swept: SweepResult) -> SweepLook:
    answering, refusing = collected(swept.observations)
    ports = default_ports(profile())
    return SweepLook(
        row.range.network, Vantage.INTERNAL, ports, swept.planned, swept.asked, swept.ended, answering, refusing
    )


@transaction.atomic
def _end(
    actor: Actor,
    row: RequestedSweep,
    state: SweepState,
    swept: SweepResult | None = None,
    refusal: SekishoError | None = None,
) -> None:
    figures = {"asked": swept.asked, "planned": swept.planned} if swept else {}
    words = _words(refusal) if refusal else ""
    RequestedSweep.objects.filter(pk=row.pk).update(state=state, ended_at=clock.now(), refusal=words, **figures)
    details: dict[str, Json] = {"state": state.value, "network": row.range.network, **figures}
    if refusal:
        details["code"] = refusal.code
    append(actor=actor, action=NetworkAction.SWEEP, subject=sweep_ref(row), details=details)


def _words(refusal: SekishoError) -> str:
    """Return what was refused as JSON, to be shown in the language of whoever reads it."""
    params = {name: str(value) for name, value in refusal.text.params.items()}
    return canonical_json({"msgid": refusal.text.msgid, "params": params}).decode()


def sweep_ref(row: RequestedSweep) -> SubjectRef:
    """Return how the register names a sweep: by its range."""
    return SubjectRef("sweep", str(row.pk), range_ref(row.range).label)


@dataclass
class _Sweeping:
    """One sweep in a thread of its own, while this one writes its progress and looks whether it may go on."""

    row: RequestedSweep
    limits: Limits
    asked: int = 0
    refusal: SekishoError | None = None

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._permit = as_permit(self.row.permit)

    def run(self) -> SweepResult:
        """Sweep, then listen once more where a port answered. Raises what refuses the sweep."""
        with ThreadPoolExecutor(1, thread_name_prefix="sweep") as pool:
            try:
                swept = self._watched(pool.submit(self._ask, address_ranges()))
                self._look_around()  # what was allowed when it began may be forbidden before the second round
                return replace(swept, observations=self._watched(pool.submit(self._listen, swept)))
            finally:
                self._stop.set()  # whatever went wrong here, the thread comes to its end

    def _watched(self, work: "Future[T]") -> T:
        while wait([work], LOOK_EVERY).not_done:
            self._look_around()
        return work.result()

    def _look_around(self) -> None:
        """Write how far it is, and stop it when somebody asked for that, or its leave or its range is gone.

        So does a zone of medical devices that was registered in the meantime.
        """
        mine = RequestedSweep.objects.filter(pk=self.row.pk)
        mine.update(asked=self.asked)
        good = mine.filter(stop_requested_at=None, permit__revoked_at=None, range__closed_at=None)
        if not good.exists():
            self._stop.set()
        try:
            check_zones(network_of(self.row.range), address_ranges())
        except MedicalZone as refusal:
            self.refusal = refusal
            self._stop.set()

    def _ask(self, ranges: Sequence[AddressRange]) -> SweepResult:
        return sweep(
            network_of(self.row.range),
            default_ports(profile()),
            self._permit,
            ranges=ranges,
            limits=self.limits,
            progress=self._progress,
            stop=self._stop.is_set,
        )

    def _progress(self, done: int, _planned: int) -> None:
        self.asked = done

    def _listen(self, swept: SweepResult) -> tuple[PortObservation, ...]:
        """Let the ports that answered say who they are, where the profile knows a harmless way to hear it.

        Banners come by themselves, the names of a certificate after a TLS hello. No other port is sent a byte.
        """
        looks = {
            (one.host, one.port): Target(one.host, one.port, look)
            for one in swept.observations
            if one.reached is Reached.OPEN and (look := profile().look(one.port)) in {Look.BANNER, Look.TLS}
        }
        heard = {(one.host, one.port): one for one in probe(looks.values(), self.limits, stop=self._over)}
        again = {place: one for place, one in heard.items() if one.reached is Reached.OPEN}
        return tuple(again.get((one.host, one.port), one) for one in swept.observations)

    def _over(self) -> bool:
        try:
            check_time(self._permit, clock.now())
        except PermitExpired:
            return True
        return self._stop.is_set()
