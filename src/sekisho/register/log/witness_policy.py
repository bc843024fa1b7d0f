"""Which witnesses to ask: the ``witness`` lines of a policy file (C2SP tlog-policy). Pure.

The same file is what an auditor gives to ``sekisho-verify --policy``; who must have cosigned is its business.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _
from sekisho.trust.cosignatures import WITNESS_KEY, KeyBroken, NamedKey, read_key

LARGEST_POLICY = 1024 * 1024
MOST_WITNESSES = 32


class PolicyBroken(InvalidInput):
    """The policy file cannot be read, or names a witness without an address or with a false key."""

    code = "register.policy_broken"
    message = _("The file of the witnesses cannot be read, at line %(line)s.")
    hint = _("Each witness has a line: witness NAME KEY https://address")


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """A witness: its name in the policy, its key, and where its requests go (without /add-checkpoint)."""

    name: str
    key: NamedKey
    url: str


def read_witnesses(text: str) -> list[WitnessAddress]:
    """Return the witnesses of a policy that have an address. Raises PolicyBroken."""
    if len(text) > LARGEST_POLICY:
        raise PolicyBroken(line=0)
    found: list[WitnessAddress] = []
    for number, line in enumerate(text.split("\n"), start=1):
        words = re.findall(r"[^ \t\r]+", line)
        if words[:1] == ["witness"]:
            found += _witness(words[1:], number)
    if len(found) > MOST_WITNESSES or len({one.name for one in found}) < len(found):
        raise PolicyBroken(line=0)
    return found


def _witness(words: list[str], number: int) -> list[WitnessAddress]:
    """Return the witness in a line; none where it has no address and only auditors ask for it."""
    if len(words) not in {2, 3}:
        raise PolicyBroken(line=number)
    try:
        key = read_key(words[1], WITNESS_KEY)
    except KeyBroken as error:
        raise PolicyBroken(line=number) from error
    if len(words) == 2:
        return []
    parts = urlsplit(words[2])
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PolicyBroken(line=number)
    return [WitnessAddress(words[0], key, words[2].rstrip("/"))]
