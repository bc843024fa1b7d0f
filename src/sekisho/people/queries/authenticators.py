"""Models of authenticators, the list they were read from, and what roles ask of keys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from sekisho.kernel.access import Role
from sekisho.people.models import AuthenticatorModel, MetadataList, Passkey, RolePolicy
from sekisho.people.queries.people import roles_of
from sekisho.people.rules.authenticators import KeyFacts, KeyPolicy
from sekisho.trust.authenticators import Json


def key_policy(staff_id: UUID) -> KeyPolicy:
    """Return what the roles that a person holds today ask of keys; of two lists of models both count."""
    rows = list(RolePolicy.objects.filter(role__in=roles_of(staff_id)))
    models = [frozenset(map(UUID, row.allowed_models)) for row in rows if row.allowed_models]
    return KeyPolicy(
        device_bound=any(row.device_bound_only for row in rows),
        hardware=any(row.hardware_only for row in rows),
        models=frozenset.intersection(*models) if models else frozenset(),
    )


def policy_of_roles() -> tuple[frozenset[Role], frozenset[Role], Sequence[str]]:
    """Return the roles that ask for keys of one device, those that ask for attested hardware, and the models taken."""
    rows = list(RolePolicy.objects.all())
    bound = frozenset(Role(row.role) for row in rows if row.device_bound_only)
    hardware = frozenset(Role(row.role) for row in rows if row.hardware_only)
    return bound, hardware, sorted({model for row in rows for model in row.allowed_models})


def listed_model(aaguid: UUID) -> AuthenticatorModel | None:
    """Return what the list says of a model, or None."""
    return AuthenticatorModel.objects.filter(aaguid=aaguid).first()


def entry_of(aaguid: UUID) -> Json | None:
    """Return the entry of a model in the list, or None."""
    found = listed_model(aaguid)
    return found.entry if found else None


def facts_of(key: Passkey) -> KeyFacts:
    """Return what the rules ask about a stored key."""
    model = listed_model(key.aaguid)
    return KeyFacts(key.backup_eligible, key.is_attested, key.aaguid, model.refused if model else "")


def models_of(keys: Iterable[Passkey]) -> Mapping[UUID, AuthenticatorModel]:
    """Return what the list says of the models of some keys."""
    return {model.aaguid: model for model in AuthenticatorModel.objects.filter(aaguid__in={key.aaguid for key in keys})}


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """A model that people have keys of: its name in the list, how many keys, how many of them attested."""

    aaguid: UUID
    name: str
    keys: int
    attested: int
    refused: str


def models_in_use() -> Sequence[ModelInUse]:
    """Return the models of the keys in use, those that are reported first."""
    attested = Count("pk", filter=Q(is_attested=True))
    rows = list(Passkey.objects.values_list("aaguid").annotate(keys=Count("pk"), attested=attested))
    listed = {model.aaguid: model for model in AuthenticatorModel.objects.filter(aaguid__in=[row[0] for row in rows])}
    found = [
        ModelInUse(aaguid, model.name if model else "", keys, sound, model.refused if model else "")
        for aaguid, keys, sound in rows
        for model in [listed.get(aaguid)]
    ]
    return sorted(found, key=lambda one: (not one.refused, one.name, str(one.aaguid)))


def reported_models() -> frozenset[UUID]:
    """Return the models against which the list holds a report."""
    return frozenset(AuthenticatorModel.objects.exclude(refused="").values_list("aaguid", flat=True))


def metadata_list() -> MetadataList | None:
    """Return what is known of the list that was read last, or None."""
    return MetadataList.objects.order_by("-pk").first()
