"""What the looks at registered hosts from one place come to, host by host."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text, _
from sekisho.network.rules.exposure import REGISTER_RULE, Host, hosts_of, remarks_about
from sekisho.network.rules.exposure_profile import ExposureProfile, Vantage
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.looks import HostLook, Restricted, observations_of
from sekisho.network.rules.reached import RegisteredEndpoint, normal

_PARTLY: dict[Restricted, Text] = {
    Restricted.NO: _("%(count)s ports worth looking at were not looked at."),
    Restricted.MEDICAL: _(
        "Only the registered ports were looked at, because medical devices stand there. "
        "%(count)s others cannot be told."
    ),
    Restricted.CLOUD: _(
        "Only the registered ports were looked at, because the host belongs to a cloud service. "
        "%(count)s others cannot be told."
    ),
}


def judge_looks(
    registered: Sequence[RegisteredEndpoint], looks: Sequence[HostLook], profile: ExposureProfile, vantage: Vantage
) -> Mapping[str, Callable[[], tuple[Judged, ...]]]:
    """Return what tells the remarks about every registered host that was looked at from ``vantage``, by normal name.

    They are hosts side by side, because one may be seen under several names; each is judged when it is called for, so
    that one that cannot be judged is nobody else's concern.
    """
    known = {normal(row.host) for row in registered}
    mine = {look.host: look for look in looks if look.vantage is vantage and look.host in known}
    rows = [row for row in registered if normal(row.host) in mine]
    hosts = {one.name: one for one in hosts_of(rows, [one for look in mine.values() for one in observations_of(look)])}
    return {name: partial(_judge, hosts.get(name), look, profile, vantage) for name, look in mine.items()}


def _judge(host: Host | None, look: HostLook, profile: ExposureProfile, vantage: Vantage) -> tuple[Judged, ...]:
    remarks = tuple(remarks_about(host, profile, vantage)) if host else ()
    return (*_gravest(remarks), *_partly(look, profile))


def _gravest(remarks: Sequence[Judged]) -> Sequence[Judged]:
    """Return the remarks, first those about what must not be reachable at all: of several they are told first."""
    return sorted(remarks, key=lambda one: not one.code.startswith("exposure.forbidden_"))


def _partly(look: HostLook, profile: ExposureProfile) -> tuple[Judged, ...]:
    """What was not looked at is unknown, whatever the reason."""
    unseen = look.unseen(profile)
    if not unseen:
        return ()
    message = _PARTLY[look.restricted].with_params(count=len(unseen))
    observed: dict[str, Json] = {"host": look.host, "not_looked_at": list(unseen)}
    return (Judged(PARTLY, Level.UNKNOWN, message, observed, "looked at", REGISTER_RULE),)


PARTLY = "exposure.partly_looked_at"
