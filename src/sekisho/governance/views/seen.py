"""What the checks behind the proofs of a page found, in words, each with its time and the way to its run."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.urls import reverse

from sekisho.governance.queries.closed_facts import may_see_facts
from sekisho.governance.queries.conformance import SubjectVerdict, findings_behind
from sekisho.governance.rules.evidence import said
from sekisho.governance.views.check_wording import remarks_of
from sekisho.governance.views.fact_wording import fact_lines
from sekisho.governance.views.wording import Seen
from sekisho.kernel.actor import Actor

# More subjects on one page would make it heavy; the run shows the facts of each.
MOST_WITH_FACTS = 10


def seen_behind(actor: Actor, verdicts: Sequence[SubjectVerdict]) -> Mapping[tuple[str, str], Sequence[Seen]]:
    """Return what was found by (run, subject id); facts only where the reader may see them and subjects are few."""
    found: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for row in findings_behind(verdicts):
        shows = len(verdicts) <= MOST_WITH_FACTS and may_see_facts(actor, row.run.control)
        _remarks, facts = remarks_of(json.loads(row.facts)) if shows else ([], {})
        found[str(row.run_id), row.subject_id].append(
            Seen(
                message=said(json.loads(row.message)),
                observed_at=row.observed_at,
                url=reverse("governance:run", args=[row.run_id]),
                facts=list(fact_lines(facts)),
            )
        )
    return found
