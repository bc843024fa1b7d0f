"""Rules about passkeys and recovery codes: counters, host names, how codes are written. Pure."""

import unicodedata
from ipaddress import ip_address

# Without 0, O, 1, I, L and U: nothing that is misread on paper. Twelve of these are 58 bits.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
CODES_AT_A_TIME = 10
_GROUP = 4


def may_be_a_copy(stored: int, answered: int) -> bool:
    """Tell whether a signature counter did not grow although the authenticator counts (WebAuthn Level 3, 7.2 step 22).

    Authenticators that do not count always answer 0.
    """
    return (stored, answered) != (0, 0) and answered <= stored


def names_a_host(host: str) -> bool:
    """Tell whether passkeys can belong to ``host``: browsers take names only, never an IP address."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


def written(code: str) -> str:
    """Return a recovery code as it is printed: in groups of four."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def read(typed: str) -> str:
    """Return a recovery code as it was made, however it was typed: small, full-width, with spaces or hyphens."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed).upper() if sign.isalnum())
