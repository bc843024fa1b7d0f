"""The whole examination of one endpoint."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sekisho.network.queries.handshake.certificates import chain_facts, clean
from sekisho.network.queries.handshake.choices import Choices, group_name
from sekisho.network.queries.handshake.extras import Extras
from sekisho.network.queries.handshake.line import Fruitless, Time
from sekisho.network.queries.handshake.look import Look, reach
from sekisho.network.queries.handshake.trust import trust
from sekisho.network.queries.handshake.versions import Versions
from sekisho.network.rules.observation import Observation, StartTls, Version, Why

_GROUPS_OF = (Version.TLS13, Version.TLS12, Version.TLS11, Version.TLS10)


class Survey:
    """Collects the fields of an Observation. What was not reached when the time ran out stays None, with the reason."""

    def __init__(self, look: Look, ca_pem: str | None) -> None:
        self.look = look
        self.ca_pem = ca_pem
        self.facts: dict[str, Any] = {"suites": {}, "server_order": {}, "groups": {}}
        self.why: dict[str, Why] = {}
        self.versions = Versions(look)
        self.suites: dict[Version, list[int]] = {}
        self.groups: list[int] = []

    def run(self) -> None:
        """Look at everything. Raises Fruitless when the time is up."""
        self.why |= dict.fromkeys(_AFTER_VERSIONS, Why.OUT_OF_TIME)
        try:
            self.versions.find()
        finally:
            self._note_versions()
        offered = [version for version in Version if self.versions.offered[version]]
        if not offered:
            reason = next(iter(self.versions.why.values()), Why.AMBIGUOUS)
            self.why |= dict.fromkeys(_AFTER_VERSIONS, reason)
            return
        for version in (version for version in offered if version is not Version.SSL2):
            self._note_suites(version)
        self._note_groups(offered)
        self._note_extras(Extras(self.look, offered, self.suites, self.groups))
        self.facts["trust"] = trust(self.look, self.ca_pem)
        self.why.pop("trust")

    def _note_versions(self) -> None:
        versions = self.versions
        self.facts |= {"versions": versions.offered, "tls": versions.tls}
        if versions.plain:
            self.facts["plain"] = clean(versions.plain.partition(b"\r\n")[0].decode("latin-1"))
        unknown = {version: why for version, why in versions.why.items() if versions.offered[version] is None}
        self.why |= {f"versions.{version}": why for version, why in unknown.items()}

    def _note_suites(self, version: Version) -> None:
        field = f"suites.{version}"
        self.facts["suites"][version] = None
        self.why[field] = Why.OUT_OF_TIME
        choices = Choices(self.look, version, with_shares=bool(self.versions.portions.get(version)))
        picked = choices.suites()
        self.suites[version] = picked.numbers
        self.facts["suites"][version] = tuple(self.look.suites[number] for number in picked.numbers)
        self._note(field, picked.why)
        if len(picked.numbers) > 1:
            self.facts["server_order"][version] = order = choices.server_order(picked.numbers)
            self._note(f"server_order.{version}", Why.AMBIGUOUS if order is None else None)

    def _note_groups(self, offered: list[Version]) -> None:
        versions = [version for version in _GROUPS_OF if version in offered]
        for version in versions[: 2 if Version.TLS13 in versions else 1]:
            field = f"groups.{version}"
            self.facts["groups"][version] = None
            self.why[field] = Why.OUT_OF_TIME
            choices = Choices(self.look, version, with_shares=bool(self.versions.portions.get(version)))
            picked = choices.groups(self.suites[version])
            self.facts["groups"][version] = tuple(group_name(number) for number in picked.numbers)
            self._note(field, picked.why)
            if version is Version.TLS13:
                self.groups = picked.numbers

    def _note_extras(self, extras: Extras) -> None:
        extras.read_certificates()
        self.facts["chains"] = tuple(chain_facts(chain) for chain in self.look.chains) or None
        self._note("chains", None if self.look.chains else Why.UNREADABLE)
        needs_size = any(
            "_DHE_" in name or "_DH_anon_" in name for names in self.facts["suites"].values() for name in names or ()
        )
        self.facts["dh_bits"] = tuple(sorted(self.look.dh_bits)) if self.look.dh_bits or not needs_size else None
        self._note("dh_bits", Why.UNREADABLE if self.facts["dh_bits"] is None else None)
        self.facts["certificate_requested"] = self.look.requested
        self._note("certificate_requested", Why.UNREADABLE if self.look.requested is None else None)
        finders: dict[str, Callable[[], bool | None]] = {
            "compression": extras.compression,
            "secure_renegotiation": extras.secure_renegotiation,
            "downgrade_protection": extras.downgrade_protection,
        }
        for field, find in finders.items():
            self.facts[field] = found = find()
            self._note(field, Why.AMBIGUOUS if found is None else None)
        if self.look.target.server_name and (extras.old or extras.modern):
            self.facts["names"] = extras.names()

    def _note(self, field: str, why: Why | None) -> None:
        self.why.pop(field, None)
        if why is not None:
            self.why[field] = why


_AFTER_VERSIONS = (
    "chains",
    "dh_bits",
    "certificate_requested",
    "compression",
    "secure_renegotiation",
    "downgrade_protection",
    "trust",
)


def survey(
    host: str,
    port: int,
    *,
    starttls: StartTls | None,
    server_name: str | None,
    ca_pem: str | None,
    seconds: float,
    patience: float,
) -> Observation:
    """Examine ``host``:``port`` within ``seconds`` and return what was seen. Never raises Fruitless."""
    time_ = Time(seconds, patience)
    begun = time_.clock()
    try:
        target = reach(host, port, time_, starttls, server_name)
    except Fruitless as error:
        why = {"reachable": error.why}
        return Observation(host, port, starttls, server_name, reachable=False, why=why, seconds=time_.clock() - begun)
    examination = Survey(Look(target, time_), ca_pem)
    with suppress(Fruitless):  # each field left open says so
        examination.run()
    return Observation(
        host, port, starttls, server_name, address=target.address[0], reachable=True, why=examination.why,
        connections=examination.look.connections, seconds=round(time_.clock() - begun, 3), **examination.facts,
    )  # fmt: skip
