"""Whether a chain leads to an authority, by a real handshake of OpenSSL with everything else allowed.

Old versions, weak keys and expiry must not hide the answer, nor be hidden by it: they are facts of their own.
"""

import ssl
import warnings
from pathlib import Path

from sekisho.network.queries.handshake.line import Fruitless, Line
from sekisho.network.queries.handshake.look import Look
from sekisho.network.queries.handshake.starttls import start_tls
from sekisho.network.rules.observation import Trust, Why

_IGNORE_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME (openssl/x509_vfy.h)
_CHANGE_CIPHER = 20
_LONGEST_REASON = 200


def trust(look: Look, ca_pem: str | None) -> Trust:
    """Check the chain against ``ca_pem``, or else against the machine's store. Raises Fruitless when the time is up."""
    against = "registered" if ca_pem else "system"
    if not ca_pem and not _has_store():
        return Trust(against, trusted=None, why=Why.NO_STORE)
    try:
        context = _context(ca_pem)
    except (ssl.SSLError, ValueError):
        return Trust(against, trusted=None, why=Why.NO_STORE)
    look.time.left()
    look.connections += 1
    try:
        with Line(look.target, look.time) as line:
            if look.target.starttls:
                start_tls(line, look.target.starttls)
            return _handshake(line, context, look.target.server_name, against)
    except Fruitless as error:
        return Trust(against, trusted=None, why=error.why)


def _handshake(line: Line, context: ssl.SSLContext, name: str | None, against: str) -> Trust:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
    sent = b""
    while True:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            sent += (flight := outgoing.read())
            line.send(flight)
            try:
                incoming.write(line.some())
            except Fruitless:
                # Without a client certificate some servers hang up, after ours has been looked at.
                if _has_accepted(sent):
                    return Trust(against, trusted=True)
                raise
        except ssl.SSLCertVerificationError as error:
            return Trust(against, trusted=False, code=error.verify_code, reason=error.verify_message[:_LONGEST_REASON])
        except ssl.SSLError:
            return (
                Trust(against, trusted=True)
                if _has_accepted(sent)
                else Trust(against, trusted=None, why=Why.UNREADABLE)
            )
        else:
            line.send(outgoing.read())
            return Trust(against, trusted=True)


def _has_accepted(sent: bytes) -> bool:
    """Tell whether OpenSSL has gone on to encryption, which before TLS 1.3 it does once the chain is accepted."""
    place, kinds = 0, []
    while place + 5 <= len(sent):
        kinds.append(sent[place])
        place += 5 + int.from_bytes(sent[place + 3 : place + 5])
    # In TLS 1.3 an empty one may follow the first hello; the older versions send it after the key exchange.
    return _CHANGE_CIPHER in kinds and kinds.index(_CHANGE_CIPHER) > 1


def _context(ca_pem: str | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    context.verify_flags |= _IGNORE_TIME
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    if ca_pem:
        context.load_verify_locations(cadata=ca_pem)
        # A facility may register the authority below the root, or the certificate itself.
        context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    else:
        context.load_default_certs()
    return context


def _has_store() -> bool:
    paths = ssl.get_default_verify_paths()
    folder = Path(paths.capath) if paths.capath else None
    return bool(paths.cafile) or (folder is not None and any(folder.glob("*.[0-9]")))
