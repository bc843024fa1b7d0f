"""Forms about the watching of an endpoint. They read what was sent and decide nothing."""

from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.network.models import AskingWay, WatchSetting
from sekisho.network.models.availability import LONGEST_PATH, LONGEST_WORDS
from sekisho.network.rules.availability import Way
from sekisho.network.rules.watching import Watching
from sekisho.ui.forms import JapaneseDateField, ReasonField, VersionField, refuse_invisible

_NAMES = tuple(Watching.__slots__)


class HourField(forms.TimeField):
    """A time of the day, such as 22:00."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TimeInput(format="%H:%M", attrs={"autocomplete": "off", "size": "8"}))
        super().__init__(input_formats=["%H:%M"], **options)


class WatchForm(forms.Form):
    """How one endpoint is watched."""

    version = VersionField()
    watched = forms.BooleanField(label=_("Ask every minute whether it answers"), required=False)
    reason = forms.CharField(
        label=_("Why it is not watched"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only if it is not watched: why, and who notices instead when it stands still."),
        validators=[refuse_invisible],
    )
    way = forms.ChoiceField(label=_("How it is asked"), required=False)
    path = forms.CharField(
        label=_("Path of the page"),
        required=False,
        max_length=LONGEST_PATH,
        help_text=_("Only if a page is asked for, such as /health. Ask the vendor which page costs little."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    status = forms.IntegerField(
        label=_("Status that the page answers with"),
        required=False,
        help_text=_("For example 200. Empty: anything below 500 is right."),
    )
    slow_ms = forms.IntegerField(
        label=_("Slow beyond (milliseconds)"), help_text=_("1000 is one second. Look at the usual times first.")
    )
    quiet_from = HourField(
        label=_("Daily quiet hours from"),
        required=False,
        help_text=_("Hours in which it is switched off every day, such as 22:00 to 6:00. No alarm is raised then."),
    )
    quiet_until = HourField(label=_("Daily quiet hours until"), required=False)

    def __init__(self, data: Any = None, *, row: WatchSetting, ways: tuple[Way, ...]) -> None:
        super().__init__(data, initial={name: getattr(row, name) for name in _NAMES} | {"version": row.version})
        labels = dict(AskingWay.choices)
        usual = _("As usual: %(way)s") % {"way": labels[ways[0].value]}
        choices = [("", usual), *((way.value, labels[way.value]) for way in ways)]
        cast("forms.ChoiceField", self.fields["way"]).choices = choices

    def typed(self) -> Watching:
        """Return what was typed."""
        return Watching(**{name: self.cleaned_data[name] for name in _NAMES})


class QuietForm(forms.Form):
    """A planned time in which an endpoint may stand still."""

    since = JapaneseDateField(label=_("First day"))
    since_at = HourField(label=_("From"), help_text=_("Such as 21:00."))
    until = JapaneseDateField(label=_("Last day"))
    until_at = HourField(label=_("Until"), help_text=_("Such as 23:30. Seven days later at most."))
    reason = ReasonField(help_text=_("What is done in that time, and by whom."))

    def clean(self) -> dict[str, Any]:
        """Join days and hours. Raises ValidationError."""
        data = dict(super().clean() or {})
        wanted = ("since", "since_at", "until", "until_at")
        if all(data.get(name) is not None for name in wanted):
            data["begins"], data["ends"] = _joined(data, "since"), _joined(data, "until")
        elif not self.errors:
            raise ValidationError(_("Enter days and hours."))
        return data


def _joined(data: dict[str, Any], name: str) -> datetime:
    hour: time = data[f"{name}_at"]
    return datetime.combine(data[name], hour, FACILITY_ZONE)
