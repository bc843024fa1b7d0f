"""Which endpoints are looked at, and what was last seen of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.estate.queries import subjects
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.network.models import NewestSighting, Probe, Vantage

# What speaks TLS from its first byte, or should: a page in the clear is seen to have none.
_HTTP = frozenset({"https", "http"})
_LOOKED_AT = _HTTP | {"tls", "dicom_tls"}


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A registered endpoint that is looked at."""

    subject: Subject
    host: str
    port: int
    is_http: bool


@dataclass(frozen=True, slots=True)
class Newest:
    """What was last seen of a subject: the bytes of the observation, and when."""

    document: bytes
    observed_at: datetime
    vantage: Vantage = Vantage.INTERNAL


def registered(kind: SubjectKind) -> Sequence[Subject]:
    """Return the open subjects of a kind."""
    estate: SubjectProvider = subjects.implementation  # type: ignore[assignment]  # the estate's own offer
    return list(estate.subjects(kind))


def tls_endpoints() -> Sequence[LookedAt]:
    """Return the open endpoints that speak TLS, or should."""
    return [
        LookedAt(subject, str(facts["host"]), int(facts["port"] or 0), facts["protocol"] in _HTTP)
        for subject in registered(SubjectKind.ENDPOINT)
        if (facts := subject.facts)["protocol"] in _LOOKED_AT
    ]


def newest_sightings(probe: Probe, vantage: Vantage = Vantage.INTERNAL) -> Mapping[str, Newest]:
    """Return what a probe last saw from one place, by subject id."""
    return {subject: newest for (subject, _), newest in _newest(probe, [vantage]).items()}


def sightings_from_elsewhere(probe: Probe) -> Mapping[tuple[str, str], Newest]:
    """Return what a probe last saw from outside this network, by subject id and vantage."""
    return _newest(probe, [Vantage.SECURE, Vantage.OPEN])


def _newest(probe: Probe, vantages: Sequence[Vantage]) -> Mapping[tuple[str, str], Newest]:
    rows = NewestSighting.objects.filter(probe=probe, vantage__in=vantages).select_related("sighting")
    return {
        (row.subject_id, row.vantage): Newest(
            row.sighting.document.encode(), row.sighting.observed_at, Vantage(row.vantage)
        )
        for row in rows
    }
