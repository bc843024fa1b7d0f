"""Looking at the ports of registered hosts, from where the platform stands."""

from collections import defaultdict
from collections.abc import Collection

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import NotFound
from sekisho.network.actions import NetworkAction
from sekisho.network.models import Probe, RequestedLook
from sekisho.network.queries.exposure import kept_looks
from sekisho.network.queries.exposure_plan import endpoints_by_host, plan_looks
from sekisho.network.queries.reachability import Limits, probe, profile
from sekisho.network.rules.exposure_profile import Vantage
from sekisho.network.rules.looks import host_id, make_look, write_look
from sekisho.network.rules.reached import PortObservation
from sekisho.network.services.sightings import Seen, keep_sightings
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


@transaction.atomic
def request_look(*, actor: Actor, host: str) -> None:
    """Have a registered host looked at again from inside; the worker does it within a minute.

    Asked for already, it stays as it is. Raises Forbidden, NotFound for a host that is not registered.
    """
    actor.require(NetworkAction.REQUEST_LOOK)
    if host not in endpoints_by_host():
        raise NotFound
    values = {"requested_at": clock.now(), "requested_by": actor.name}
    _row, is_new = RequestedLook.objects.get_or_create(host=host, defaults=values)
    if is_new:
        append(actor=actor, action=NetworkAction.REQUEST_LOOK, subject=SubjectRef("host", host_id(host), host))


def observe_requested(*, actor: Actor, limits: Limits | None = None) -> int:
    """Look at the hosts that somebody asked for; return how many. Raises Forbidden."""
    actor.require(NetworkAction.OBSERVE)
    hosts = list(RequestedLook.objects.values_list("host", flat=True))
    looked_at = observe_exposure(actor=actor, limits=limits, only=hosts) if hosts else 0
    RequestedLook.objects.filter(host__in=hosts).delete()
    return looked_at


def observe_exposure(*, actor: Actor, limits: Limits | None = None, only: Collection[str] | None = None) -> int:
    """Look at the ports of every registered host and keep what was seen; return how many hosts. Raises Forbidden.

    ``only`` names hosts. Registered hosts only; where medical devices stand, their registered ports only. No
    transaction is open meanwhile.
    """
    actor.require(NetworkAction.OBSERVE)
    planned = {host: plan for host, plan in plan_looks().items() if only is None or host in only}
    found: dict[str, list[PortObservation]] = defaultdict(list)
    for one in probe([target for _why, targets in planned.values() for target in targets], limits):
        found[one.host].append(one)
    before, now, version = kept_looks(), clock.now(), profile().version
    seen = []
    for host, (restricted, _targets) in planned.items():
        last = before.looks.get((host_id(host), Vantage.INTERNAL))
        look = make_look(host, Vantage.INTERNAL, found[host], now, last.seen if last else None, restricted, version)
        seen.append(Seen(host_id(host), host, now, write_look(look)))
    return keep_sightings(actor=actor, probe=Probe.EXPOSURE, seen=seen)
