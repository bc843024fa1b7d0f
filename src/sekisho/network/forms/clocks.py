"""The form that names a time source."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.network.models.clocks import HIGHEST_PORT, LONGEST_NOTE, NTP_PORT
from sekisho.ui.forms import refuse_invisible


class TimeSourceForm(forms.Form):
    """A server to ask for standard time."""

    host = forms.CharField(
        label=_("Host name or address"),
        max_length=253,
        help_text=_(
            "For example the facility's router (192.168.1.1), the domain controller, or ntp.nict.jp. A name or an "
            "address only, without http://."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    port = forms.IntegerField(
        label=_("Port"),
        min_value=1,
        max_value=HIGHEST_PORT,
        initial=NTP_PORT,
        help_text=_("123 unless somebody told you another one."),
    )
    note = forms.CharField(
        label=_("Remarks"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("What it is and who looks after it."),
        validators=[refuse_invisible],
    )
