"""Whether a certificate comes from an authority that this machine's store holds: a public one, as a rule."""

import re
import ssl
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from sekisho.network.queries.handshake.certificates import UNPARSED

_STORES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_LONGEST_CHAIN = 10
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def is_public(pem: str) -> bool | None:
    """Tell whether the first certificate in ``pem`` leads, over the others in it, to one of the store.

    False when it leads to a root that the store does not hold; None when it leads nowhere, or there is no store.
    """
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
    except UNPARSED:
        return None
    roots = _store()
    if not roots:
        return None
    one = chain[0]
    for _step in range(_LONGEST_CHAIN):
        if one in roots or _issuer(one, roots):
            return True
        issuer = _issuer(one, chain)
        if issuer is None:
            return None
        if issuer == one:
            return False
        one = issuer
    return None


def _issuer(one: x509.Certificate, others: Iterable[x509.Certificate]) -> x509.Certificate | None:
    for other in others:
        if other.subject == one.issuer:
            try:
                one.verify_directly_issued_by(other)
            except (*UNPARSED, InvalidSignature):
                continue
            return other
    return None


def _store() -> list[x509.Certificate]:
    paths = ssl.get_default_verify_paths()
    for path in (paths.cafile, *_STORES):
        if path and Path(path).is_file():
            return _certificates(Path(path).read_bytes())
    return []


def _certificates(data: bytes) -> list[x509.Certificate]:
    """Return what can be read: one odd certificate must not cost the whole store."""
    found: list[x509.Certificate] = []
    for block in _BLOCK.findall(data):
        with suppress(*UNPARSED):
            found.append(x509.load_pem_x509_certificate(block))
    return found
