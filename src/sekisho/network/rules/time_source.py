"""How the address of a time source is written: a name or digits, one form for each."""

import ipaddress
import re
import unicodedata

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LONGEST = 253


class NoHost(ValueError):
    """The text is neither a host name nor an address: a URL, a port behind it, half an address."""


def host_name(text: str) -> str:
    """Return the one form of a host name or IP address, as typed in any width or case. Raises NoHost.

    Names in Japanese letters are turned into their ASCII form (IDNA), IPv6 addresses into their shortest.
    """
    typed = unicodedata.normalize("NFKC", text).strip().lower()
    bare = typed[1:-1] if typed.startswith("[") and typed.endswith("]") else typed
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    try:
        name = bare.rstrip(".").encode("idna").decode("ascii")
    except UnicodeError as error:
        raise NoHost from error
    labels = name.split(".")
    # A name that ends in digits is half an address: resolvers make up the rest of it.
    if len(name) > _LONGEST or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise NoHost
    return name
