"""Looking at the ports of registered hosts, from where the platform stands."""

from collections import defaultdict

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.network.actions import NetworkAction
from sekisho.network.models import Probe
from sekisho.network.queries.exposure import kept_looks, plan_looks
from sekisho.network.queries.reachability import Limits, probe, profile
from sekisho.network.rules.exposure_profile import Vantage
from sekisho.network.rules.looks import host_id, make_look, write_look
from sekisho.network.rules.reached import PortObservation
from sekisho.network.services.sightings import Seen, keep_sightings


def observe_exposure(*, actor: Actor, limits: Limits | None = None) -> int:
    """Look at the ports of every registered host and keep what was seen; return how many hosts. Raises Forbidden.

    Registered hosts only; where medical devices stand, their registered ports only. No transaction is open meanwhile.
    """
    actor.require(NetworkAction.OBSERVE)
    planned = plan_looks()
    found: dict[str, list[PortObservation]] = defaultdict(list)
    for one in probe([target for _why, targets in planned.values() for target in targets], limits):
        found[one.host].append(one)
    before, now, version = kept_looks(), clock.now(), profile().version
    seen = []
    for host, (restricted, _targets) in planned.items():
        last = before.get((host_id(host), Vantage.INTERNAL))
        look = make_look(host, Vantage.INTERNAL, found[host], now, last.seen if last else None, restricted, version)
        seen.append(Seen(host_id(host), host, now, write_look(look)))
    return keep_sightings(actor=actor, probe=Probe.EXPOSURE, seen=seen)
