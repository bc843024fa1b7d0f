"""Whether the algorithms of cipher suites are on the government's list of recommended ones."""

from collections.abc import Iterable, Iterator

from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.observation import Observation, Version, Why
from sekisho.network.rules.profile import AlgorithmList, Row
from sekisho.network.rules.remarks import Fact, cannot_tell, remark
from sekisho.network.rules.suites import Suite, suite

_CIPHERS = {"CAMELLIA": "Camellia", "3DES": "3-key Triple DES", "CHACHA20_POLY1305": "ChaCha20-Poly1305"}
_EXCHANGES = {"ECDHE": "ECDH", "ECDH": "ECDH", "DHE": "DH", "DH": "DH", "RSA": "RSAES-PKCS1-v1_5"}
_SIGNATURES = {"DSS": "DSA"}
_HASHES = {"SHA": "SHA-1", "SHA256": "SHA-256", "SHA384": "SHA-384"}
_HMAC_SHA1 = "HMAC-SHA-1"


def algorithms_of(made_of: Suite) -> Iterator[str]:
    """Yield the algorithms of a suite by their names on the list. TLS 1.3 names those of the handshake elsewhere.

    The certificate's key belongs to the certificate; here "RSA" as authentication is the signature of TLS.
    """
    if made_of.exchange != "any":
        yield _EXCHANGES.get(made_of.exchange, made_of.exchange)
        if made_of.authentication == "anon":
            yield "anon"
        elif made_of.exchange in {"ECDHE", "DHE"}:
            by_name = "RSASSA-PKCS1-v1_5" if made_of.authentication == "RSA" else made_of.authentication
            yield _SIGNATURES.get(by_name, by_name)
    yield _CIPHERS.get(made_of.cipher, made_of.cipher)
    if made_of.mode:
        yield "CCM" if made_of.mode == "CCM_8" else made_of.mode
    digest = _HASHES.get(made_of.digest, made_of.digest)
    if made_of.aead:
        yield digest
    else:
        yield "HMAC"
        yield _HMAC_SHA1 if digest == "SHA-1" else digest


def judge_algorithms(lists: AlgorithmList, seen: Observation) -> Iterable[Judged]:
    """Remark on the algorithms of every suite that is offered, in every version."""
    row = Row(source=lists.source, certainty=lists.certainty)
    names = {name for suites in seen.suites.values() for name in suites or ()}
    used: set[str] = set()
    for name in names:
        made_of = suite(name)
        used |= set(algorithms_of(made_of)) if made_of else {name}
    sha1 = _HMAC_SHA1 in used
    wrong = sorted(name for name in used - {_HMAC_SHA1} if lists.standing(name) != "recommended")
    incomplete = [why for field, why in seen.why.items() if field.startswith("suites.")]
    unread = [version for version in seen.offered() if version is not Version.SSL2 and not seen.suites.get(version)]
    if wrong or Version.SSL2 in seen.offered():
        fact = Fact(wrong, "recommended", shown=", ".join(wrong or [Version.SSL2]))
        yield remark("CRYPTREC", Level.NG, fact, row)
    elif incomplete or unread or not names:
        yield cannot_tell("CRYPTREC", incomplete[0] if incomplete else Why.NOT_TRIED, row)
    elif sha1:
        level = lists.hmac_sha1.level
        yield remark("CRYPTREC", level, Fact([_HMAC_SHA1], "recommended", shown=_HMAC_SHA1), lists.hmac_sha1)
    else:
        yield remark("CRYPTREC", Level.OK, Fact(sorted(used), "recommended"), row)
