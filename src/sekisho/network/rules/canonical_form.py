"""Telling quickly whether bytes are the canonical JSON (RFC 8785) of what they say: a bundle may be large."""

import json
import re

from sekisho.kernel.canonical import Json, canonical_json

# Where the standard library may write otherwise than RFC 8785: a very small number, one of sixteen digits, one that is
# whole or has an exponent, and a letter beyond U+FFFF, by which names are ordered in another way. In a text it is
# nothing but slow.
_DOUBTFUL = re.compile(rb"(?:^|[:,\[])-?(?:0\.000|\d{16}|\d+\.0(?:[,\]}]|$)|[\d.]+e)|[\xf0-\xf4]")


def is_canonical(said: Json, data: bytes) -> bool:
    """Tell whether ``data`` is the canonical form of ``said``, which was read from it. Raises NotCanonical.

    The writer of the standard library is ten times as fast. It is asked wherever both write the same.
    """
    if _DOUBTFUL.search(data):
        return canonical_json(said) == data
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() == data
