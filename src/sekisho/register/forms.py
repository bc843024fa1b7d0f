"""Reading what someone searches the register for."""

from datetime import datetime, time, timedelta
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.kernel import registry
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.register.queries import Search
from sekisho.register.rules import EventOutcome
from sekisho.ui.forms import JapaneseDateField

OUTCOME_TITLES = {
    EventOutcome.SUCCESS: _("Done"),
    EventOutcome.FAILURE: _("Failed"),
    EventOutcome.DENIED: _("Refused"),
}


class SearchForm(forms.Form):
    """The filter of the register's list."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    action = forms.ChoiceField(label=_("Action"), required=False)
    outcome = forms.ChoiceField(label=_("Result"), required=False, choices=[("", _("All")), *OUTCOME_TITLES.items()])
    since = JapaneseDateField(label=_("From"), required=False)
    until = JapaneseDateField(label=_("Until"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through unchanged
        actions = sorted(registry.current().actions, key=str)
        field = cast("forms.ChoiceField", self.fields["action"])
        field.choices = [("", _("All")), *((str(action), str(action.label)) for action in actions)]

    def search(self) -> Search:
        """Return the search; what was not understood does not narrow it."""
        data = self.cleaned_data if self.is_valid() else {}
        until = data.get("until")
        return Search(
            text=data.get("q", ""),
            action=data.get("action", ""),
            outcome=data.get("outcome", ""),
            since=_day_start(data["since"]) if data.get("since") else None,
            until=_day_start(until + timedelta(days=1)) if until else None,
        )


def _day_start(day: datetime) -> datetime:
    return datetime.combine(day, time.min, tzinfo=FACILITY_ZONE)
