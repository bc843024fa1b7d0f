"""Forms about ranges of addresses, the leave to sweep them, and sweeps. They read; the services decide."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.network.models import Zone
from sekisho.network.models.ranges import LONGEST_LABEL, LONGEST_REASON
from sekisho.ui.forms import JapaneseDateField, ReasonField, refuse_invisible


class RangeForm(forms.Form):
    """A range of addresses of this facility."""

    network = forms.CharField(
        label=_("Range of addresses"),
        max_length=43,
        help_text=_("For example 192.168.10.0/24. The installer of the network can tell you."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    label = forms.CharField(
        label=_("Name of the range"),
        max_length=LONGEST_LABEL,
        help_text=_("For example reception, consulting rooms, imaging."),
        validators=[refuse_invisible],
    )
    zone = forms.ChoiceField(
        label=_("What stands there"),
        choices=[("", _("Choose")), *Zone.choices],
        help_text=_("Choose medical devices when in doubt: some stop working when they are asked too much."),
    )
    line = forms.ChoiceField(
        label=_("Network line"),
        required=False,
        help_text=_("The line its devices are connected to. What a sweep finds counts for this line."),
    )
    note = forms.CharField(label=_("Remarks"), max_length=LONGEST_REASON, required=False, validators=[refuse_invisible])

    def __init__(self, *args: Any, lines: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["line"]).choices = [("", _("None")), *lines]


class ReasonForm(forms.Form):
    """Why something is closed or revoked."""

    reason = ReasonField(max_length=LONGEST_REASON)


class PermitForm(ReasonForm):
    """The leave to sweep: why, and to which day."""

    until = JapaneseDateField(label=_("Last day"))

    def moment(self) -> datetime:
        """Return when the last day ends at the facility."""
        day = self.cleaned_data["until"] + timedelta(days=1)
        return datetime.combine(day, time(), FACILITY_ZONE)
