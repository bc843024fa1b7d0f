"""Forms of looking for plain-text secrets."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.people.services.plaintext_secrets import LONGEST_PATH
from sekisho.ui.forms import ReasonField, refuse_invisible


class PlaceForm(forms.Form):
    """A directory that is looked through."""

    path = forms.CharField(
        label=_("Directory"),
        max_length=LONGEST_PATH,
        validators=[refuse_invisible],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "wide"}),
        help_text=_("The whole path on the machine of Sekisho, for example /mnt/karte-conf, best mounted read-only."),
    )


class SettleForm(forms.Form):
    """Why a finding is no plain-text secret."""

    reason = ReasonField(help_text=_("Why nothing can be opened with it. Never write the value itself."))
