"""What to do next: one piece of work for all it serves, what weighs most for its effort first."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.rules.catalogue import Level
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.priorities import _URGENCY, Effort, Lack, work_for
from sekisho.kernel.access import Role

PAPER = Lack("SO-2-5", Level.REQUIRED, Role.SYSTEM_OPERATOR, ProofKind.DOCUMENT, "documents.bcp", "absent", "関所内科")
ATTESTED = replace(PAPER, kind=ProofKind.ATTESTATION, proof="governance.attestation")
LACKS = st.builds(
    Lack,
    st.sampled_from(["SO-1-1", "SO-2-1", "SO-2-2"]),
    st.sampled_from(Level),
    st.just(Role.SYSTEM_OPERATOR),
    st.sampled_from(ProofKind),
    st.sampled_from(["a", "b"]),
    st.sampled_from(sorted(_URGENCY)),
    st.sampled_from(["電子カルテ", "レセコン"]),
)


def test_one_paper_for_many_items_is_one_piece_of_work() -> None:
    """With every item and subject once, in the order they came."""
    (work,) = work_for([PAPER, replace(PAPER, requirement="SO-3-4"), replace(PAPER, subject="別館")])
    assert work.requirements == ("SO-2-5", "SO-3-4")
    assert work.subjects == ("関所内科", "別館")
    assert (work.effort, work.use, work.rank) == (Effort.DAYS, 12, 6.0)


def test_each_attestation_is_its_own() -> None:
    works = work_for([ATTESTED, replace(ATTESTED, requirement="SO-3-4")])
    assert [work.requirements for work in works] == [("SO-2-5",), ("SO-3-4",)]


def test_what_is_wrong_comes_before_what_was_not_begun() -> None:
    """And what is required before what is recommended; minutes before days."""
    broken = replace(PAPER, proof="documents.z", state="fails")
    assert [work.proof for work in work_for([PAPER, broken])] == ["documents.z", "documents.bcp"]
    optional = replace(PAPER, proof="documents.a", level=Level.RECOMMENDED)
    assert [work.proof for work in work_for([optional, PAPER])] == ["documents.bcp", "documents.a"]
    assert [work.kind for work in work_for([PAPER, ATTESTED])] == [ProofKind.ATTESTATION, ProofKind.DOCUMENT]


def test_an_item_counts_once_by_the_worst_of_its_subjects() -> None:
    """A hundred subjects do not make a small thing large."""
    many = [replace(PAPER, subject=f"端末{number}") for number in range(100)]
    (work,) = work_for([*many, replace(PAPER, subject="サーバー", state="fails")])
    assert (work.use, work.state) == (15, "fails")


@given(st.lists(LACKS, max_size=12))
def test_no_lack_is_lost_and_the_order_of_lacks_changes_nothing_but_order_of_names(lacks: list[Lack]) -> None:
    works = work_for(lacks)
    assert {(work.kind, work.proof, name) for work in works for name in work.requirements} == {
        (lack.kind, lack.proof, lack.requirement) for lack in lacks
    }
    assert [work.rank for work in works] == sorted((work.rank for work in works), reverse=True)
    turned = work_for(lacks[::-1])
    assert {(work.kind, work.proof, work.use, frozenset(work.requirements)) for work in turned} == {
        (work.kind, work.proof, work.use, frozenset(work.requirements)) for work in works
    }
