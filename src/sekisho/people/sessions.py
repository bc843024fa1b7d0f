"""Django's session engine over our own table.

The cookie's key never reaches the database, only its hash, and the data lie sealed: they hold a one-time link's token
and a new seed while an account is being set up.
"""

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from sekisho.kernel import clock
from sekisho.kernel.ids import new_id
from sekisho.people.models import Session
from sekisho.trust.sealing import SealBroken, seal, unseal

log = structlog.get_logger(__name__)


def stored_key(session_key: str) -> str:
    """Return what is stored for the key in the cookie (40 hex digits of its SHA-256)."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(DatabaseStore):
    """Sessions in the table :class:`sekisho.people.models.Session`, found by the hash of their key.

    ``row`` is the row as it was read with the data, None before and for a new session.
    """

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return our session table."""
        return Session

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Return the data sealed, for the column."""
        sealed = seal(settings.SEAL_KEY, json.dumps(session_dict).encode(), self._context())
        return base64.b64encode(sealed).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        """Return the data of the column; sealed with another key they are as good as none, and the session ends."""
        try:
            opened = unseal(settings.SEAL_KEY, base64.b64decode(session_data, validate=True), self._context())
        except (SealBroken, ValueError) as error:
            log.warning("session_unreadable", exc_info=error)
            return {}
        data: dict[str, Any] = json.loads(opened)
        return data

    def _context(self) -> str:
        """What the data are sealed for: copied into another session's row they open nothing."""
        return f"session:{stored_key(self.session_key or '')}"

    def exists(self, session_key: str) -> bool:
        """Tell whether a session with this key exists."""
        return Session.objects.filter(session_key=stored_key(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session with this key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(session_key=stored_key(key)).delete()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Build the row for ``data``; what belongs to a signed-in person is copied into columns."""
        started = data.get("signed_in_at")
        return Session(
            session_key=stored_key(self._get_or_create_session_key()),  # type: ignore[attr-defined]  # not in the stubs
            session_data=self.encode(data),
            expire_date=self._expiry(data),
            public_id=data.get("public_id") or new_id(),
            created_at=datetime.fromisoformat(started) if started else clock.now(),
            user_id=data.get("user_id"),
            assurance=data.get("assurance", 0),
            network=data.get("network", ""),
            browser=data.get("browser", ""),
            terminal=data.get("terminal", ""),
            seen_at=clock.now(),
        )

    def _expiry(self, data: dict[str, Any]) -> datetime:
        """A session ends a fixed time after the sign-in, however busy it is."""
        started = data.get("signed_in_at")
        return self.get_expiry_date(**({"modification": datetime.fromisoformat(started)} if started else {}))

    def _get_session_from_db(self) -> Session | None:
        row = Session.objects.filter(
            session_key=stored_key(self.session_key or ""), expire_date__gt=clock.now()
        ).first()
        if row is None:
            self._session_key = None
        self.row = row
        return row
