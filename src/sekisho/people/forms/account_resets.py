"""Forms of resets."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.people.models import IdentityProof, Telling
from sekisho.people.rules.identity_copies import LARGEST, CopyRefused, cleaned_copy
from sekisho.people.services.account_resets import ResetGrounds
from sekisho.people.services.identity_copies import KEEP_DAYS, LONGEST_DAYS
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
    copy = forms.FileField(
        label=_("Copy of the document as a file"),
        required=False,
        help_text=_(
            "A photograph or a scan: JPEG, PNG or PDF, up to 5 MiB. It is stored encrypted; opening it is recorded."
        ),
    )
    keep_days = forms.IntegerField(
        label=_("Keep the file for how many days"),
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=KEEP_DAYS,
        required=False,
        help_text=_("Then it is destroyed, and that is recorded."),
    )
    telling = forms.ChoiceField(
        label=_("How only the person learns the link"),
        choices=Telling.choices,
        initial=Telling.LINK.value,
        required=False,
        widget=forms.RadioSelect,
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
        data["telling"] = data.get("telling") or Telling.LINK.value
        data["keep_days"] = data.get("keep_days") or KEEP_DAYS
        return data

    def clean_copy(self) -> bytes | None:
        """Return the bytes of the copy, None without one. Raises ValidationError."""
        file = self.cleaned_data["copy"]
        if file is None:
            return None
        data: bytes = file.read(LARGEST + 1)
        try:
            cleaned_copy(data)
        except CopyRefused as error:
            raise forms.ValidationError(str(error), code="invalid") from error
        return data

    def grounds(self) -> ResetGrounds:
        """Return what was entered."""
        return ResetGrounds(**self.cleaned_data)
