"""How a configuration stands beside the one that was approved for the device."""

from dataclasses import dataclass

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import _
from sekisho.network.rules.configuration.profile import Profile
from sekisho.network.rules.drift import BaselineInvalid, Change, Normalised, compare
from sekisho.network.rules.judged import Judged, Level


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs from the baseline. ``comparable`` is false where the two are of different kinds of device."""

    changes: tuple[Change, ...] = ()
    comparable: bool = True

    @property
    def drifted(self) -> bool:
        """Whether anything differs."""
        return bool(self.changes) or not self.comparable


def drift_from(baseline: Normalised, present: Normalised) -> Drift:
    """Return what differs between the approved configuration and the present one."""
    try:
        return Drift(compare(baseline, present))
    except BaselineInvalid:
        return Drift(comparable=False)


def judge_drift(profile: Profile, drift: Drift | None) -> Judged:
    """Return the remark about the baseline; None means that none was approved.

    A difference is worth a look and breaks no rule: the guideline names no baseline (see the profile).
    """
    rule = profile.baseline
    if drift is None:
        message = _("No configuration has been approved for this device, so that changes cannot be noticed.")
        return rule.remark(rule.levels["absent"], message, {"baseline": None})
    if not drift.comparable:
        message = _("The approved configuration is of another kind of device; approve the present one.")
        return rule.remark(rule.levels["drifted"], message, {"baseline": "another kind"})
    number = len(drift.changes)
    observed: dict[str, Json] = {"baseline": "approved", "changes": number}
    if not number:
        return rule.remark(Level.OK, _("Nothing differs from the approved configuration."), observed)
    message = _("Lines that differ from the approved configuration: %(number)s", number=number)
    return rule.remark(rule.levels["drifted"], message, observed)
