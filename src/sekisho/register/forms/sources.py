"""Forms of the logs of other systems: a source, a file, an entry of the work diary."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.dates import FACILITY_ZONE, Calendar, format_moment
from sekisho.register.models import LogSource, SourceKind
from sekisho.register.queries.sources import systems
from sekisho.register.rules.sources.mapping import COLUMNS, ColumnMapping
from sekisho.register.rules.sources.moments import read_moment
from sekisho.register.services.diary import LONGEST_DONE, DiaryData
from sekisho.register.services.log_sources import LONGEST_INTERVAL, LONGEST_NAME, LONGEST_NOTE, LONGEST_PEER, SourceData
from sekisho.ui.forms import ReasonField, VersionField, refuse_invisible

_HEADING = 100
KIND_TITLES = {
    SourceKind.CSV: _("CSV files that somebody imports"),
    SourceKind.SYSLOG: _("Syslog over TLS, as it happens"),
    SourceKind.DIARY: _("Work diary, written by people"),
}


def _column(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=_HEADING, help_text=help_text)


class LogSourceForm(forms.Form):
    """A source; the column fields count for CSV, the sender for syslog."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, validators=[refuse_invisible])
    system = forms.ChoiceField(label=_("System"))
    kind = forms.ChoiceField(label=_("How the log comes"), choices=[("", _("Choose")), *KIND_TITLES.items()])
    interval_hours = forms.IntegerField(
        label=_("Something is heard of it at least every … hours"),
        min_value=1,
        max_value=LONGEST_INTERVAL,
        initial=24,
        help_text=_("After that the check says that the log does not arrive. Mind weekends and holidays."),
    )
    contents = forms.CharField(
        label=_("What the log records"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Sign-in time, duration, records touched: what of these stands in it, and what does not."),
    )
    protection = forms.CharField(
        label=_("Who can read and delete it at its source"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    time = _column(_("Column of the time"), _("CSV only: the heading of the column, exactly as the file has it."))
    clock = _column(_("Column of the time of day"), _("Only where date and time stand in two columns."))
    person = _column(_("Column of the person's number"))
    person_name = _column(_("Column of the person's name"))
    patient = _column(_("Column of the patient's number"))
    action = _column(_("Column of what was done"))
    terminal = _column(_("Column of the terminal"))
    outcome = _column(_("Column of the result"))
    success = _column(_("Words for success"), _("Separated by spaces, beside usual ones such as 成功 and OK."))
    failure = _column(_("Words for failure"), _("Separated by spaces, beside usual ones such as 失敗 and NG."))
    delimiter = forms.ChoiceField(
        label=_("Separator"), required=False, choices=[(",", _("Comma")), ("\t", _("Tab")), (";", _("Semicolon"))]
    )
    peer = forms.CharField(
        label=_("Sender"),
        required=False,
        max_length=LONGEST_PEER,
        help_text=_("Syslog only: the name in the certificate of the system that sends."),
    )
    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["system"])
        field.choices = [("", _("Choose")), *((system.id, system.label) for system in systems())]

    def clean_delimiter(self) -> str:
        """Return the separator; a tab alone would be stripped away."""
        return str(self.data.get("delimiter") or ",")

    def source_data(self) -> SourceData:
        """Return what was entered."""
        entered = self.cleaned_data
        columns = {name: entered[name].strip() for name in COLUMNS}
        mapping = ColumnMapping(
            **columns,
            success=tuple(entered["success"].split()),
            failure=tuple(entered["failure"].split()),
            delimiter=entered["delimiter"],
        )
        return SourceData(
            name=entered["name"],
            system=entered["system"],
            kind=entered["kind"],
            interval_hours=entered["interval_hours"],
            contents=entered["contents"],
            protection=entered["protection"],
            peer=entered["peer"],
            mapping=mapping,
        )


def initial_of(source: LogSource) -> dict[str, Any]:
    """Return what the form of a source begins with."""
    names = ("name", "system", "kind", "interval_hours", "contents", "protection", "peer", "version")
    words = {name: " ".join(source.mapping.get(name, ())) for name in ("success", "failure")}
    return {**{name: getattr(source, name) for name in names}, **source.mapping, **words}


class CloseLogSourceForm(forms.Form):
    """Closing a source."""

    reason = ReasonField()
    version = VersionField()


class LogFileForm(forms.Form):
    """A file of a source."""

    file = forms.FileField(
        label=_("CSV file"), help_text=_("UTF-8 or Shift_JIS, up to 20 MB. Larger ones are imported on the server.")
    )


class MomentField(forms.CharField):
    """A day and time of day, as people write it."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", _("For example 2026/11/21 9:05 or R8.11.21 9:05."))
        options.setdefault("max_length", 40)
        super().__init__(**options)

    def prepare_value(self, value: object) -> object:
        """Show a stored moment as it is accepted again."""
        return format_moment(value, Calendar.SEIREKI) if isinstance(value, datetime) else value

    def clean(self, value: object) -> Any:
        """Return the moment, aware. Raises ValidationError."""
        text = super().clean(value)
        try:
            return read_moment(text).astimezone(FACILITY_ZONE)
        except ValueError as error:
            raise forms.ValidationError(_("This is no day and time."), code="invalid") from error


class DiaryForm(forms.Form):
    """An entry of a work diary."""

    person = forms.CharField(label=_("Who worked"), max_length=64, validators=[refuse_invisible])
    begun_at = MomentField(label=_("From"))
    ended_at = MomentField(label=_("Until"))
    done = forms.CharField(
        label=_("What was done"),
        max_length=LONGEST_DONE,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[refuse_invisible],
    )
    patient = forms.CharField(
        label=_("Patient number"), required=False, max_length=64, help_text=_("If records of a patient were touched.")
    )

    def diary_data(self) -> DiaryData:
        """Return what was entered."""
        return DiaryData(
            **{name: self.cleaned_data[name] for name in ("person", "begun_at", "ended_at", "done", "patient")}
        )


class DiaryCorrectionForm(DiaryForm):
    """A correction: the whole entry anew, and why."""

    reason = ReasonField()
