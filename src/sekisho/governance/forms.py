"""Forms of governance: claims with their files, documents, rounds. They read; the services decide."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.claims import Draft
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.ports import Subject
from sekisho.kernel.text import Text
from sekisho.kernel.text import _ as N_
from sekisho.ledgers.errors import FilesRefused
from sekisho.ledgers.services import LARGEST_FILE, LARGEST_TOGETHER, LONGEST_COMMENT, MOST_FILES, NewFile
from sekisho.ui.forms import JapaneseDateField, VersionField, refuse_invisible

LONGEST_STATEMENT = 5000
LONGEST_PLACE = 500
LONGEST_VERSION = 100
_MEBIBYTE = 2**20
_MOST = N_("At most %(most)s files of %(size)s MiB each, %(together)s MiB together.")
_LABELS = {
    ClaimKind.ATTESTATION: _("What was looked at, and how"),
    ClaimKind.NOT_APPLICABLE: _("Why it does not apply"),
    ClaimKind.DOCUMENT: _("Remarks"),
}
OUTCOME_LABELS = [
    (Outcome.FAIL.value, _("Not passed")),
    (Outcome.ERROR.value, _("Error")),
    (Outcome.UNKNOWN.value, _("Cannot tell")),
    (Outcome.PASS.value, _("Passed")),
    (Outcome.NOT_APPLICABLE.value, _("Not applicable")),
]
BROKEN, NEVER = "broken", "never"
NO_RESULT_LABELS = [(BROKEN, _("The run broke off")), (NEVER, _("Not run yet"))]


class VerdictFilter(forms.Form):
    """The condition beside the search box of the list."""

    verdict = forms.ChoiceField(
        label=_("Verdict"),
        required=False,
        choices=lambda: [("", _("All")), *((verdict.value, verdict.label) for verdict in Verdict)],
    )

    def chosen(self) -> Verdict | None:
        """Return the verdict that was chosen; rubbish does not narrow the list."""
        value = self.cleaned_data.get("verdict") if self.is_valid() else None
        return Verdict(value) if value else None


class CheckFilter(forms.Form):
    """The conditions beside the search box of the list of checks."""

    result = forms.ChoiceField(
        label=_("Result"), required=False, choices=lambda: [("", _("All")), *OUTCOME_LABELS, *NO_RESULT_LABELS]
    )
    room = forms.ChoiceField(label=_("Room"), required=False)

    def __init__(self, data: Any, rooms: Iterable[tuple[str, Any]]) -> None:
        super().__init__(data)
        cast("forms.ChoiceField", self.fields["room"]).choices = [("", _("All")), *rooms]

    def chosen(self, name: str) -> str:
        """Return what was chosen; rubbish does not narrow the list."""
        self.full_clean()
        return str(self.cleaned_data.get(name, ""))


class FindingFilter(forms.Form):
    """The condition beside the search box of what a run found."""

    outcome = forms.ChoiceField(label=_("Result"), required=False, choices=lambda: [("", _("All")), *OUTCOME_LABELS])

    def chosen(self) -> Outcome | None:
        """Return the outcome that was chosen; rubbish does not narrow the list."""
        value = self.cleaned_data.get("outcome") if self.is_valid() else None
        return Outcome(value) if value else None


class FilesInput(forms.FileInput):
    """A box for several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return every file that came under ``name``."""
        return files.getlist(name) if isinstance(files, MultiValueDict) else []


class FilesField(forms.FileField):
    """Several files. Number and sizes are looked at before anything is read into memory."""

    widget = FilesInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Files"))
        options.setdefault("required", False)
        # A plain Text: formatting a lazy string here would fix the language of the first import.
        options.setdefault("help_text", _bounds(_MOST))
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """Return the files. Raises ValidationError for too many, or for what is too large."""
        files: list[UploadedFile[Any]] = list(data or [])
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_refused(files[MOST_FILES], N_("there are too many files.")))
        for file in files:
            if (file.size or 0) > LARGEST_FILE:
                raise forms.ValidationError(_refused(file, N_("it is too large.")))
        if files and sum(file.size or 0 for file in files) > LARGEST_TOGETHER:
            raise forms.ValidationError(_refused(files[-1], N_("the files are too large together.")))
        return files


def _bounds(text: Text) -> Text:
    """Return a text about files with how many and how large they may be."""
    most, size, together = MOST_FILES, LARGEST_FILE // _MEBIBYTE, LARGEST_TOGETHER // _MEBIBYTE
    return text.with_params(most=most, size=size, together=together)


def _refused(file: "UploadedFile[Any]", reason: object) -> str:
    named = FilesRefused.message.with_params(name=(file.name or "")[:100], reason=reason)
    return f"{named} {_bounds(FilesRefused.hint)}"


class ClaimForm(forms.Form):
    """What somebody claims about a requirement: of which subjects, on what grounds, to which day."""

    subjects = forms.MultipleChoiceField(label=_("About"), widget=forms.CheckboxSelectMultiple)
    statement = forms.CharField(
        max_length=LONGEST_STATEMENT, widget=forms.Textarea(attrs={"rows": 5}), validators=[refuse_invisible]
    )
    keep = forms.MultipleChoiceField(
        label=_("Files handed in before"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What is not ticked is left out of the new version."),
    )
    files = FilesField()  # type: ignore[assignment]  # Django takes fields out of the class; form.files stays its own
    kept_at = forms.CharField(
        label=_("Where the evidence is kept"),
        required=False,
        max_length=LONGEST_PLACE,
        help_text=_(
            "Needed where no file is attached. For example a binder in the office, or a folder on the file server."
        ),
        validators=[refuse_invisible],
    )
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
        kind: ClaimKind,
        subjects: Sequence[Subject],
        help_text: str = "",
        present_files: Iterable[tuple[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["statement"].label = cast("str", _LABELS[kind])
        self.fields["statement"].help_text = help_text
        self.fields["statement"].required = kind is not ClaimKind.DOCUMENT
        if kind is ClaimKind.NOT_APPLICABLE:
            self.fields["kept_at"].help_text = ""
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

    def new_files(self) -> list[NewFile]:
        """Read the files that were handed in."""
        return [NewFile(file.name or "", file.read()) for file in self.cleaned_data["files"]]

    def kept_places(self) -> list[int]:
        """Return the places of the files of the version before that stay."""
        return [int(place) for place in self.cleaned_data.get("keep", ())]


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


class OpenRoundForm(forms.Form):
    """Opening the round of a fiscal year."""

    fiscal_year = forms.TypedChoiceField(label=_("Fiscal year"), coerce=int)

    def __init__(self, *args: Any, years: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.TypedChoiceField", self.fields["fiscal_year"]).choices = years


class LockForm(forms.Form):
    """Locking a round."""

    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_invisible],
    )
    version = VersionField()


class TicketForm(forms.Form):
    """A ticket for looking from elsewhere."""

    vantage = forms.ChoiceField(
        label=_("From where it will look"),
        choices=[
            ("open", _("From an open network (outside, over the internet)")),
            ("secure", _("From a secure network (closed network, VPN)")),
            ("internal", _("From inside, where this server does not reach")),
        ],
    )
    days = forms.IntegerField(label=_("Valid for how many days"), min_value=1, max_value=31, initial=7)


class BundlesForm(forms.Form):
    """What was seen from elsewhere, as it was brought here."""

    seen = FilesField(label=_("Files with what was seen"), required=True)

    def clean_seen(self) -> "list[UploadedFile[Any]]":
        """Return the files. Raises ValidationError for none."""
        files: list[UploadedFile[Any]] = self.cleaned_data["seen"]
        if not files:
            raise forms.ValidationError(forms.Field.default_error_messages["required"], code="required")
        return files


class ResultsForm(forms.Form):
    """The results of another tool, about one system."""

    file = forms.FileField(
        label=_("File with the results"),
        help_text=_("lynis-report.dat, XCCDF 1.2 or ARF, OCSF (Prowler) or the JSON of testssl.sh, up to 20 MiB."),
    )
    system = forms.ChoiceField(label=_("System that it is about"))
    ran_on = JapaneseDateField(label=_("Day on which the tool ran, if the file does not say it"), required=False)
    only_look = forms.BooleanField(label=_("Only show what it says; store nothing yet"), required=False, initial=True)

    def __init__(self, *args: Any, systems: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["system"]).choices = [("", _("Choose")), *systems]


class AnswerForm(forms.Form):
    """An answer to one item of the inspection checklist; the service says which days go with it."""

    answer = forms.ChoiceField(
        label=_("Answer"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect,
        help_text=_("You answer, not the recommendation."),
    )
    confirmed_on = JapaneseDateField(label=_("Day of confirmation"), required=False)
    target_on = JapaneseDateField(label=_("Target day, if the answer is “no”"), required=False)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What was looked at, or why the answer differs from the recommendation."),
        validators=[refuse_invisible],
    )
