"""Forms of programs that use the API."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.estate.queries import department_names
from sekisho.kernel.actor import Actor
from sekisho.people.models import ServiceClient
from sekisho.people.queries.id_review import systems
from sekisho.people.queries.service_clients import grantable_actions, responsible_people
from sekisho.people.rules.service_clients import LONGEST_OVERLAP
from sekisho.people.services.service_clients import ClientData
from sekisho.ui.forms import JapaneseDateField, ReasonField, refuse_invisible

_HOURS = int(LONGEST_OVERLAP.total_seconds() // 3600)


class ClientForm(forms.Form):
    """Entering a program. Offered is what the API has and the person may do themselves."""

    name = forms.CharField(label=_("Name of the program"), max_length=100, validators=[refuse_invisible])
    purpose = ReasonField(label=_("Purpose"), help_text=_("What the program does with what it reads or writes."))
    system = forms.ChoiceField(label=_("System it belongs to"))
    responsible = forms.ChoiceField(label=_("Person responsible"))
    department = forms.ChoiceField(label=_("Department responsible"))
    networks = forms.CharField(
        label=_("Networks it comes from"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One a line, for example 192.168.10.5 or 192.168.10.0/24. From elsewhere its secret is worthless."),
    )
    starts_on = JapaneseDateField(label=_("From"))
    ends_on = JapaneseDateField(
        label=_("Until"), help_text=_("At most a year. Then look at it again and enter it anew.")
    )
    actions = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What it needs for its purpose, and no more. Nothing else of the API is open to it, and no page."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: dict[str, Any] = {
            "system": [("", "―"), *((one.id, one.label) for one in systems())],
            "responsible": [("", "―"), *((str(key), name) for key, name in responsible_people())],
            "department": [("", "―"), *((str(key), name) for key, name in department_names())],
            "actions": _offered(actor),
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # each is a field with choices

    def data_entered(self) -> ClientData:
        """Return what was entered."""
        return ClientData(**{**self.cleaned_data, "actions": tuple(self.cleaned_data["actions"])})


def _offered(actor: Actor) -> list[tuple[str, Any]]:
    """Return the actions of the API that the person may do, each once, with what they mean."""
    actions = dict.fromkeys(action for room in grantable_actions().values() for action in room)
    return [(action.value, f"{action.label} ({action.value})") for action in actions if actor.may(action)]


def initial_of(client: ServiceClient | None) -> dict[str, Any]:
    """Return what the form begins with: nothing, or what an earlier program was let in for, without its period."""
    if client is None:
        return {}
    return {
        "name": client.name,
        "purpose": client.purpose,
        "system": str(client.system_id),
        "responsible": str(client.responsible_id),
        "department": str(client.department_id),
        "networks": "\n".join(client.networks.split()),
        "actions": client.actions.split(),
    }


class ReleaseForm(forms.Form):
    """Releasing a program; a reason is wanted from somebody who entered it too."""

    reason = ReasonField(required=False, help_text=_("Needed where nobody else can release it."))


class SecretForm(forms.Form):
    """Making a secret while another one works."""

    overlap_hours = forms.IntegerField(
        label=_("The old secret works on for (hours)"),
        min_value=0,
        max_value=_HOURS,
        initial=24,
        help_text=_("Time to put the new one into the program. 0 if somebody else may know the old one."),
    )
