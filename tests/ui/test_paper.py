"""The press of papers: nothing typed is a command, what fails is said so, and no process is left."""

import io

import pypdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sekisho.ui.paper import Frame, PaperFailed, Revision, make_pdf

TEMPLATE = "governance/templates/governance/fit_gap.typ"
LABELS = {"revisions": "r", "version": "v", "day": "d", "what": "w", "by": "b"}


def made(words: str) -> str:
    """Return the text of a paper that says ``words`` everywhere."""
    frame = Frame(
        title=words, number=words, edition=words, language="ja", facts=((words, words),), seals=(words,),
        revisions=(Revision(words, words, words, words),), labels=LABELS,
    )  # fmt: skip
    data = {"counts": [[words, 1]], "head": [words] * 6, "rows": [[*[words] * 5, False, words]], "explanation": words}
    pages = pypdf.PdfReader(io.BytesIO(make_pdf(TEMPLATE, frame, data))).pages
    return "".join(page.extract_text() for page in pages)


@settings(max_examples=8, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30))
@example('#panic("x") $ \\ @a <b> `c` *d* _e_ = f //g')
@example("髙﨑 𠮷野家 ｶﾅ ①Ⅲ㈱")
def test_any_words_make_a_paper(words: str) -> None:
    """Markup, unusual characters, nothing at all."""
    assert made(words) is not None


def test_markup_is_printed_as_it_was_typed() -> None:
    text = made('#panic("x") *d*')
    assert '#panic("x")' in text
    assert "*d*" in text


def test_a_template_that_does_not_exist_or_lies_outside_is_a_failure() -> None:
    """With its reason behind it, for the log."""
    frame = Frame(title="x", number="x", edition="x", language="ja", labels=LABELS)
    for template in ("governance/nothing.typ", "../../../../../etc/passwd"):
        with pytest.raises(PaperFailed) as failed:
            make_pdf(template, frame, {})
        assert failed.value.__cause__ is not None
