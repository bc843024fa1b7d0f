"""From the configurations of network devices to findings about the lines that run over them.

A line is as good as the worst device that serves it, and as old as the oldest of their configurations. A line without a
device, or a device without a configuration, is unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.kernel.text import Text, _
from sekisho.network.queries.configuration_profile import configuration_profile
from sekisho.network.queries.configurations import Kept, Standing, links, open_devices, remark_about_drift, standings
from sekisho.network.queries.judging import judged_alone
from sekisho.network.queries.sightings import registered
from sekisho.network.rules.configuration import judge
from sekisho.network.rules.judged import Judged, Level, outcome_of
from sekisho.network.rules.unusable import Unusable

_WORST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.PASS)
_DECIDES = {Outcome.FAIL: Level.NG, Outcome.UNKNOWN: Level.UNKNOWN}
_NO_DEVICE = _(
    "No network device is registered for this line. Register the one it runs over, and hand in its configuration."
)
_NO_CONFIGURATION = _("No configuration of %(device)s was handed in yet. Hand it in on the page of the device.")
_NOTHING_SHOWN = _("The configuration of %(device)s shows nothing of what this check looks at.")
_OTHER_KIND = _("This rule does not speak of this kind of line.")
_FINE = _("The configuration keeps the rule.")


@dataclass(frozen=True, slots=True)
class Look:
    """What a control looks at: rules by code, and the kinds of line they speak of (None: all).

    A rule in ``only_broken`` counts where it is broken; what it cannot tell is no question of this control.
    ``with_drift`` adds the remark about the approved baseline.
    """

    codes: frozenset[str]
    kinds: frozenset[str] | None = None
    only_broken: frozenset[str] = frozenset()
    with_drift: bool = False


def codes_for(*requirements: str) -> frozenset[str]:
    """Return the codes of the rules that belong to one of ``requirements``."""
    profile = configuration_profile()
    return frozenset[str]().union(*map(profile.codes_for, requirements))


def kinds_of(codes: frozenset[str]) -> frozenset[str]:
    """Return the kinds of line that rules speak of by name."""
    rules = configuration_profile().rules
    return frozenset[str]().union(*(rules[code].data.lines for code in codes))


def findings(look: Look) -> Iterator[Finding]:
    """Yield a finding for every open line."""
    present = standings(open_devices())
    for link in links():
        serving = [standing for standing in present if link.id in standing.device.links]
        yield judged_alone(link, partial(_of_link, look, link, serving))


def _of_link(look: Look, link: Subject, serving: Sequence[Standing]) -> Finding:
    kind = str(link.facts["line"])
    facts: dict[str, Json] = {"line": kind}
    if look.kinds is not None and kind not in look.kinds:
        return Finding(link, Outcome.NOT_APPLICABLE, _OTHER_KIND, clock.now(), facts)
    if not serving:
        return Finding(link, Outcome.UNKNOWN, _NO_DEVICE, clock.now(), facts)
    missing = next((standing for standing in serving if standing.newest is None), None)
    judged = [_Judged.of(look, standing, standing.newest, kind) for standing in serving if standing.newest]
    judged = [one for one in judged if _ends(one.kept, kind)] or judged if look.kinds is not None else judged
    worst = min(judged, key=lambda one: _WORST.index(one.outcome), default=None)
    facts["devices"] = {one.name: one.facts() for one in judged}
    fault = next((standing.fault for standing in serving if standing.fault), None)
    if fault is not None and (worst is None or worst.outcome is not Outcome.FAIL):
        raise Unusable(fault)
    if worst is None or (missing is not None and worst.outcome is not Outcome.FAIL):
        message = _NO_CONFIGURATION.with_params(device=str(missing.device) if missing else "")
        return Finding(link, Outcome.UNKNOWN, message, clock.now(), facts)
    observed_at = min(one.kept.received_at for one in judged)
    return Finding(link, worst.outcome, worst.message(), observed_at, facts, worst.kept.document)


@dataclass(frozen=True, slots=True)
class _Judged:
    """One device of a line, judged."""

    name: str
    kept: Kept
    remarks: tuple[Judged, ...]
    outcome: Outcome

    @classmethod
    def of(cls, look: Look, standing: Standing, kept: Kept, kind: str) -> "_Judged":
        """Judge what a control looks at; the drift is told and decides nothing alone."""
        remarks = [each for each in judge(configuration_profile(), kept.configuration, kind) if _counts(look, each)]
        outcome = outcome_of(remarks)
        told = [remark_about_drift(standing)] if look.with_drift else []
        return cls(str(standing.device), kept, (*remarks, *told), outcome)

    def facts(self) -> dict[str, Json]:
        """Return what was judged of the device, as JSON."""
        return {
            "configuration": self.kept.number,
            "sha256": self.kept.sha256,
            "remarks": [remark.document() for remark in self.remarks],
        }

    def message(self) -> Text:
        """Return the remark that decides, or that all is well; a difference from the baseline is worth saying."""
        level = _DECIDES.get(self.outcome, Level.WARN)
        found = next((remark.message for remark in self.remarks if remark.level is level), None)
        if found is None and self.outcome is Outcome.UNKNOWN:
            return _NOTHING_SHOWN.with_params(device=self.name)
        return found or _FINE


def _counts(look: Look, remark: Judged) -> bool:
    return remark.code in look.codes and (remark.code not in look.only_broken or remark.level is Level.NG)


def _ends(kept: Kept, kind: str) -> bool:
    """Whether a line of this kind ends at the device: behind a VPN device stands a router that knows nothing of it."""
    section = configuration_profile().rules["CONF-LINE"].expected["shows"].get(kind)
    return section is None or bool(getattr(kept.configuration, section))


_SAID: Mapping[Outcome, Text] = {
    Outcome.PASS: _("Every VPN line keeps the rule."),
    Outcome.FAIL: _("A VPN line breaks the rule."),
    Outcome.ERROR: _("A VPN line could not be judged."),
    Outcome.UNKNOWN: _("Of a VPN line it cannot be told."),
    Outcome.NOT_APPLICABLE: _("No line of the facility is a VPN."),
}
_NO_LINE = _("No line is registered.")


def over_the_facility(of_links: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the finding about the facility: the worst of its lines that the rule speaks of, as old as the oldest."""
    concerned = [finding for finding in of_links if finding.outcome is not Outcome.NOT_APPLICABLE]
    lines: dict[str, Json] = {finding.subject.label: finding.outcome.value for finding in concerned}
    for facility in registered(SubjectKind.FACILITY):
        if not of_links:
            yield Finding(facility, Outcome.UNKNOWN, _NO_LINE, clock.now())
            continue
        outcome = min((each.outcome for each in concerned), key=_WORST.index, default=Outcome.NOT_APPLICABLE)
        observed_at = min((each.observed_at for each in concerned), default=clock.now())
        yield Finding(facility, outcome, _SAID[outcome], observed_at, {"lines": lines})
