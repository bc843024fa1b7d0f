"""Which endpoints are looked at, and what was last seen of them."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sekisho.estate.queries import subjects
from sekisho.kernel import clock
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.text import Text
from sekisho.network.models import NewestSighting, Probe, Sighting, Vantage
from sekisho.network.rules.bundle import TOLERANCE, one_form
from sekisho.network.rules.unusable import ALTERED, Unusable, unreadable

# What speaks TLS from its first byte, or should: a page in the clear is seen to have none.
_HTTP = frozenset({"https", "http"})
_LOOKED_AT = _HTTP | {"tls", "dicom_tls"}
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Newest:
    """What was last seen of a subject: the bytes of the observation, and when.

    ``bundle`` and ``ticket`` are the ids of what brought it here, None where the platform looked itself. ``fault`` says
    why it proves nothing: it is not what was stored.
    """

    document: bytes
    observed_at: datetime
    vantage: Vantage = Vantage.INTERNAL
    bundle: str | None = None
    ticket: str | None = None
    fault: Text | None = None

    def opened(self, read: Callable[[bytes], Read]) -> Read:
        """Return what ``read`` makes of the observation. Raises Unusable for one that was altered or is read no more.

        Whoever judges by what was seen, or plans by it, opens it here and nowhere else.
        """
        if self.fault is not None:
            raise Unusable(self.fault)
        try:
            return read(self.document)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise unreadable(error) from error


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A registered endpoint that is looked at."""

    subject: Subject
    host: str
    port: int
    is_http: bool

    def is_meant_by(self, look: Newest) -> bool:
        """Tell whether a look was at the address that is registered now; an entry keeps its id when it moves.

        Raises Unusable.
        """
        return look.opened(_address) == one_form(self.host, self.port)


def _address(document: bytes) -> str:
    seen = json.loads(document)
    return one_form(str(seen["host"]), int(seen["port"]))


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
    """Return what was last seen from one place, by the platform itself or carried here, by subject id."""
    return {subject: newest for (subject, _), newest in _newest(_kept(probe, [vantage])).items()}


def sightings_from_elsewhere(probe: Probe) -> Mapping[tuple[str, str], Newest]:
    """Return what a probe last saw from outside this network, by subject id and vantage."""
    return _newest(_kept(probe, [Vantage.SECURE, Vantage.OPEN]))


def own_sightings(probe: Probe) -> Mapping[str, Newest]:
    """Return what the platform itself last saw from where it stands, by subject id, without what was carried."""
    return {subject: newest for subject, newest in _kept(probe, [Vantage.INTERNAL]) if newest.bundle is None}


def all_sightings(probe: Probe) -> Mapping[str, Sequence[Newest]]:
    """Return by subject id what was last seen from every place, own and carried side by side, the newest first."""
    found: dict[str, list[Newest]] = {}
    for subject, newest in _kept(probe, list(Vantage)):
        found.setdefault(subject, []).append(newest)
    return {subject: sorted(looks, key=lambda one: one.observed_at, reverse=True) for subject, looks in found.items()}


def _newest(kept: Iterable[tuple[str, Newest]]) -> Mapping[tuple[str, str], Newest]:
    """Return the newest of each subject and vantage."""
    in_order = sorted(kept, key=lambda one: one[1].observed_at)
    return {(subject, newest.vantage.value): newest for subject, newest in in_order}


def _kept(probe: Probe, vantages: Sequence[Vantage]) -> Sequence[tuple[str, Newest]]:
    """Return what is the newest of each kind. What a clock that ran ahead dated in the future shows nothing."""
    rows = NewestSighting.objects.filter(
        probe=probe, vantage__in=vantages, sighting__observed_at__lte=clock.now() + TOLERANCE
    )
    rows = rows.select_related("sighting__bundle").defer("sighting__bundle__envelope")
    return [(row.subject_id, _of(row)) for row in rows]


def _of(row: NewestSighting) -> Newest:
    seen, bundle = row.sighting, row.sighting.bundle
    ticket = str(bundle.ticket_id) if bundle is not None else None
    return newest_of(seen, Vantage(row.vantage), ticket)


def newest_of(seen: Sighting, vantage: Vantage = Vantage.INTERNAL, ticket: str | None = None) -> Newest:
    """Return a sighting as it stands in the table, with the fault of one whose bytes are not those of its hash."""
    document = seen.document.encode()
    fault = None if hashlib.sha256(document).hexdigest() == seen.sha256 else ALTERED
    return Newest(document, seen.observed_at, vantage, seen.bundle_id, ticket, fault)
