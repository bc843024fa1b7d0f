"""Canonical JSON (RFC 8785): the one byte form that is hashed and signed."""

from collections.abc import Mapping, Sequence

import rfc8785

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


class NotCanonical(InvalidInput):
    """The value has no canonical JSON form (NaN, an integer beyond 2^53, a lone surrogate, a non-string key)."""

    code = "kernel.not_canonical"
    message = _("The value cannot be written as canonical JSON: %(reason)s")


def canonical_json(value: Json) -> bytes:
    """Return the RFC 8785 form of ``value`` as UTF-8 bytes. Raises NotCanonical."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, TypeError) as error:
        raise NotCanonical(reason=str(error)) from error
