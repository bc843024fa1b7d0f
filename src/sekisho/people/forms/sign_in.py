"""Forms of sign-in, enrolment and one's own password."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.text import _ as N_
from sekisho.people.models import LinkPurpose
from sekisho.people.rules.passwords import PASSWORD_MAXIMUM, PASSWORD_MINIMUM

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
