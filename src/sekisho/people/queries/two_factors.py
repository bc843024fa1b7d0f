"""The two-factor map, judged: per system and layer, from the ledger and from what the estate knows of the systems."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sekisho.estate.queries import subjects as estate
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.people.models import TwoFactorEntry
from sekisho.people.queries.people import today
from sekisho.people.rules.two_factors import (
    Bastion,
    Deferral,
    Entry,
    Judgement,
    MapLayer,
    Standing,
    Way,
    judge,
    of_system,
    worst,
)


@dataclass(frozen=True, slots=True)
class MapRow:
    """One system of the map: where each layer stands, the system as a whole, and its next renewal."""

    system: Subject
    layers: Mapping[MapLayer, Judgement]
    whole: Judgement
    renewal_on: date | None


def two_factor_map() -> Sequence[MapRow]:
    """Return every registered system with the standing of its layers."""
    entries = _entries()
    return [_row(system, entries) for system in _estate().subjects(SubjectKind.SYSTEM)]


def layer_subjects() -> Iterator[tuple[Subject, str, MapLayer]]:
    """Yield the layers of the estate of which the rule speaks, with the system's id and the layer of the map."""
    known = {layer.value: layer for layer in (MapLayer.CLIENT, MapLayer.SERVER)}
    for subject in _estate().subjects(SubjectKind.LAYER):
        layer = known.get(str(subject.facts["layer"]))
        if layer is not None:
            yield subject, str(subject.facts["system"]), layer


def entered_layers() -> frozenset[tuple[str, str]]:
    """Return system id and layer of every entry in use."""
    rows = TwoFactorEntry.objects.filter(closed_at=None, struck_at=None)
    return frozenset((str(system), layer) for system, layer in rows.values_list("system_id", "layer"))


def counts(rows: Sequence[MapRow]) -> tuple[int, int]:
    """Return how many systems within the rule have two factors or a substitute, and how many there are."""
    inside = [row for row in rows if row.whole.standing not in {Standing.OUT, Standing.LEAVING}]
    return sum(row.whole.standing in {Standing.HELD, Standing.SUBSTITUTE} for row in inside), len(inside)


def _estate() -> SubjectProvider:
    return estate.implementation  # type: ignore[return-value]  # the estate's own offer


def _entries() -> Mapping[tuple[str, MapLayer], Sequence[Entry]]:
    found: dict[tuple[str, MapLayer], list[Entry]] = defaultdict(list)
    for row in TwoFactorEntry.objects.filter(closed_at=None, struck_at=None).order_by("number"):
        found[str(row.system_id), MapLayer(row.layer)].append(_entry(row))
    return found


def _entry(row: TwoFactorEntry) -> Entry:
    bastion = Bastion(
        only_way=row.only_way,
        two_factors=row.bastion_two_factors,
        notices_strange=row.notices_strange,
        vpn_only=row.vpn_only,
        no_administrators=row.no_administrators,
        updated=row.updated,
        passwords_differ=row.passwords_differ,
    )
    deferral = Deferral(row.deferral_reason, row.renewal_on, row.product, row.approval)
    return Entry(Way(row.way), row.evidence, row.tested_on, bastion, deferral, row.ends_on)


def _row(system: Subject, entries: Mapping[tuple[str, MapLayer], Sequence[Entry]]) -> MapRow:
    medical, day = bool(system.facts["medical_information"]), today()
    renewal = date.fromisoformat(str(system.facts["renewal_on"])) if system.facts["renewal_on"] else None
    layers = {}
    for layer in MapLayer:
        given: Sequence[Entry | None] = entries.get((system.id, layer)) or [None]
        layers[layer] = worst(
            judge(layer, entry, day, medical_information=medical, renewal_on=renewal) for entry in given
        )
    return MapRow(system, layers, of_system(layers), renewal)
