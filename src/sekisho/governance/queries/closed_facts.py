"""Who may see the facts of findings: open ports, addresses and configurations help whoever wants to get in."""

from sekisho.governance.actions import GovernanceAction
from sekisho.kernel import registry
from sekisho.kernel.actor import Actor


def may_see_facts(actor: Actor, control_id: str) -> bool:
    """Return whether ``actor`` may see the facts of a check's findings, and not only outcome and message.

    What is not declared here, because it is gone or was brought in from elsewhere, names nobody: then whoever may take
    what a check read.
    """
    control = registry.current().control(control_id)
    if control is None:
        return actor.may(GovernanceAction.READ_RAW)
    return control.facts_for is None or actor.may(control.facts_for)
