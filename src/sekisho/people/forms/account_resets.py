"""Forms of resets."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.people.models import IdentityProof
from sekisho.people.services.account_resets import ResetGrounds
from sekisho.ui.forms import ReasonField, refuse_invisible

_ON_PAPER = {IdentityProof.STAFF_CARD.value, IdentityProof.OFFICIAL.value}


class ResetForm(forms.Form):
    """Letting somebody set up their account anew."""

    proof = forms.ChoiceField(
        label=_("How I made sure who it is"), choices=IdentityProof.choices, widget=forms.RadioSelect
    )
    document = forms.CharField(
        label=_("Copy of the paper shown"),
        max_length=300,
        required=False,
        validators=[refuse_invisible],
        help_text=_("Which paper, and where its copy is kept."),
    )
    reason = ReasonField()
    leak_suspected = forms.BooleanField(
        label=_("The password or the second factor may have leaked"),
        required=False,
        help_text=_("The account then stops now, with all its sessions, until it is set up anew."),
    )

    def clean(self) -> dict[str, Any] | None:
        """Want to know of the paper where one was shown."""
        data = super().clean() or {}
        if data.get("proof") in _ON_PAPER and not data.get("document"):
            self.add_error("document", _("Write which paper was shown, and where its copy is kept."))
        return data

    def grounds(self) -> ResetGrounds:
        """Return what was entered."""
        return ResetGrounds(**self.cleaned_data)
