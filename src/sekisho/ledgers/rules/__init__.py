"""Rules of applications and of ledgers: pure functions."""

from sekisho.ledgers.rules.applications import NEEDS_COMMENT, Aside, State, Step, content_digest, next_state

__all__ = ["NEEDS_COMMENT", "Aside", "State", "Step", "content_digest", "next_state"]
