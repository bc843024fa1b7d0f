"""The forms in which one registers how an endpoint is looked at. They read what was sent and decide nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.network.models.registration import LONGEST_NAME, Registration, Restriction, StartTlsProtocol
from sekisho.network.rules.credentials import LARGEST_FILE
from sekisho.network.rules.registration import LONGEST_WORDS, Allowance, Particulars
from sekisho.ui.forms import JapaneseDateField, VersionField, refuse_invisible

_PARTICULARS = tuple(Particulars.__slots__)
_ALLOWANCE = tuple(Allowance.__slots__)


class SmallFileField(forms.FileField):
    """A file of a few KiB, as its bytes. Of a larger one just enough is read to see that it is too large."""

    def clean(self, data: Any, initial: Any = None) -> bytes:
        """Return the bytes, empty where no file was chosen."""
        file = super().clean(data, initial)
        return bytes(file.read(LARGEST_FILE + 1)) if file else b""


def _words(**options: Any) -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_invisible],
        **options,
    )


class RegistrationForm(forms.Form):
    """How one endpoint is looked at."""

    version = VersionField()
    server_name = forms.CharField(
        label=_("Server name"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=_("Only if clients call it by another name than the host of the ledger, for example ehr.example.jp."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    starttls = forms.ChoiceField(
        label=_("Turns to TLS on request (STARTTLS)"),
        required=False,
        choices=[("", _("No, it speaks TLS from the start")), *StartTlsProtocol.choices],
        help_text=_("For mail, directory, file transfer and database servers. Leave it as it is for web pages."),
    )
    ca = SmallFileField(
        label=_("Certificate of the private authority"),
        required=False,
        help_text=_(
            "The file that the vendor calls CA or root certificate (.pem, .crt, .cer), up to 64 KiB. It replaces the"
            " ones registered. Not needed for certificates that every browser knows."
        ),
    )
    without_ca = forms.BooleanField(label=_("Register no private authority any more"), required=False)

    def __init__(self, data: Any = None, files: Any = None, *, row: Registration) -> None:
        initial = {name: getattr(row, name) for name in _PARTICULARS} | {"version": row.version}
        super().__init__(data, files, initial=initial)
        if not row.ca_pem:
            del self.fields["without_ca"]

    def typed(self) -> Particulars:
        """Return what was typed."""
        return Particulars(**{name: self.cleaned_data[name] for name in _PARTICULARS})


class AllowanceForm(forms.Form):
    """What a manager allows one endpoint."""

    version = VersionField()
    tls12_reason = _words(
        label=_("Why TLS 1.2 is still needed"),
        help_text=_(
            "Which program or device cannot do better, and what the vendor says. Empty: only TLS 1.3 is right."
        ),
    )
    tls12_until = JapaneseDateField(
        label=_("The reason counts until"),
        required=False,
        help_text=_("At most two years from today, for example the day of the next renewal: 2028/3/31 or R10.3.31."),
    )
    restriction = forms.ChoiceField(
        label=_("How known devices are told apart"), choices=Restriction.choices, widget=forms.RadioSelect
    )
    restricted_by = _words(
        label=_("The other way"),
        help_text=_(
            "What tells the devices apart. It counts only with the signed paper that says why it is at least as safe;"
            " hand that in under “Documents”."
        ),
    )

    def __init__(self, data: Any = None, *, row: Registration) -> None:
        super().__init__(data, initial={name: getattr(row, name) for name in _ALLOWANCE} | {"version": row.version})

    def typed(self) -> Allowance:
        """Return what was typed."""
        return Allowance(**{name: self.cleaned_data[name] for name in _ALLOWANCE})


class ClientCertificateForm(forms.Form):
    """A client certificate with its private key."""

    version = VersionField()
    certificate = SmallFileField(
        label=_("Client certificate"),
        help_text=_("A PKCS #12 file (.p12, .pfx), or a PEM file (.pem, .crt). Up to 64 KiB."),
    )
    key = SmallFileField(
        label=_("Private key"),
        required=False,
        help_text=_("Only if it lies in a file of its own (.key, .pem)."),
    )
    password = forms.CharField(
        label=_("Password of the file"),
        required=False,
        strip=False,
        max_length=200,
        help_text=_("Used once to open the file, and not stored."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class VersionForm(forms.Form):
    """Nothing but the version that the page was opened with."""

    version = VersionField()
