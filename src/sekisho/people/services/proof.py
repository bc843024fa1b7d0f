"""The fresh second factor that what is sensitive asks for. A leaf, so that every service may ask."""

from datetime import datetime

from sekisho.kernel import clock
from sekisho.people.errors.sign_in import ProofNeeded
from sekisho.people.rules.sessions import is_fresh


def require_proof(proved_at: datetime | None) -> None:
    """Raise ProofNeeded unless the second factor was shown a short while ago."""
    if not is_fresh(proved_at, clock.now()):
        raise ProofNeeded
