"""Forms of the notices: which to show, putting one off, and how they leave the house."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from sekisho.governance.rules.delivery import Security
from sekisho.governance.rules.notices import NoticeKind
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.ui.forms import JapaneseDateField, ReasonField, VersionField, refuse_invisible

STATE_OPEN, STATE_SNOOZED, STATE_ENDED = "open", "snoozed", "ended"
_MOST_CERTIFICATES = 512 * 1024
_HOURS = [(hour, f"{hour}:00") for hour in range(24)]
ALARM_STEPS = [
    (0, _("Never, the digest is enough")),
    (1, _("First, at once")),
    (2, _("Second")),
    (3, _("Third")),
    (4, _("Fourth")),
    (5, _("Fifth")),
]


class NoticeFilter(forms.Form):
    """The conditions above the list; rubbish in them does not narrow it."""

    whose = forms.ChoiceField(label=_("Whose"), required=False, choices=[("", _("All")), ("mine", _("Mine"))])
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=lambda: [("", _("All")), *((kind.value, kind.label) for kind in NoticeKind)],
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Open")), (STATE_SNOOZED, _("Put off")), (STATE_ENDED, _("Over"))],
    )

    def chosen(self, name: str) -> str:
        """Return what was chosen; rubbish does not narrow the list."""
        self.full_clean()
        return str(self.cleaned_data.get(name, ""))

    def kind_chosen(self) -> NoticeKind | None:
        """Return the kind that was chosen, None for all."""
        value = self.chosen("kind")
        return NoticeKind(value) if value else None


class SnoozeForm(forms.Form):
    """Until when a notice is put off, and why."""

    version = VersionField()
    until = JapaneseDateField(label=_("Put off until"))
    reason = ReasonField()


class _CertificatesForm(forms.Form):
    """What both ways out share: on or off, the hour, and authorities of one's own."""

    version = VersionField()
    enabled = forms.BooleanField(label=_("Send each day"), required=False)
    hour = forms.TypedChoiceField(
        label=_("At"), choices=_HOURS, coerce=int, help_text=_("Nothing is sent on days without anything to say.")
    )

    def clean_ca(self) -> bytes | None:
        """Return the bytes of the certificates, None when no file was chosen."""
        file = self.cleaned_data.get("ca")
        if not file:
            return None
        if file.size > _MOST_CERTIFICATES:
            raise ValidationError(_("The file is too large for certificates."))
        return bytes(file.read())


def _authorities() -> forms.FileField:
    return forms.FileField(
        label=_("Certificates of your own authority (PEM)"),
        required=False,
        help_text=_("Only for a server whose certificate comes from the facility's own authority."),
    )


def _without_authorities() -> forms.BooleanField:
    return forms.BooleanField(label=_("Take the registered certificates away"), required=False)


class MailForm(_CertificatesForm):
    """The mail server. A stored password is never shown; an empty field keeps it."""

    host = forms.CharField(label=_("Mail server (SMTP)"), max_length=253, validators=[refuse_invisible])
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    security = forms.ChoiceField(
        label=_("Protection of the connection"),
        choices=[
            (Security.STARTTLS.value, _("STARTTLS (usually port 587)")),
            (Security.TLS.value, _("TLS from the start (usually port 465)")),
            (Security.NONE.value, _("None (only to a mail server on this computer)")),
        ],
        widget=forms.RadioSelect,
    )
    sender = forms.CharField(label=_("Sender's address"), max_length=254)
    user = forms.CharField(
        label=_("User name"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("A stored password is not shown. Leave this empty to keep it."),
    )
    without_password = forms.BooleanField(label=_("Take the stored password away"), required=False)
    ca = _authorities()
    without_ca = _without_authorities()
    field_order = ("version", "host", "port", "security", "sender", "user", "password", "without_password")

    def password_given(self) -> str | None:
        """Return the password that was typed, empty to take the stored one away, None to keep it."""
        data: dict[str, Any] = self.cleaned_data
        if data["without_password"]:
            return ""
        return data["password"] or None


def alarm_step_field() -> forms.TypedChoiceField:
    """Return the field that says when somebody is called of alarms."""
    return forms.TypedChoiceField(
        label=_("Called of alarms"),
        choices=ALARM_STEPS,
        coerce=int,
        required=False,
        help_text=_("Who comes later is called when nobody before has said that they look after it."),
    )


class RecipientForm(forms.Form):
    """Somebody who gets the digest."""

    address = forms.CharField(label=_("Mail address"), max_length=254)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=lambda: [(role.value, role.label) for role in GRANTABLE],
        initial=Role.SYSTEM_OPERATOR.value,
        help_text=_("Managing roles hear of everything, other roles of what they are responsible for."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=[("ja", "日本語"), ("en", "English")])
    alarm_step = alarm_step_field()


class AlarmStepForm(forms.Form):
    """When one recipient is called."""

    alarm_step = alarm_step_field()


class AlarmPlanForm(forms.Form):
    """How people are called at once."""

    version = VersionField()
    next_minutes = forms.IntegerField(
        label=_("Minutes until the next person is called"),
        min_value=5,
        max_value=240,
        help_text=_("When nobody says before that they look after it."),
    )
    group_minutes = forms.IntegerField(
        label=_("Minutes between two mails to one person"),
        min_value=1,
        max_value=120,
        help_text=_("The first alarm goes at once; what comes within these minutes after it goes together."),
    )
    quiet_from = forms.TypedChoiceField(label=_("Quiet from"), choices=_HOURS, coerce=int)
    quiet_to = forms.TypedChoiceField(
        label=_("Quiet until"),
        choices=_HOURS,
        coerce=int,
        help_text=_("Only what bears no delay is said in these hours. The same hour twice means: never quiet."),
    )


class WebhookForm(_CertificatesForm):
    """The program that is told."""

    url = forms.CharField(
        label=_("Address (URL)"), max_length=500, widget=forms.URLInput(attrs={"placeholder": "https://"})
    )
    renew = forms.BooleanField(
        label=_("Make a new secret"), required=False, help_text=_("The old one ends at once. A new address gets one.")
    )
    ca = _authorities()
    without_ca = _without_authorities()
    field_order = ("version", "url", "renew")
