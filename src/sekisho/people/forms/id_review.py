"""Forms of the accounts of the systems: how they are read, a file of them, a decision about one."""

from dataclasses import fields
from typing import Any

from cryptography import x509
from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.people.models import AccountSource, Disposition, SourceKind
from sekisho.people.rules.account_files import COLUMNS, AccountColumns
from sekisho.people.rules.directories import DirectorySettings, Flavour, Security
from sekisho.people.services.id_review import SourceData
from sekisho.ui.forms import JapaneseDateField, ReasonField, VersionField, refuse_invisible

_LONGEST_INTERVAL = 366
_HEADING = 100
_FLAVOURS = [(Flavour.ACTIVE_DIRECTORY.value, "Active Directory"), (Flavour.OPENLDAP.value, "OpenLDAP")]
_SECURITY = [(Security.LDAPS.value, "LDAPS"), (Security.STARTTLS.value, "StartTLS")]
_HEADINGS = {
    "login": _("Column of the login"),
    "name": _("Column of the name"),
    "kana": _("Column of the reading"),
    "staff_number": _("Column of the staff number"),
    "state": _("Column that says whether it works"),
    "administrator": _("Column of the administrator rights"),
    "last_used": _("Column of the last use"),
    "expires": _("Column of the end"),
    "created": _("Column of the day it was made"),
    "rights": _("Column of the rights"),
}
_RARE = {"expires", "created", "rights", "off_words", "administrator_words"}


def _words(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=_HEADING, help_text=help_text, validators=[refuse_invisible]
    )


class SourceForm(forms.Form):
    """How the accounts of a system are read from its files; only the column of the login must be there.

    What few files have is folded away until it is used.
    """

    template_name = "people/id_source_form.html"
    interval_days = forms.IntegerField(
        label=_("Read in at least every … days"),
        min_value=1,
        max_value=_LONGEST_INTERVAL,
        initial=31,
        help_text=_("After that the check says that nobody knows the accounts of this system."),
    )
    off_words = _words(
        _("Words for an account that does not work"), _("Separated by spaces; leave empty for 無効 etc.")
    )
    administrator_words = _words(
        _("Words for administrator rights"), _("Separated by spaces; leave empty for 管理者, ○ etc.")
    )
    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in COLUMNS:
            field = _words(_HEADINGS[name], "")
            field.required = name == "login"
            self.fields[name] = field
        self.fields["login"].help_text = _("The heading of the column, as the first line of the file has it.")
        self.fields["last_used"].help_text = _("Without it nobody can tell which accounts are no longer used.")
        self.order_fields([*COLUMNS, "interval_days"])

    @property
    def rest(self) -> list[forms.BoundField]:
        """The fields that few systems need."""
        return [self[name] for name in self.fields if name in _RARE]

    @property
    def usual(self) -> list[forms.BoundField]:
        """The fields that are always shown."""
        return [field for field in self.visible_fields() if field.name not in _RARE]

    @property
    def shows_rest(self) -> bool:
        """Tell whether one of the rare fields is filled in or wrong."""
        return any(field.value() or field.errors for field in self.rest)

    def source_data(self) -> SourceData:
        """Return what was entered."""
        entered = self.cleaned_data
        columns = AccountColumns(
            **{name: entered[name].strip() for name in COLUMNS},
            off_words=tuple(entered["off_words"].split()),
            administrator_words=tuple(entered["administrator_words"].split()),
        )
        return SourceData(SourceKind.CSV, columns.document(), {}, entered["interval_days"])


def initial_of(source: AccountSource | None) -> dict[str, Any]:
    """Return what the form of a source begins with."""
    if source is None:
        return {"version": 0}
    words = {name: " ".join(source.columns.get(name, ())) for name in ("off_words", "administrator_words")}
    return {"version": source.version, "interval_days": source.interval_days, **source.columns, **words}


class DirectoryForm(forms.Form):
    """Where the accounts of a system are fetched from; an empty password leaves the stored one as it is."""

    flavour = forms.ChoiceField(label=_("Kind of directory"), choices=_FLAVOURS)
    host = forms.CharField(
        label=_("Host"),
        max_length=253,
        validators=[refuse_invisible],
        help_text=_("The name that stands in the certificate of the server."),
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=636)
    security = forms.ChoiceField(
        label=_("Protection"),
        choices=_SECURITY,
        help_text=_("There is no unprotected connection: the password would be read on the way."),
    )
    ca = forms.CharField(
        label=_("Certificate of the authority (PEM)"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Of the authority that issued the server's certificate."),
    )
    bind_dn = forms.CharField(
        label=_("Account for reading"),
        max_length=500,
        validators=[refuse_invisible],
        help_text=_("Its distinguished name. Let it read only; it needs no other right."),
    )
    password = forms.CharField(
        label=_("Its password"),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Stored sealed. Leave it empty to keep it; it is asked for again when server or account change."),
    )
    base = forms.CharField(label=_("Base"), max_length=500, validators=[refuse_invisible])
    filter = forms.CharField(
        label=_("Filter"),
        required=False,
        max_length=500,
        validators=[refuse_invisible],
        help_text=_("Leave it empty for all accounts of people."),
    )
    administrators = forms.CharField(
        label=_("Group of the administrators"),
        required=False,
        max_length=500,
        validators=[refuse_invisible],
        help_text=_("Its distinguished name. Members of groups inside it are not seen."),
    )
    interval_days = forms.IntegerField(
        label=_("Read in at least every … days"), min_value=1, max_value=_LONGEST_INTERVAL, initial=7
    )
    version = VersionField()

    def clean_ca(self) -> str:
        """Refuse what is no certificate. Raises ValidationError."""
        text = str(self.cleaned_data["ca"]).strip()
        try:
            x509.load_pem_x509_certificates(text.encode())
        except ValueError as error:
            raise forms.ValidationError(_("This is no certificate in PEM."), code="invalid") from error
        return f"{text}\n"

    def settings(self) -> DirectorySettings:
        """Return where the accounts are read."""
        names = [one.name for one in fields(DirectorySettings)]
        return DirectorySettings(**{name: self.cleaned_data[name] for name in names})


class AccountFileForm(forms.Form):
    """A file with the accounts of a system, and the day on which the system made it."""

    taken_on = JapaneseDateField(label=_("Exported on"))
    file = forms.FileField(label=_("File (CSV)"), help_text=_("UTF-8 or Shift JIS, with the headings of the system."))


class DecideForm(forms.Form):
    """What is done about an account, or about all open ones with the same findings."""

    disposition = forms.ChoiceField(
        label=_("Decision"),
        choices=[("", _("Choose")), *((one.value, one.label) for one in Disposition if one is not Disposition.OPEN)],
    )
    reason = ReasonField(required=False, help_text=_("Needed for an account that stays."))
    alike = forms.BooleanField(label=_("Decide the same for all open ones with the same findings"), required=False)
