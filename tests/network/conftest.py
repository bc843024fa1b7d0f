"""Remarks are compared by their message ids: what the room says is the same in every language."""

from tests.english import message_ids, signed_in

__all__ = ["message_ids", "signed_in"]
