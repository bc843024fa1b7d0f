"""Network devices, the configurations that were handed in of them, and the approved one of each."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Subquery
from pydantic import TypeAdapter

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.search import search_words
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries import Approved, approved, get_application, submissions_of
from sekisho.network.errors import ConfigurationUnreadable
from sekisho.network.models import KeptConfiguration, NetworkDevice
from sekisho.network.queries.configuration_profile import configuration_profile
from sekisho.network.queries.sightings import registered
from sekisho.network.rules.configuration import judge
from sekisho.network.rules.configuration.baseline import Drift, drift_from, judge_drift
from sekisho.network.rules.device_configuration import DeviceConfiguration, Dialect
from sekisho.network.rules.drift import Normalised, from_document, normalise
from sekisho.network.rules.judged import Judged
from sekisho.network.rules.readers import Reading, read_configuration
from sekisho.network.rules.unusable import Unusable, reason_of
from sekisho.trust.derivation import derive_key

PAGE_SIZE = 50
BASELINE_WORKFLOW = "network.baseline"
# With another label, or another key of the installation, every secret would read as changed.
_SECRETS_LABEL = "sekisho network configuration secrets 1"
_UNREADABLE = _("What is kept of a configuration of %(device)s cannot be read any more (%(reason)s). Hand it in again.")
READ_MODEL: TypeAdapter[DeviceConfiguration] = TypeAdapter(DeviceConfiguration)


@dataclass(frozen=True, slots=True)
class Kept:
    """A configuration that is kept, opened: what it says, and its lines. ``document`` is its meaning as stored."""

    id: str
    number: int
    received_at: datetime
    received_by: str
    sha256: str
    size: int
    encoding: str
    configuration: DeviceConfiguration
    normalised: Normalised
    document: bytes


@dataclass(frozen=True, slots=True)
class Baseline:
    """The approved configuration of a device: which one, and who approved it when."""

    kept: Kept
    approval: Approved


@dataclass(frozen=True, slots=True)
class Standing:
    """How a device stands: its newest configuration, the approved one, and what differs between them.

    ``fault`` says why one of the two, which is kept, can be read no more; it is then missing here.
    """

    device: NetworkDevice
    newest: Kept | None = None
    baseline: Baseline | None = None
    fault: Text | None = None

    def drift(self) -> Drift | None:
        """Return what differs from the baseline; None without a baseline or a configuration."""
        if self.newest is None or self.baseline is None:
            return None
        return drift_from(self.baseline.kept.normalised, self.newest.normalised)


def read_handed_in(content: bytes, dialect: Dialect | None = None) -> Reading:
    """Read a configuration with its secrets hidden under this installation's key.

    Raises ConfigurationTooLarge, NotText, UnknownConfiguration or UnreadableTable.
    """
    return read_configuration(content, key=derive_key(settings.SEAL_KEY, _SECRETS_LABEL), dialect=dialect)


def devices(text: str = "", *, closed: bool = False, page: int = 1) -> "Page[NetworkDevice]":
    """Return one page of the open (or closed) devices that hold every word of ``text``, by name."""
    rows = NetworkDevice.objects.filter(closed_at__isnull=not closed)
    for word in search_words(text):
        rows = rows.filter(search_key__contains=word)
    return Paginator(rows.order_by("name", "id"), PAGE_SIZE).get_page(page)


def open_devices() -> Sequence[NetworkDevice]:
    """Return every open device, by name."""
    return list(NetworkDevice.objects.filter(closed_at=None).order_by("name", "id"))


def get_device(device_id: UUID) -> NetworkDevice:
    """Return a device. Raises NotFound."""
    found = NetworkDevice.objects.filter(pk=device_id).first()
    if found is None:
        raise NotFound
    return found


def links() -> Sequence[Subject]:
    """Return the lines in use that a device may serve."""
    return registered(SubjectKind.LINK)


def configurations_of(device: NetworkDevice, *, page: int = 1) -> "Page[KeptConfiguration]":
    """Return one page of what was handed in of a device, the newest first, without the contents."""
    rows = KeptConfiguration.objects.filter(device=device).defer("normalised", "read_model").order_by("-number")
    return Paginator(rows, PAGE_SIZE).get_page(page)


def get_configuration(device: NetworkDevice, number: int) -> Kept:
    """Return configuration ``number`` of a device. Raises NotFound, ConfigurationUnreadable."""
    row = KeptConfiguration.objects.filter(device=device, number=number).first()
    if row is None:
        raise NotFound
    found = _opened(row)
    if isinstance(found, Unusable):
        raise ConfigurationUnreadable(reason=found.text.params["reason"])
    return found


def standings(rows: Iterable[NetworkDevice]) -> list[Standing]:
    """Return how each device stands."""
    shown = list(rows)
    newest, baselines = _newest(shown), _baselines(shown)
    return [_standing(row, newest.get(str(row.pk)), baselines.get(str(row.pk))) for row in shown]


def _standing(
    device: NetworkDevice, newest: "Kept | Unusable | None", baseline: "tuple[Kept | Unusable, Approved] | None"
) -> Standing:
    faults = [one.text for one in (newest, baseline and baseline[0]) if isinstance(one, Unusable)]
    approved_one = Baseline(baseline[0], baseline[1]) if baseline and isinstance(baseline[0], Kept) else None
    return Standing(device, newest if isinstance(newest, Kept) else None, approved_one, next(iter(faults), None))


def standing_of(device: NetworkDevice) -> Standing:
    """Return how one device stands."""
    return standings([device])[0]


def _newest(rows: Sequence[NetworkDevice]) -> "Mapping[str, Kept | Unusable]":
    below = KeptConfiguration.objects.filter(device=OuterRef("pk")).order_by("-number").values("pk")[:1]
    chosen = NetworkDevice.objects.filter(pk__in=[row.pk for row in rows]).values_list(Subquery(below), flat=True)
    return {str(row.device_id): _opened(row) for row in KeptConfiguration.objects.filter(pk__in=list(chosen))}


def _baselines(rows: Sequence[NetworkDevice]) -> "Mapping[str, tuple[Kept | Unusable, Approved]]":
    wanted = {str(row.pk) for row in rows}
    # The newest approval comes last and stays.
    approvals = {found.key: found for found in approved(BASELINE_WORKFLOW) if found.key in wanted}
    ids = [found.content["configuration"] for found in approvals.values()]
    kept = {str(row.pk): _opened(row) for row in KeptConfiguration.objects.filter(pk__in=ids)}
    return {key: (kept[found.content["configuration"]], found) for key, found in approvals.items()}


def _opened(row: KeptConfiguration) -> Kept | Unusable:
    """Return what is kept of a configuration, or why it can be read no more: it costs this device and no other."""
    try:
        return _kept(row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Unusable(_UNREADABLE.with_params(device=str(row.device), reason=reason_of(error)))


def _kept(row: KeptConfiguration) -> Kept:
    return Kept(
        id=str(row.pk),
        number=row.number,
        received_at=row.received_at,
        received_by=row.received_by_name,
        sha256=row.sha256,
        size=row.size,
        encoding=row.encoding,
        configuration=READ_MODEL.validate_json(row.read_model),
        normalised=from_document(json.loads(row.normalised)),
        document=row.read_model.encode(),
    )


def line_kinds_of(device: NetworkDevice) -> tuple[str, ...]:
    """Return the kinds of the open lines that a device serves."""
    kinds = (str(link.facts["line"]) for link in links() if link.id in device.links)
    return tuple(dict.fromkeys(kinds))


def remarks_about(configuration: DeviceConfiguration, line_kinds: Sequence[str]) -> tuple[Judged, ...]:
    """Return every remark about a configuration for the kinds of line it serves, each once; for none, by all rules."""
    profile = configuration_profile()
    found = [judge(profile, configuration, kind) for kind in line_kinds or (None,)]
    return _each_once(remark for remarks in found for remark in remarks)


def _each_once(remarks: Iterable[Judged]) -> tuple[Judged, ...]:
    once: list[Judged] = []
    for remark in remarks:
        if remark not in once:
            once.append(remark)
    return tuple(once)


def remark_about_drift(standing: Standing) -> Judged:
    """Return the remark about the difference from the approved configuration."""
    return judge_drift(configuration_profile(), standing.drift())


def applied_for(actor: Actor, application_id: UUID) -> Mapping[str, Any]:
    """Return what was applied for last in an application for a baseline that the actor may see. Raises NotFound."""
    application = get_application(actor, application_id)
    if application.workflow != BASELINE_WORKFLOW:
        raise NotFound
    content: Mapping[str, Any] = json.loads(submissions_of(application)[0].content)
    return content


def looked_at(content: bytes, reading: Reading) -> Kept:
    """Return what was read of a file that is not kept (yet), as if it were: its number is 0."""
    return Kept(
        id="",
        number=0,
        received_at=clock.now(),
        received_by="",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        encoding=reading.encoding,
        configuration=reading.configuration,
        normalised=normalise(reading),
        document=b"",
    )
