"""Which endpoints are watched and how, from what is registered; and which may stand still now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.network.models.availability import QuietTime, WatchSetting
from sekisho.network.queries.availability.asking import Ask
from sekisho.network.queries.registration import NOTHING, Registered, registrations
from sekisho.network.queries.sightings import registered
from sekisho.network.queries.tls_scan import sni_name
from sekisho.network.rules.availability import Way, can_be_asked, is_quiet, ways_for


@dataclass(frozen=True, slots=True)
class Planned:
    """An open endpoint and how it is watched. One that is asked over UDP is not (``can_be_asked``)."""

    subject: Subject
    setting: WatchSetting
    windows: Sequence[tuple[datetime, datetime]] = field(default_factory=tuple)

    @property
    def can_be_asked(self) -> bool:
        """Tell whether it has a TCP port."""
        return can_be_asked(str(self.subject.facts["protocol"]))

    @property
    def is_watched(self) -> bool:
        """Tell whether it is asked every minute."""
        return self.setting.watched and self.can_be_asked

    @property
    def way(self) -> Way:
        """How it is asked: as settled where its protocol still allows that, else the usual way."""
        ways = ways_for(str(self.subject.facts["protocol"]))
        return Way(self.setting.way) if self.setting.way in ways else ways[0]

    def is_quiet(self, moment: datetime) -> bool:
        """Tell whether it may stand still without an alarm."""
        return is_quiet(moment, (self.setting.quiet_from, self.setting.quiet_until), self.windows)


def setting_of(endpoint_id: UUID) -> WatchSetting:
    """Return how an endpoint is watched, an unsaved row of version 0 where nothing was settled."""
    return WatchSetting.objects.filter(pk=endpoint_id).first() or WatchSetting(pk=endpoint_id)


def planned_endpoints(now: datetime) -> Sequence[Planned]:
    """Return every open endpoint with how it is watched."""
    settings = {str(row.pk): row for row in WatchSetting.objects.all()}
    windows: dict[str, list[tuple[datetime, datetime]]] = {}
    for row in QuietTime.objects.filter(called_off_at=None, until__gt=now, since__lte=now):
        windows.setdefault(str(row.endpoint_id), []).append((row.since, row.until))
    return [
        Planned(subject, settings.get(subject.id) or WatchSetting(pk=UUID(subject.id)), windows.get(subject.id, ()))
        for subject in registered(SubjectKind.ENDPOINT)
    ]


def asks_for(planned: Sequence[Planned]) -> Sequence[Ask]:
    """Return what is asked of those that are watched."""
    return list(_asks([one for one in planned if one.is_watched], registrations()))


def _asks(planned: Sequence[Planned], known: Mapping[str, Registered]) -> Iterator[Ask]:
    for one in planned:
        facts, row = one.subject.facts, known.get(one.subject.id, NOTHING)
        host = str(facts["host"])
        yield Ask(
            key=one.subject.id,
            host=host,
            port=int(facts["port"] or 0),
            way=one.way,
            slow_ms=one.setting.slow_ms,
            secure=facts["protocol"] != "http",
            server_name=row.server_name or sni_name(host),
            path=one.setting.path or "/",
            status=one.setting.status,
            client_wanted=row.has_client,
        )
