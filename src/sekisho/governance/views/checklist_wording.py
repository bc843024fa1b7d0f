"""The checklist in words: one row an item, for the page, the workbook and the PDF alike."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sekisho.governance.models import ChecklistAnswer
from sekisho.governance.queries.checklists import ChecklistForm, ChecklistLine
from sekisho.governance.rules.catalogue import Edition, chapter_of
from sekisho.governance.rules.checklist import Recommendation, Recommended, State
from sekisho.governance.views.wording import VERDICT_BADGES, fiscal_year_words
from sekisho.ui.display import Display
from sekisho.ui.parts import Badge, Kind, Link

# The section of an official list that holds what has no number of its own.
UNNUMBERED = "0"
STATE_BADGES: Mapping[State, Badge] = {
    State.YES: Badge(Kind.OK, _("Yes")),
    State.NO: Badge(Kind.NG, _("No")),
    State.OVERDUE: Badge(Kind.NG, _("No, overdue")),
    State.OPEN: Badge(Kind.NEUTRAL, _("Not answered"), "…"),
}
RECOMMENDED_BADGES: Mapping[Recommended, Badge] = {
    Recommended.YES: Badge(Kind.OK, Recommended.YES.label),
    Recommended.NO: Badge(Kind.NG, Recommended.NO.label),
    Recommended.PERSON: Badge(Kind.INFO, Recommended.PERSON.label),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """A leaf behind a recommendation: its verdict and n/N of its subjects."""

    link: Link
    badge: Badge
    numbers: str

    def __str__(self) -> str:
        return gettext("%(item)s (%(verdict)s %(numbers)s)") % {
            "item": self.link.text,
            "verdict": self.badge.text,
            "numbers": self.numbers,
        }


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item as every form of the list shows it; days are None and names empty while nobody answered."""

    id: str
    printed: str
    title: str
    recommended: Badge
    numbers: str
    grounds: Sequence[Ground]
    state: State
    answer: Badge
    confirmed_on: date | None
    target_on: date | None
    answered: ChecklistAnswer | None

    @property
    def answered_by(self) -> str:
        """Who answered."""
        return self.answered.answered_by_name if self.answered else ""


def item_rows(form: ChecklistForm, language: str) -> Iterator[tuple[str, list[ItemRow]]]:
    """Yield each section's heading with its rows, in printed order."""
    for section, lines in form.sections:
        heading = f"{section.id} {section.title.text(language)}"
        if section.id == UNNUMBERED:
            heading = gettext("Questions without a number")
        yield heading, [item_row(form, line, language) for line in lines]


def item_row(form: ChecklistForm, line: ChecklistLine, language: str) -> ItemRow:
    """Return one item in words; its grounds are the leaves that apply and do not conform."""
    answer = line.answer
    return ItemRow(
        id=line.item.id,
        printed=line.item.printed,
        title=line.item.words(language, for_vendor=form.vendor is not None),
        recommended=RECOMMENDED_BADGES[line.recommendation.answer],
        numbers=numbers(line.recommendation),
        grounds=grounds(form, [one.leaf for one in line.recommendation.failing], language),
        state=line.state,
        answer=STATE_BADGES[line.state],
        confirmed_on=answer.confirmed_on if answer else None,
        target_on=answer.target_on if answer else None,
        answered=answer,
    )


def numbers(found: Recommendation) -> str:
    """Return n/N over the leaves that apply, empty where there is none."""
    return f"{found.conforming}/{found.applying}" if found.applying else ""


def grounds(form: ChecklistForm, leaves: Sequence[str], language: str) -> list[Ground]:
    """Return leaves with their verdicts of this moment."""
    state = form.conformity
    return [
        Ground(
            Link(leaf_name(state.edition, leaf, language), reverse("governance:requirement", args=[leaf])),
            VERDICT_BADGES[state.summaries[leaf].verdict],
            f"{state.summaries[leaf].conforming}/{state.summaries[leaf].total}",
        )
        for leaf in leaves
    ]


def leaf_name(edition: Edition, leaf: str, language: str) -> str:
    """Return a leaf as people name it; one that left the edition by its id."""
    row = edition.by_id.get(leaf)
    return f"{chapter_of(leaf)}{row.printed} {row.title.text(language)}" if row else leaf


def recommended_then(answer: ChecklistAnswer) -> str:
    """Return what was recommended when an answer was given."""
    kept = json.loads(answer.recommendation)
    words = str(Recommended(kept["answer"]).label)
    return gettext("%(answer)s (%(n)s/%(N)s)") % {**kept, "answer": words} if kept["N"] else words


def answer_badge(answer: ChecklistAnswer) -> Badge:
    """Return an answer of the history, whatever became of its target day."""
    return STATE_BADGES[State(answer.answer)]


def form_context(display: Display, form: ChecklistForm) -> dict[str, Any]:
    """Return what the pages of a form share: whose and of which year it is, and where its other pages are."""
    vendor = form.vendor
    query = urlencode({"year": form.year, **({"vendor": vendor.id} if vendor else {})})
    whose = (
        gettext("Form of the vendor %(name)s") % {"name": vendor.name} if vendor else gettext("Form of the facility")
    )
    return {
        "form_of": form,
        "year_words": fiscal_year_words(form.year, display),
        "whose": whose,
        "list_query": query,
        "list_url": f"{reverse('governance:checklist')}?{query}",
        "proposals_url": f"{reverse('governance:checklist-proposals')}?{query}",
        "vendor_query": urlencode({"vendor": vendor.id}) if vendor else "",
        "has_official": form.checklist.is_official and form.checklist.fiscal_year == form.year,
    }
