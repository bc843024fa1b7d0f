"""Forms of sign-in, enrolment and one's own password."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.access import GRANTABLE, Role
from sekisho.kernel.text import _ as N_
from sekisho.people.models import LinkPurpose
from sekisho.people.rules.passwords import PASSWORD_MAXIMUM, PASSWORD_MINIMUM
from sekisho.people.rules.sessions import IDLE_MINUTES_OF_A_TERMINAL
from sekisho.people.services.authenticators import WantedKeys
from sekisho.people.services.passkeys import LONGEST_NAME

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


class RecoveryCodeForm(forms.Form):
    """A recovery code in place of the second factor."""

    code = forms.CharField(
        label=_("Recovery code"),
        max_length=40,
        help_text=_("One of the ten you printed, for example 7K2M-9QXT-4HBD. Each works once."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "autofocus": True}),
    )


class ProofForm(forms.Form):
    """The second factor once more."""

    code = forms.CharField(
        label=_("Six-digit code or recovery code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class UnlockForm(forms.Form):
    """One factor, for a session that is locked."""

    password = _password(_("Password"), new=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["autofocus"] = True


class KeyNameForm(forms.Form):
    """What a key is called."""

    name = forms.CharField(
        label=_("Name of the key"),
        max_length=LONGEST_NAME,
        help_text=_("By which you know it, for example “blue key on the bunch” or “ward terminal 3”."),
    )


class TerminalForm(forms.Form):
    """Making this browser a shared terminal."""

    name = forms.CharField(label=_("Name of the terminal"), max_length=100)
    idle_minutes = forms.IntegerField(
        label=_("Locks after so many minutes without use"),
        min_value=IDLE_MINUTES_OF_A_TERMINAL[0],
        max_value=IDLE_MINUTES_OF_A_TERMINAL[1],
        initial=5,
    )


class PolicyForm(forms.Form):
    """What the keys of roles must be."""

    roles = forms.MultipleChoiceField(
        label=_("Only keys that stay in one device"),
        required=False,
        choices=[(role.value, role.label) for role in GRANTABLE],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whoever holds one of these roles can register and use no key that is copied between devices."),
    )
    hardware = forms.MultipleChoiceField(
        label=_("Only hardware that its maker attests (AAL 3)"),
        required=False,
        choices=[(role.value, role.label) for role in GRANTABLE],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Such keys are compared with the list of authenticators; without a list nobody can register one."),
    )
    models = forms.CharField(
        label=_("Only these models (AAGUID)"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "none"}),
        help_text=_("One a line, for the roles marked above. Leave empty for every model."),
    )

    def clean_models(self) -> frozenset[UUID]:
        """Return the models named."""
        try:
            return frozenset(UUID(word) for word in self.cleaned_data["models"].split())
        except ValueError as error:
            raise forms.ValidationError(_("An AAGUID has 32 hexadecimal digits in five groups.")) from error

    def wanted(self) -> WantedKeys:
        """Return what was entered."""
        data = self.cleaned_data
        return WantedKeys(frozenset(map(Role, data["roles"])), frozenset(map(Role, data["hardware"])), data["models"])


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
    answer = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("name", "kana", "login", "password", "again", "code", "answer")

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if purpose != LinkPurpose.FIRST:
            del self.fields["name"], self.fields["kana"]
        if purpose == LinkPurpose.RECOVERY:
            del self.fields["login"]
        # A key in place of the authenticator app: then no code is asked for.
        self.fields["code"].required = not self.data.get("answer")


class PasswordForm(TwoPasswords):
    """Changing one's own password."""

    present = _password(_("Present password"), new=False)
    field_order = ("present", "password", "again")
