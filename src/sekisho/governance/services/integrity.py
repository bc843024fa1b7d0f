"""Computing every stored hash anew: whether what is kept is still what was stored."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import EvidenceRun, Observation, Round, RoundItem, RoundJudgement
from sekisho.governance.queries.evidence import digest_of, observed_bytes
from sekisho.governance.services.rounds import round_digest
from sekisho.kernel import registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries import stored_files, stored_submissions
from sekisho.network.queries.stored import stored_bundles, stored_configurations, stored_sightings
from sekisho.register.queries import history

_EVERY = 10**9
_AT_ONCE = 200
GONE = "-"


class Kept(StrEnum):
    """What carries a hash."""

    RUN = "run"
    REGISTERED = "registered"
    OBSERVATION = "observation"
    ROUND = "round"
    SUBMISSION = "submission"
    FILE = "file"
    SIGHTING = "sighting"
    BUNDLE = "bundle"
    CONFIGURATION = "configuration"

    @property
    def label(self) -> Text:
        """The kind as people read it."""
        return KEPT_LABELS[self]


KEPT_LABELS: dict[Kept, Text] = {
    Kept.RUN: _("Runs of checks"),
    Kept.REGISTERED: _("Runs as the register recorded them"),
    Kept.OBSERVATION: _("What checks read"),
    Kept.ROUND: _("Locked rounds"),
    Kept.SUBMISSION: _("Applications as submitted"),
    Kept.FILE: _("Files of applications"),
    Kept.SIGHTING: _("What was seen of systems and lines"),
    Kept.BUNDLE: _("Bundles from elsewhere"),
    Kept.CONFIGURATION: _("Configurations of devices"),
}


@dataclass(frozen=True, slots=True)
class Recomputed:
    """One thing with the hash it was stored under and the hash of what is there now; GONE for what is not there."""

    kind: Kept
    id: str
    stored: str
    found: str

    @property
    def matches(self) -> bool:
        """Tell whether it is still what was stored."""
        return self.stored == self.found


def recompute(*, actor: Actor) -> Iterator[Recomputed]:
    """Return everything that carries a hash, each computed anew. Raises Forbidden.

    A run is also compared with its event in the register: who changes both a finding and its hash must change that too.
    What is kept of a configuration is compared with its event only, and a bundle must still be signed by its ticket.
    """
    actor.require(GovernanceAction.VIEW)
    return _recompute()


def _recompute() -> Iterator[Recomputed]:
    for run in EvidenceRun.objects.order_by("id").iterator(_AT_ONCE):
        yield Recomputed(Kept.RUN, str(run.pk), run.digest, digest_of(run))
    yield from _registered()
    for row in Observation.objects.order_by("sha256").iterator(_AT_ONCE):
        yield Recomputed(Kept.OBSERVATION, row.sha256, row.sha256, hashlib.sha256(observed_bytes(row)).hexdigest())
    for locked in Round.objects.exclude(locked_at=None).order_by("fiscal_year"):
        items, judgements = RoundItem.objects.filter(round=locked), RoundJudgement.objects.filter(round=locked)
        yield Recomputed(Kept.ROUND, str(locked.pk), locked.digest, round_digest(locked, items, judgements))
    for name, stored, found in stored_submissions():
        yield Recomputed(Kept.SUBMISSION, name, stored, found)
    for name, found in stored_files():
        yield Recomputed(Kept.FILE, name, name, found)
    for kind, rows in _of_the_network():
        yield from (Recomputed(kind, *row) for row in rows)


def _of_the_network() -> Iterator[tuple[Kept, Iterator[tuple[str, str, str]]]]:
    yield Kept.SIGHTING, stored_sightings()
    yield Kept.BUNDLE, stored_bundles()
    yield Kept.CONFIGURATION, stored_configurations()


def _registered() -> Iterator[Recomputed]:
    """Yield every run that the tables or the register know, control by control."""
    stored = EvidenceRun.objects.order_by("control").values_list("control", flat=True).distinct()
    for control in sorted({*stored, *(control.id for control in registry.current().controls)}):
        digests = _digests(control=control)
        said = {
            str(found.document["details"]["run"]): str(found.document["details"]["digest"])
            for found in history("control", control, _EVERY)
            if found.document["action"] == GovernanceAction.RUN_CONTROL.value
        }
        # A run that came while this was read stands in the register only so far.
        digests |= _digests(pk__in=said.keys() - digests.keys())
        for run in sorted(digests.keys() | said.keys()):
            yield Recomputed(Kept.REGISTERED, run, said.get(run, GONE), digests.get(run, GONE))


def _digests(**condition: Any) -> dict[str, str]:
    rows = EvidenceRun.objects.filter(**condition).values_list("id", "digest")
    return {str(run): digest for run, digest in rows}
