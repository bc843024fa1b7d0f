"""Forms of temporary factors."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.people.models import IdentityProof
from sekisho.people.services.temporary_factors import LONGEST, Grounds
from sekisho.ui.forms import ReasonField

_HOURS = int(LONGEST.total_seconds() // 3600)


class TemporaryFactorForm(forms.Form):
    """Issuing a second factor for a day."""

    proof = forms.ChoiceField(
        label=_("How I made sure who it is"), choices=IdentityProof.choices, widget=forms.RadioSelect
    )
    reason = ReasonField(help_text=_("What happened to the card, key or telephone."))
    hours = forms.IntegerField(
        label=_("Works for (hours)"),
        min_value=1,
        max_value=_HOURS,
        initial=12,
        help_text=_("It ends by itself. For longer, set up a new second factor instead."),
    )

    def grounds(self) -> Grounds:
        """Return what was entered."""
        return Grounds(**self.cleaned_data)
