"""Forms of people and their roles."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.estate.queries import department_names
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.people.models import Profession, Staff
from sekisho.people.services.staff import PersonData
from sekisho.ui.forms import JapaneseDateField, ReasonField, VersionField


def _role_choices() -> list[tuple[str, str]]:
    return [(role.value, str(role.label)) for role in GRANTABLE]


def _departments(present: Staff | None) -> list[tuple[str, str]]:
    """Return the open departments, and the person's own even if it has been closed: saving must not drop it."""
    choices = [(str(key), name) for key, name in department_names()]
    mine = present.department if present else None
    if mine is not None and mine.closed_at is not None:
        choices.append((str(mine.pk), str(_("%(name)s (closed)")) % {"name": mine.name}))
    return choices


class PersonForm(forms.Form):
    """What is known of a person."""

    name = forms.CharField(label=_("Full name"), max_length=100)
    kana = forms.CharField(label=_("Reading (kana)"), max_length=100, required=False)
    staff_number = forms.CharField(label=_("Staff number"), max_length=32, required=False)
    department = forms.ChoiceField(label=_("Department"), required=False)
    profession = forms.ChoiceField(label=_("Profession"), choices=Profession.choices, initial=Profession.OTHER)
    employed_from = JapaneseDateField(label=_("Works here from"), required=False)
    employed_until = JapaneseDateField(
        label=_("Works here until"), required=False, help_text=_("From the next day on, signing in is refused.")
    )

    def __init__(self, *args: Any, present: Staff | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["department"])
        field.choices = [("", _("None")), *_departments(present)]

    def data_of_person(self) -> PersonData:
        """Return what was entered, without the roles."""
        data = self.cleaned_data
        return PersonData(
            name=data["name"],
            kana=data["kana"],
            staff_number=data["staff_number"] or None,
            department_id=data["department"] or None,
            profession=data["profession"],
            employed_from=data["employed_from"],
            employed_until=data["employed_until"],
        )


class InvitationForm(PersonForm):
    """Entering a person together with their roles."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple,
        choices=_role_choices,
        help_text=_("One person may hold several. Each is recorded."),
    )

    def chosen_roles(self) -> list[Role]:
        """Return the roles that were ticked."""
        return [Role(value) for value in self.cleaned_data["roles"]]


class ChangePersonForm(PersonForm):
    """Changing a person; carries the version it was opened with."""

    version = VersionField()


class GrantForm(forms.Form):
    """Granting a role."""

    role = forms.ChoiceField(label=_("Role"), choices=lambda: [("", _("Choose")), *_role_choices()])
    until = JapaneseDateField(label=_("Until"), required=False, help_text=_("Leave empty for no end."))
    reason = ReasonField(required=False, widget=forms.TextInput)


class RequiredReasonForm(forms.Form):
    """Why something is taken away from somebody."""

    reason = ReasonField()


class OptionalReasonForm(forms.Form):
    """Why something is given back, if there is anything to tell."""

    reason = ReasonField(required=False)
