"""How an application goes from hand to hand, as a table; and what of it is hashed. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum

from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.text import Text, _


class State(StrEnum):
    """Where an application stands."""

    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    REVOKED = "revoked"

    @property
    def label(self) -> Text:
        """The state as hospitals say it."""
        return STATE_LABELS[self]


STATE_LABELS: dict[State, Text] = {
    State.SUBMITTED: _("Waiting for approval"),
    State.SENT_BACK: _("Sent back"),
    State.WITHDRAWN: _("Withdrawn"),
    State.APPROVED: _("Approved"),
    State.REVOKED: _("Approval revoked"),
}


class Step(StrEnum):
    """What somebody does with an application."""

    SUBMIT = "submit"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    REVOKE = "revoke"

    @property
    def label(self) -> Text:
        """The step as it stands in the history."""
        return STEP_LABELS[self]


STEP_LABELS: dict[Step, Text] = {
    Step.SUBMIT: _("Applied"),
    Step.AMEND: _("Mended and applied again"),
    Step.WITHDRAW: _("Withdrew"),
    Step.APPROVE: _("Gave the approval"),
    Step.SEND_BACK: _("Sent it back"),
    Step.REVOKE: _("Revoked the approval"),
}


class Aside(StrEnum):
    """What is written beside the steps: one approval of several, and words without a decision."""

    PART = "approve_part"
    COMMENT = "comment"

    @property
    def label(self) -> Text:
        """The entry as it stands in the history."""
        return ASIDE_LABELS[self]


ASIDE_LABELS: dict[Aside, Text] = {
    Aside.PART: _("Gave one of the approvals"),
    Aside.COMMENT: _("Commented"),
}
_NEXT: dict[tuple[State, Step], State] = {
    (State.SUBMITTED, Step.APPROVE): State.APPROVED,
    (State.SUBMITTED, Step.SEND_BACK): State.SENT_BACK,
    (State.SUBMITTED, Step.WITHDRAW): State.WITHDRAWN,
    (State.SENT_BACK, Step.AMEND): State.SUBMITTED,
    (State.SENT_BACK, Step.WITHDRAW): State.WITHDRAWN,
    (State.APPROVED, Step.REVOKE): State.REVOKED,
}
NEEDS_COMMENT = frozenset({Step.SEND_BACK, Step.REVOKE})


def next_state(state: State, step: Step) -> State | None:
    """Return where ``step`` leads from ``state``, None when it is not possible there."""
    return _NEXT.get((state, step))


def content_digest(content: Mapping[str, Json], files: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 of what was applied for: the content, and each file by name and hash. Raises NotCanonical."""
    listed: list[Json] = [{"name": name, "sha256": sha256} for name, sha256 in files]
    return hashlib.sha256(canonical_json({"content": content, "files": listed})).hexdigest()
