"""Forms of emergency accounts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.access import GRANTABLE, Role
from sekisho.people.services.emergency import SealPlan
from sekisho.ui.forms import ReasonField, refuse_invisible

LONGEST_HOURS, MOST_DAYS = 72, 92
_READ_ONLY = {Role.AUDITOR, Role.INSPECTOR}


def _roles() -> list[tuple[str, Any]]:
    return [(role.value, role.label) for role in GRANTABLE if role not in _READ_ONLY]


def _line(label: Any, longest: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, validators=[refuse_invisible], **options)


class SealForm(forms.Form):
    """Making a sealed credential."""

    place = _line(
        _("Stored place"), 200, help_text=_("Where the envelope will lie, for example: safe of the nurses' station.")
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles it opens"),
        widget=forms.CheckboxSelectMultiple,
        choices=_roles,
        help_text=_("What is needed to go on working in an emergency, and no more."),
    )
    hours = forms.IntegerField(
        label=_("Time limit (hours)"),
        min_value=1,
        max_value=LONGEST_HOURS,
        initial=8,
        help_text=_("Counted from the first use; then every session of it ends by itself."),
    )
    check_days = forms.IntegerField(
        label=_("Days between two looks at the envelope"), min_value=1, max_value=MOST_DAYS, initial=31
    )

    def plan(self, replaces: Any) -> SealPlan:
        """Return what was entered."""
        data = self.cleaned_data
        roles = frozenset(Role(value) for value in data["roles"])
        return SealPlan(data["place"], roles, data["hours"], data["check_days"], replaces)


class EnvelopeForm(forms.Form):
    """What somebody found when they looked at the envelope."""

    is_intact = forms.TypedChoiceField(
        label=_("The envelope"),
        choices=[("yes", _("lies in its place, closed and undamaged")), ("no", _("is missing, open or damaged"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text=_("If it is not intact, the credential is withdrawn at once."),
    )
    note = ReasonField(label=_("Remarks"), required=False)

    def clean(self) -> dict[str, Any] | None:
        """Want words about an envelope that is not intact."""
        data = super().clean() or {}
        if data.get("is_intact") is False and not data.get("note"):
            self.add_error("note", _("Write what you found."))
        return data


class ReturnForm(forms.Form):
    """Why the emergency is over."""

    reason = ReasonField(label=_("How things went back to normal"))


class ReviewForm(forms.Form):
    """What the review found."""

    was_justified = forms.TypedChoiceField(
        label=_("Was the use needed?"),
        choices=[("yes", _("Yes, and what was done was right")), ("no", _("No, or something was done that was not"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    result = ReasonField(label=_("What was looked at, and what follows from it"))


class OpenSealForm(forms.Form):
    """Signing in with a sealed credential."""

    number = _line(_("Number on the envelope"), 16, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    secret = forms.CharField(
        label=_("Secret from the envelope"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    name = _line(_("Your name or staff number"), 100)
    reason = ReasonField(label=_("What has happened"), help_text=_("It is recorded, and managers are told at once."))
