"""The overview: what is counted, what comes next, and that nothing unknown is hidden or counted as good."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.governance.queries.editions import edition, themes
from sekisho.governance.rules.assessment import summaries
from sekisho.governance.rules.mapping import ProofKind
from sekisho.governance.rules.overview import MOST_NAMES, MOST_WORKS, Proof, Standing, Stood, overview
from sekisho.governance.rules.verdicts import Verdict, summarise

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)


def proof(kind: ProofKind, name: str, state: str, until: datetime | None = None, *, planned: bool = False) -> Proof:
    return Proof(kind, name, state, planned, until)


def standing(stood: dict[str, Sequence[Stood]]) -> Standing:
    sums = {name: summarise(Counter(one.verdict for one in found)) for name, found in stood.items()}
    return Standing(edition(), themes(), summaries(edition(), sums), stood)


PAPER = proof(ProofKind.DOCUMENT, "documents.bcp", "absent")
CONTROL = proof(ProofKind.CONTROL, "network.tls", "unknown")


def test_nothing_judged_is_nothing_conforming() -> None:
    found = overview(standing({}), NOW)
    assert found["counts"] == {verdict.value: 121 if verdict is Verdict.NOT_ASSESSED else 0 for verdict in Verdict}
    assert (found["works"], found["untold"], found["ends"]) == ([], [], [])
    assert {chapter["score"] for chapter in found["chapters"]} == {0}
    assert all(theme["n"] == 0 and theme["N"] > 3 and theme["work"] is None for theme in found["themes"])


def test_what_cannot_be_told_is_named_with_what_is_in_the_way() -> None:
    stood = [Stood(f"電子カルテ{number}", Verdict.CANNOT_TELL, [CONTROL, PAPER]) for number in range(9)]
    (untold,) = overview(standing({"SO-13-6": stood}), NOW)["untold"]
    assert untold == {
        "requirement": "SO-13-6",
        "subjects": [f"電子カルテ{number}" for number in range(MOST_NAMES)],
        "subjects_in_all": 9,
        "proofs": [["control", "network.tls"]],
    }


def test_one_subject_that_cannot_be_told_among_many_is_still_named() -> None:
    stood = [Stood("a", Verdict.NONCONFORMING, []), Stood("b", Verdict.CANNOT_TELL, [CONTROL])]
    assert [one["requirement"] for one in overview(standing({"SO-13-6": stood}), NOW)["untold"]] == ["SO-13-6"]


def test_only_what_a_person_has_to_renew_soon_ends() -> None:
    """Not what ended already, what runs by itself, or what lasts."""
    proofs = [
        proof(ProofKind.DOCUMENT, "documents.bcp", "holds", NOW + 30 * DAY),
        proof(ProofKind.ATTESTATION, "governance.attestation", "holds", NOW + DAY),
        proof(ProofKind.DOCUMENT, "documents.late", "holds", NOW + 31 * DAY),
        proof(ProofKind.DOCUMENT, "documents.over", "stale", NOW - DAY),
        proof(ProofKind.CONTROL, "network.tls", "holds", NOW + DAY),
    ]
    stood = {
        "SO-2-5": [Stood("院", Verdict.CONFORMING, proofs)],
        "SO-3-4": [Stood("院", Verdict.CONFORMING, proofs[:1])],
    }
    ends = overview(standing(stood), NOW)["ends"]
    assert [(end["proof"], end["requirements"]) for end in ends] == [
        ("governance.attestation", ["SO-2-5"]),
        ("documents.bcp", ["SO-2-5", "SO-3-4"]),
    ]


def test_the_chart_takes_the_mean_of_shares_and_leaves_out_what_does_not_apply() -> None:
    good, bad, none = Verdict.CONFORMING, Verdict.PARTIAL, Verdict.NOT_APPLICABLE
    stood = {
        "SO-17-1": [Stood("a", good, []), Stood("b", bad, []), Stood("c", none, [])],
        "SO-17-2": [Stood("a", good, [])],
        "SO-17-3": [Stood("a", none, [])],
        "SO-17-4": [Stood("a", Verdict.CANNOT_TELL, [])],
    }
    chapters = {row["chapter"]: row for row in overview(standing(stood), NOW)["chapters"]}
    assert chapters[17] == {"chapter": 17, "n": 1, "N": 3, "score": 50, "untold": 34}
    away = {leaf.id: [Stood("a", none, [])] for leaf in edition().leaves if leaf.id.startswith("SO-15-")}
    assert {r["chapter"]: r for r in overview(standing(away), NOW)["chapters"]}[15]["score"] is None


def test_a_theme_leads_to_the_first_lack_of_its_first_leaf() -> None:
    diagram = proof(ProofKind.DOCUMENT, "documents.diagrams", "absent")
    stood = {
        "SO-4-1": [Stood("院", Verdict.NOT_ASSESSED, [proof(ProofKind.DOCUMENT, "documents.assets", "absent")])],
        "SO-2-2": [Stood("院", Verdict.NOT_ASSESSED, [diagram])],
    }
    first = overview(standing(stood), NOW)["themes"][0]
    assert (first["id"], first["work"]["proof"]) == ("what_is_there", "documents.diagrams")


def test_what_only_a_later_version_can_look_at_is_no_work() -> None:
    """It is counted, so that nobody waits for a perfect figure."""
    later = proof(ProofKind.CONTROL, "gateway.x", "absent", planned=True)
    found = overview(standing({"SO-2-5": [Stood("院", Verdict.NOT_ASSESSED, [later])]}), NOW)
    assert (found["works"], found["unbuilt"]) == ([], 1)


def test_a_check_that_runs_by_itself_is_no_work() -> None:
    """Until it has said that something is wrong, or that it cannot tell."""

    def works(state: str) -> int:
        check = proof(ProofKind.CONTROL, "network.tls", state)
        return len(overview(standing({"SO-13-6": [Stood("a", Verdict.NOT_ASSESSED, [check])]}), NOW)["works"])

    assert [works(state) for state in ("absent", "stale", "unknown", "fails")] == [0, 0, 1, 1]


STOOD = st.builds(
    Stood,
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(Verdict),
    st.lists(
        st.builds(
            Proof,
            st.sampled_from(ProofKind),
            st.sampled_from(["x", "y"]),
            st.sampled_from(["holds", "fails", "unknown", "stale", "absent", "partly", "excluded"]),
            st.booleans(),
            st.none()
            | st.datetimes(timezones=st.just(UTC), min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)),  # noqa: DTZ001
        ),
        max_size=3,
    ),
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from([leaf.id for leaf in edition().leaves]), st.lists(STOOD, min_size=1, max_size=4))
)
def test_any_state_makes_a_whole_and_bounded_overview(stood: dict[str, list[Stood]]) -> None:
    """The counts add up to all leaves, scores lie between 0 and 100, and it is JSON."""
    found = json.loads(json.dumps(overview(standing(stood), NOW)))
    assert sum(found["counts"].values()) == 121
    assert all(row["score"] is None or 0 <= row["score"] <= 100 for row in found["chapters"])
    assert all(0 <= row["n"] <= row["N"] for row in [*found["chapters"], *found["themes"]])
    assert len(found["works"]) <= MOST_WORKS
    told = {one["requirement"] for one in found["untold"]}
    assert told == {name for name, rows in stood.items() if any(r.verdict is Verdict.CANNOT_TELL for r in rows)}
