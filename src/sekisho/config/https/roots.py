"""The root certificate that browsers have to trust, in the forms that computers and telephones take.

No Django and no X.509 library: the supervisor says the fingerprint too.
"""

import hashlib
import ssl
from pathlib import Path

GROUP, GROUPS_A_LINE = 4, 4


def to_der(pem: str) -> bytes:
    """Return the first certificate of a PEM file. Raises ValueError."""
    begin = pem.index("-----BEGIN CERTIFICATE-----")
    end = pem.index("-----END CERTIFICATE-----", begin) + len("-----END CERTIFICATE-----")
    return ssl.PEM_cert_to_DER_cert(pem[begin:end])


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate in capital hexadecimal digits."""
    return hashlib.sha256(der).hexdigest().upper()


def groups(text: str) -> list[list[str]]:
    """Return a fingerprint as it is read out: lines of four groups of four digits."""
    parts = [text[at : at + GROUP] for at in range(0, len(text), GROUP)]
    return [parts[at : at + GROUPS_A_LINE] for at in range(0, len(parts), GROUPS_A_LINE)]


def read_out(path: Path) -> str:
    """Return the fingerprint of the certificate in a file in one line, empty where there is none yet."""
    try:
        found = fingerprint(to_der(path.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return ""
    return " ".join(" ".join(line) for line in groups(found))
