"""Forms of applications that take our sign-in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.access import GRANTABLE
from sekisho.people.models import PartyKind, RelyingParty, SigningAlgorithm
from sekisho.people.queries.id_review import systems
from sekisho.people.queries.service_clients import responsible_people
from sekisho.people.services.oidc_parties import PartyData
from sekisho.ui.forms import ReasonField, refuse_invisible

_SCOPES = [
    ("profile", _("Name and login")),
    ("roles", _("Roles held here")),
]
_LEVELS = [
    ("2", _("Two factors (AAL 2)")),
    ("1", _("Also one factor: an emergency account after its envelope was opened (AAL 1)")),
]


def _addresses(label: Any, *, required: bool, rows: int = 3, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
    return forms.CharField(label=label, max_length=6000, required=required, widget=widget, help_text=help_text)


class PartyForm(forms.Form):
    """Entering an application."""

    name = forms.CharField(label=_("Name of the application"), max_length=100, validators=[refuse_invisible])
    purpose = ReasonField(label=_("Purpose"), help_text=_("What people do with the application."))
    system = forms.ChoiceField(label=_("System it belongs to"))
    responsible = forms.ChoiceField(label=_("Person responsible"))
    kind = forms.ChoiceField(label=_("Kind of the application"), choices=PartyKind, widget=forms.RadioSelect)
    redirects = _addresses(
        _("Addresses it is led back to (redirect_uri)"),
        required=True,
        help_text=_("One a line, exactly as the maker of the application states them. Nobody is led anywhere else."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles that may sign in there"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(role.value, role.label) for role in GRANTABLE],
        help_text=_("Nobody else may."),
    )
    by_ledger = forms.BooleanField(
        label=_("Only people with an account of this system in the ID ledger"),
        required=False,
        initial=True,
        help_text=_("They are called there as in the ledger. Without a mark: everybody who holds one of the roles."),
    )
    assurance = forms.ChoiceField(label=_("Sign-in that it asks for"), choices=_LEVELS, widget=forms.RadioSelect)
    scopes = forms.MultipleChoiceField(
        label=_("What it learns"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=_SCOPES,
        help_text=_("A number that is always the same for one person it learns in any case."),
    )
    algorithm = forms.ChoiceField(
        label=_("Signature"),
        choices=SigningAlgorithm,
        initial=SigningAlgorithm.RS256,
        help_text=_("RS256 is understood by every application."),
    )
    logout_redirects = _addresses(_("Addresses after signing out"), required=False)
    logout_notice = _addresses(
        _("Address that is told of the end of a session"),
        required=False,
        rows=1,
        help_text=_("backchannel_logout_uri. The application then signs the person out too."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: dict[str, Any] = {
            "system": [("", "―"), *((one.id, one.label) for one in systems())],
            "responsible": [("", "―"), *((str(key), name) for key, name in responsible_people())],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # each is a field with choices

    def data_entered(self) -> PartyData:
        """Return what was entered."""
        data = self.cleaned_data
        lists = {name: tuple(data[name]) for name in ("roles", "scopes")}
        return PartyData(**{**data, **lists, "assurance": int(data["assurance"])})


def initial_of(party: RelyingParty | None) -> dict[str, Any]:
    """Return what the form begins with: what suits most, or what an earlier application was let in with."""
    if party is None:
        return {"kind": PartyKind.CONFIDENTIAL, "assurance": "2", "scopes": ["profile"], "by_ledger": True}
    same = ("name", "purpose", "kind", "redirects", "by_ledger", "algorithm", "logout_redirects", "logout_notice")
    return {
        **{name: getattr(party, name) for name in same},
        "system": str(party.system_id),
        "responsible": str(party.responsible_id),
        "assurance": str(party.assurance),
        "roles": party.roles.split(),
        "scopes": party.scopes.split(),
    }
