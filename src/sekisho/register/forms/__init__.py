"""Reading what someone searches the register for."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.kernel import registry
from sekisho.kernel.actor import ActorKind
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.ports import SubjectKind, SubjectProvider
from sekisho.register.index.find import NEWEST, Key
from sekisho.register.queries import Search
from sekisho.register.rules import EventOutcome
from sekisho.ui.forms import JapaneseDateField

OUTCOME_TITLES = {
    EventOutcome.SUCCESS: _("Done"),
    EventOutcome.FAILURE: _("Failed"),
    EventOutcome.DENIED: _("Refused"),
}
ACTOR_KINDS = {
    ActorKind.PERSON: _("Person"),
    ActorKind.CONSOLE: _("Server console"),
    ActorKind.PLATFORM: _("The platform itself"),
    ActorKind.ANONYMOUS: _("Not signed in"),
    ActorKind.SERVICE: _("Program"),
}
_ALL = ("", _("All"))
_LATEST_MOMENT = 253_402_300_799_999_999  # the last microsecond of the year 9999
_LARGEST = 2**63 - 1


class SearchForm(forms.Form):
    """The filter of the register's list."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    person = forms.CharField(label=_("Who"), required=False, max_length=100)
    patient = forms.CharField(label=_("Patient ID"), required=False, max_length=64)
    kind = forms.ChoiceField(label=_("Kind of actor"), required=False, choices=[_ALL, *ACTOR_KINDS.items()])
    action = forms.ChoiceField(label=_("Action"), required=False)
    outcome = forms.ChoiceField(label=_("Result"), required=False, choices=[_ALL, *OUTCOME_TITLES.items()])
    system = forms.ChoiceField(label=_("System"), required=False)
    device = forms.CharField(label=_("Device"), required=False, max_length=200)
    since = JapaneseDateField(label=_("From"), required=False)
    until = JapaneseDateField(label=_("Until"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through unchanged
        actions = sorted(registry.current().actions, key=str)
        field = cast("forms.ChoiceField", self.fields["action"])
        field.choices = [("", _("All")), *((str(action), str(action.label)) for action in actions)]
        cast("forms.ChoiceField", self.fields["system"]).choices = [_ALL, *systems()]

    def search(self) -> Search:
        """Return the search; what was not understood does not narrow it."""
        self.is_valid()
        data: dict[str, Any] = self.cleaned_data
        until = data.get("until")
        names = ("person", "patient", "kind", "action", "outcome", "system", "device")
        return Search(
            text=data.get("q", ""),
            since=_day_start(data["since"]) if data.get("since") else None,
            until=_day_start(until + timedelta(days=1)) if until else None,
            **{name: data.get(name, "") for name in names},
        )


class PatientForm(forms.Form):
    """Whose history is wanted, and of which period."""

    patient = forms.CharField(label=_("Patient ID"), required=False, max_length=64)
    since = JapaneseDateField(label=_("From"), required=False)
    until = JapaneseDateField(label=_("Until"), required=False)

    def search(self) -> Search:
        """Return the search; what was not understood does not narrow it."""
        self.is_valid()
        until = self.cleaned_data.get("until")
        since = self.cleaned_data.get("since")
        return Search(
            patient=self.cleaned_data.get("patient", "").strip(),
            since=_day_start(since) if since else None,
            until=_day_start(until + timedelta(days=1)) if until else None,
        )


def systems() -> Iterator[tuple[str, str]]:
    """Yield id and name of every system that is known."""
    for port in registry.current().offers(SubjectProvider):  # type: ignore[type-abstract]  # asked for by its protocol
        if SubjectKind.SYSTEM in port.kinds():
            yield from ((subject.id, subject.label) for subject in port.subjects(SubjectKind.SYSTEM))


def read_key(text: str) -> Key:
    """Return where a page begins, as :func:`write_key` wrote it; the newest for anything else."""
    moment, _sign, place = text.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in (moment, place)):
        return NEWEST
    key = int(moment), int(place)
    return key if key[0] <= _LATEST_MOMENT and key[1] <= _LARGEST else NEWEST


def write_key(key: Key) -> str:
    """Return a place between two pages, for an address."""
    return f"{key[0]}.{key[1]}"


def _day_start(day: datetime) -> datetime:
    return datetime.combine(day, time.min, tzinfo=FACILITY_ZONE)
