"""Forms of what is applied for: attestations, reasons why an item does not apply, documents, exceptions."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.governance.forms.files import FilesField
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.services.claims import Draft
from sekisho.governance.services.exceptions import ExceptionDraft
from sekisho.kernel.ports import Subject
from sekisho.ledgers.services import LONGEST_COMMENT, NewFile
from sekisho.ui.forms import JapaneseDateField, VersionField, refuse_invisible

LONGEST_STATEMENT = 5000
LONGEST_PLACE = 500
LONGEST_VERSION = 100
_LABELS = {
    ClaimKind.ATTESTATION: _("What was looked at, and how"),
    ClaimKind.NOT_APPLICABLE: _("Why it does not apply"),
    ClaimKind.DOCUMENT: _("Remarks"),
}


class ApplicationForm(forms.Form):
    """What every application about requirements asks: of which subjects, with which files, to which day."""

    subjects = forms.MultipleChoiceField(label=_("About"), widget=forms.CheckboxSelectMultiple)
    keep = forms.MultipleChoiceField(
        label=_("Files handed in before"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What is not ticked is left out of the new version."),
    )
    files = FilesField()  # type: ignore[assignment]  # Django takes fields out of the class; form.files stays its own
    valid_until = JapaneseDateField(label=_("Valid until"))
    comment = forms.CharField(
        label=_("Message to the approver"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[refuse_invisible],
    )
    version = VersionField()

    def __init__(
        self,
        *args: Any,
        subjects: Sequence[Subject],
        present_files: Iterable[tuple[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if len(subjects) == 1:
            self.initial["subjects"] = [subjects[0].id]
        self._choices("subjects", [(subject.id, subject.label) for subject in subjects])
        self._choices("keep", list(present_files or ()))
        if present_files is None:
            del self.fields["version"]

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Offer the choices of a field; a field with nothing to choose is not asked."""
        if choices:
            cast("forms.MultipleChoiceField", self.fields[name]).choices = choices
        else:
            del self.fields[name]

    def new_files(self) -> list[NewFile]:
        """Read the files that were handed in."""
        return [NewFile(file.name or "", file.read()) for file in self.cleaned_data["files"]]

    def kept_places(self) -> list[int]:
        """Return the places of the files of the version before that stay."""
        return [int(place) for place in self.cleaned_data.get("keep", ())]


class ClaimForm(ApplicationForm):
    """What somebody claims about a requirement: of which subjects, on what grounds, to which day."""

    statement = forms.CharField(
        max_length=LONGEST_STATEMENT, widget=forms.Textarea(attrs={"rows": 5}), validators=[refuse_invisible]
    )
    kept_at = forms.CharField(
        label=_("Where the evidence is kept"),
        required=False,
        max_length=LONGEST_PLACE,
        help_text=_(
            "Needed where no file is attached. For example a binder in the office, or a folder on the file server."
        ),
        validators=[refuse_invisible],
    )
    field_order: tuple[str, ...] = ("subjects", "statement", "keep", "files", "kept_at")

    def __init__(self, *args: Any, kind: ClaimKind, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["statement"].label = cast("str", _LABELS[kind])
        self.fields["statement"].help_text = help_text
        self.fields["statement"].required = kind is not ClaimKind.DOCUMENT
        if kind is ClaimKind.NOT_APPLICABLE:
            self.fields["kept_at"].help_text = ""

    def draft(self, requirements: Sequence[str], edition_id: str, document: str = "") -> Draft:
        """Return what was entered."""
        data = self.cleaned_data
        valid_until: date = data["valid_until"]
        return Draft(
            requirements=tuple(data.get("requirements", requirements)),
            subjects=tuple(data.get("subjects", ())),
            statement=data["statement"],
            valid_until=valid_until,
            kept_at=data["kept_at"],
            document=document,
            document_version=data.get("document_version", ""),
            edition_id=edition_id,
        )


class DocumentForm(ClaimForm):
    """A document that is handed in, and which items it answers."""

    requirements = forms.MultipleChoiceField(
        label=_("Items that the document answers"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick only what the document really says."),
    )
    document_version = forms.CharField(
        label=_("Version or date of the document"),
        required=False,
        max_length=LONGEST_VERSION,
        validators=[refuse_invisible],
    )
    field_order = ("subjects", "requirements", "document_version", "keep", "files", "kept_at", "statement")

    def __init__(self, *args: Any, items: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("requirements", list(items))


class ExceptionForm(ApplicationForm):
    """Why a requirement is not met yet, what is done instead, and until when."""

    reason = forms.CharField(
        label=_("Why it is not met yet"),
        max_length=LONGEST_STATEMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For example: the maker offers two factors only from the next version on, due at the renewal."),
        validators=[refuse_invisible],
    )
    substitute = forms.CharField(
        label=_("What is done instead"),
        max_length=LONGEST_STATEMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What keeps the risk small until then, and who looks after it."),
        validators=[refuse_invisible],
    )
    field_order = ("subjects", "reason", "substitute", "valid_until", "keep", "files")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_until"].label = _("Ends on")

    def draft(self, requirement: str, edition_id: str) -> ExceptionDraft:
        """Return what was entered."""
        data = self.cleaned_data
        return ExceptionDraft(
            requirement=requirement,
            subjects=tuple(data.get("subjects", ())),
            reason=data["reason"],
            substitute=data["substitute"],
            valid_until=data["valid_until"],
            edition_id=edition_id,
        )
