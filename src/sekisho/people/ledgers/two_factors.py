"""The two-factor map (14⑤) as a ledger, and what it must cover: client and server of every system with medical data."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import members
from sekisho.people.actions import TWO_FACTORS_TITLE, TwoFactorAction
from sekisho.people.models import TwoFactorEntry
from sekisho.people.queries.two_factors import entered_layers, layer_subjects
from sekisho.people.rules.two_factors import MapLayer, Way

_NO_ENTRY = _("An entry of this layer in the map")

TWO_FACTORS = Ledger(
    id="people.two_factors",
    title=TWO_FACTORS_TITLE,
    model=TwoFactorEntry,
    columns=(
        Column("system", _("System"), listed=True, filtered=True),
        Column("layer", _("Layer"), listed=True, filtered=True),
        Column("way", _("How people get in"), listed=True, filtered=True),
        Column("factors", _("Factors"), _("For example: password and card.")),
        Column("evidence", _("Evidence"), _("Test record or the vendor's paper, and where it is kept."), listed=True),
        Column("tested_on", _("Tested or stated on"), listed=True),
        Column("only_way", _("Servers reached from the bastion only"), _("It stands in a domain of its own.")),
        Column("bastion_two_factors", _("Bastion asks for two factors"), _("Substitute 1.")),
        Column("notices_strange", _("Bastion notices strange behaviour"), _("Substitute 2.")),
        Column("vpn_only", _("From outside through the VPN only"), _("Substitute 2.")),
        Column("no_administrators", _("Nobody from outside is administrator"), _("Precondition 1.")),
        Column("updated", _("Bastion and servers have their updates"), _("Precondition 2.")),
        Column("passwords_differ", _("No password is shared"), _("Precondition 3: between bastion and servers.")),
        Column("deferral_reason", _("Why it is put off"), _("The technical reason, as the vendor gave it.")),
        Column(
            "renewal_on",
            _("Next renewal on"),
            _("Two factors come then at the latest."),
            listed=True,
        ),
        Column("product", _("Product chosen for it"), _("One that has two factors.")),
        Column("approval", _("Approved by or in"), _("Name and day, or the number of the application.")),
        Column("ends_on", _("Out of use from"), _("For a system that does not run any more on 1 April 2027.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=180),
    requirements=("SO-14-5-a", "SO-14-5-b", "SO-14-5-c"),
    actions=TwoFactorAction,
    prefix="TF",
    group=Group.SECURITY,
)


def _wanted(row: TwoFactorEntry) -> Iterable[tuple[object, Text]]:
    if row.way == Way.ONE:
        yield row.deferral_reason, _("Why it is put off")
        yield row.renewal_on, _("Next renewal on")
        yield row.approval, _("Approved by or in")
    elif row.way != Way.SPLIT:
        yield row.evidence, _("Evidence")
        yield row.tested_on, _("Tested or stated on")


def mapped_layers() -> Iterator[Member]:
    """Yield every entry, for its system and its layer, and every layer of the estate without one."""
    layers = {(system, layer): subject for subject, system, layer in layer_subjects()}
    for layer in MapLayer:
        yield from _members(layer, {system: subject.id for (system, of), subject in layers.items() if of is layer})
    known = entered_layers()
    for (system, layer), subject in layers.items():
        if subject.facts["medical_information"] and (system, layer.value) not in known:
            yield Member(frozenset({system, subject.id}), subject.label, (_NO_ENTRY,))


def _members(layer: MapLayer, subjects: Mapping[str, str]) -> Iterator[Member]:
    """Yield the entries of one layer; those whose number vanished belong to nothing, and are told of once."""
    for member in members(TWO_FACTORS, _wanted, belongs_to=["system"], only=lambda row: row.layer == layer.value):
        own = {subjects[system] for system in member.belongs_to if system in subjects}
        if member.belongs_to or layer is MapLayer.CLIENT:
            yield replace(member, belongs_to=member.belongs_to | own)


TWO_FACTOR_COVERAGE = Coverage(
    id="people.two_factor_map",
    title=_("Two factors, renewal and deferral of client and server of every system"),
    population=_("Client application and server operating system of every system with medical information"),
    measure=mapped_layers,
    route="people:two_factors",
)
