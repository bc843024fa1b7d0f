"""The form of a change of the host name."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.ui.forms import JapaneseDateField


class HostChangeForm(forms.Form):
    """Announcing another host name."""

    host = forms.CharField(
        label=_("New host name"),
        max_length=253,
        help_text=_("In lower case, for example sekisho.clinic.example, without https:// and without a port."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    due_on = JapaneseDateField(
        label=_("Day of the change"), help_text=_("Until then people set up a second way. Give them a week or more.")
    )
