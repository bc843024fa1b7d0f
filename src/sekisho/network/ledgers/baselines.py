"""What is applied for: the configuration of a device as its baseline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sekisho.kernel.access import Role
from sekisho.kernel.dates import Calendar, format_moment
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.text import Text, _
from sekisho.network.queries.configurations import BASELINE_WORKFLOW
from sekisho.network.rules.judged import Level
from sekisho.network.services.configurations import require_standing


def _facts(content: Mapping[str, Any]) -> list[tuple[Text, str]]:
    """Return what is to be approved, heading by heading; what is empty is left out."""
    received_at = format_moment(datetime.fromisoformat(content["received_at"]), Calendar.SEIREKI)
    said = [
        (_("Network device"), content["name"]),
        (_("Configuration"), f"{content['number']} ({received_at})"),
        (_("Firmware"), content["firmware"] or ""),
        (_("Result of the check"), "、".join(f"{level.label} {content['levels'][level.value]}" for level in Level)),
        (_("Replaces configuration"), str(content["replaces"] or "")),
        (_("Lines that differ from it"), "" if content["changes"] is None else str(content["changes"])),
        (_("SHA-256"), content["sha256"]),
        (_("Why the configuration is as it is"), content["reason"]),
    ]
    return [(title, value) for title, value in said if value]


baseline = Workflow(
    id=BASELINE_WORKFLOW,
    title=_("Approved configuration of a network device"),
    submitters=frozenset({Role.SYSTEM_OPERATOR}),
    approvers=frozenset({Role.PLANNING_MANAGER, Role.SAFETY_MANAGER}),
    facts=_facts,
    amend_route="network:amend-baseline",
    fits=require_standing,
)
