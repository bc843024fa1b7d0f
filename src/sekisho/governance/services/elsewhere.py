"""What follows when something that was seen elsewhere was taken over."""

from collections.abc import Collection

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.services.checks import request_run
from sekisho.kernel import registry
from sekisho.kernel.actor import Actor


def request_checks_of(*, actor: Actor, probes: Collection[str]) -> None:
    """Ask for the checks that judge what these ways of looking see. Raises Forbidden."""
    actor.require(GovernanceAction.REQUEST_RUN)
    for control in registry.current().controls:
        if any(control.id.startswith(f"network.{probe}") for probe in probes):
            request_run(actor=actor, control_id=control.id)
