"""Forms of people. They read; the services decide."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.estate.queries import department_names
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.kernel.text import _ as N_
from sekisho.people.models import LinkPurpose, Profession, Staff
from sekisho.people.rules import PASSWORD_MAXIMUM, PASSWORD_MINIMUM
from sekisho.people.services.staff import PersonData
from sekisho.ui.forms import JapaneseDateField, ReasonField, VersionField

PASSWORD_HELP = N_(
    "At least %(count)s characters with letters and digits. A sentence is easy to remember.", count=PASSWORD_MINIMUM
)
_CODE_ATTRS = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "8"}


def _password(label: Any, *, new: bool) -> forms.CharField:
    autocomplete = "new-password" if new else "current-password"
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=PASSWORD_MAXIMUM, widget=widget)


def _new_password() -> forms.CharField:
    field = _password(_("New password"), new=True)
    # A plain Text: formatting a lazy string here would fix the language of the first import.
    field.help_text = cast("str", PASSWORD_HELP)
    return field


def _code() -> forms.CharField:
    return forms.CharField(label=_("Six-digit code"), max_length=8, widget=forms.TextInput(attrs=_CODE_ATTRS))


class SignInForm(forms.Form):
    """The first factor."""

    login = forms.CharField(
        label=_("Login name"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = _password(_("Password"), new=False)


class CodeForm(forms.Form):
    """The second factor."""

    code = _code()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True


class TwoPasswords(forms.Form):
    """A new password, typed twice."""

    password = _new_password()
    again = _password(_("New password again"), new=True)

    def clean(self) -> dict[str, Any] | None:
        """Refuse two different passwords."""
        data = super().clean() or {}
        if data.get("password") != data.get("again"):
            self.add_error("again", _("The two passwords differ."))
        return data


class EnrolForm(TwoPasswords):
    """Setting up an account with a one-time link."""

    name = forms.CharField(label=_("Full name"), max_length=100)
    kana = forms.CharField(label=_("Reading (kana)"), max_length=100, required=False)
    login = forms.CharField(
        label=_("Login name"),
        max_length=64,
        help_text=_("Small letters and digits, for example yamada.hanako. You sign in with it."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    code = _code()
    field_order = ("name", "kana", "login", "password", "again", "code")

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if purpose != LinkPurpose.FIRST:
            del self.fields["name"], self.fields["kana"]
        if purpose == LinkPurpose.RECOVERY:
            del self.fields["login"]


class PasswordForm(TwoPasswords):
    """Changing one's own password."""

    present = _password(_("Present password"), new=False)
    field_order = ("present", "password", "again")


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
