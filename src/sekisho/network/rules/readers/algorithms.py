"""The many spellings of algorithms, as one name each. One that is not known keeps itself and is judged so."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Naming = Callable[[str], str]
_ENCRYPTION = (
    (r"3des(?:-cbc)?|tripledes", "3des"),
    (r"des(?:-cbc|-iv64)?", "des"),
    (r"aes-?(?:128|192|256)?-?(?:gmac)(?:-?(?:128|192|256))?", "aes-gmac"),
    (r"aes-?(?:128|192|256)?-?gcm-?\d*(?:-\d+)?", "aes-gcm"),
    (r"aes-?(?:128|192|256)?-?ccm-?\d*(?:-\d+)?", "aes-ccm"),
    (r"aes-?(?:128|192|256)?-?ctr(?:-\d+)?", "aes-ctr"),
    (r"aes-?(?:128|192|256)?(?:-cbc)?(?:-?(?:128|192|256))?", "aes-cbc"),
    (r"camellia-?(?:128|192|256)?(?:-cbc)?", "camellia-cbc"),
    (r"camellia-?(?:128|192|256)?-?ctr", "camellia-ctr"),
    (r"camellia-?(?:128|192|256)?-?ccm-?\d*", "camellia-ccm"),
    (r"chacha20-?poly1305(?:compat)?", "chacha20-poly1305"),
    (r"null", "null"),
    (r"blowfish-?\d*|bf-?(?:cbc)?", "blowfish"),
    (r"cast-?(?:128|5)?", "cast"),
    (r"idea", "idea"),
    (r"arc4|rc4", "rc4"),
    (r"seed(?:-\d+)?", "seed"),
    (r"aria-?(?:128|192|256)?(?:gcm)?(?:-\d+)?", "aria"),
    (r"serpent-?\d*", "serpent"),
    (r"twofish-?\d*", "twofish"),
)
_HASHES = (
    (r"md5(?:-hmac|-128)?", "hmac-md5"),
    (r"sha-?1?(?:-hmac|-160)?", "hmac-sha1"),
    (r"(?:sha-?2-?|sha-?)256(?:-hmac|-96|-128)?", "hmac-sha2-256"),
    (r"(?:sha-?2-?|sha-?)384(?:-hmac|-192)?", "hmac-sha2-384"),
    (r"(?:sha-?2-?|sha-?)512(?:-hmac|-256)?", "hmac-sha2-512"),
    (r"aes-?xcbc(?:-96)?", "aes-xcbc"),
    (r"aes-?cmac(?:-96)?", "aes-cmac"),
)
_GROUP_NUMBERS = {
    "1": "modp768", "2": "modp1024", "5": "modp1536", "14": "modp2048", "15": "modp3072", "16": "modp4096",
    "17": "modp6144", "18": "modp8192", "19": "ecp256", "20": "ecp384", "21": "ecp521", "22": "modp1024s160",
    "23": "modp2048s224", "24": "modp2048s256", "25": "ecp192", "26": "ecp224", "27": "ecp224bp", "28": "ecp256bp",
    "29": "ecp384bp", "30": "ecp512bp", "31": "x25519", "32": "x448",
}  # fmt: skip
_GROUP_NAMES = {name: name for name in _GROUP_NUMBERS.values()} | {
    "curve25519": "x25519",
    "curve448": "x448",
    "nistp256": "ecp256",
    "nistp384": "ecp384",
    "nistp521": "ecp521",
}
AUTHENTICATED = frozenset({"aes-gcm", "aes-ccm", "camellia-ccm", "chacha20-poly1305", "aes-gmac"})
_ENCRYPTIONS = tuple((re.compile(pattern), name) for pattern, name in _ENCRYPTION)
_INTEGRITIES = tuple((re.compile(pattern), name) for pattern, name in _HASHES)
_SEQUENCE_NUMBERS = frozenset({"esn", "noesn"})


def encryption(word: str) -> str:
    """Return the canonical name of an encryption, or ``word`` itself."""
    return _named(word, _ENCRYPTIONS) or word.lower()


def integrity(word: str) -> str:
    """Return the canonical name of an integrity algorithm or hash, or ``word`` itself."""
    return _named(word, _INTEGRITIES) or word.lower()


def group(word: str) -> str:
    """Return the canonical name of a key exchange group, by number, "group14" or name, or ``word`` itself."""
    plain = word.lower().removeprefix("group")
    return _GROUP_NUMBERS.get(plain) or _GROUP_NAMES.get(plain) or word.lower()


def _named(word: str, table: Iterable[tuple[re.Pattern[str], str]]) -> str | None:
    plain = word.lower().replace("_", "-")
    return next((name for pattern, name in table if pattern.fullmatch(plain)), None)


@dataclass(frozen=True, slots=True)
class Suite:
    """The algorithms of one proposal written as words joined by hyphens; ``unknown`` are the words nobody knew."""

    encryption: tuple[str, ...]
    integrity: tuple[str, ...]
    prf: tuple[str, ...]
    groups: tuple[str, ...]
    unknown: tuple[str, ...]


def suite(text: str) -> Suite:
    """Return the algorithms of a proposal such as "aes256gcm16-prfsha384-ecp384" or "aes128-sha256"."""
    ciphers: list[str] = []
    macs: list[str] = []
    prfs: list[str] = []
    groups: list[str] = []
    unknown: list[str] = []
    for word in filter(None, text.lower().split("-")):
        if found := _named(word, _ENCRYPTIONS):
            ciphers.append(found)
        elif found := _named(word, _INTEGRITIES):
            macs.append(found)
        elif word.startswith("prf") and (found := _named(word.removeprefix("prf"), _INTEGRITIES)):
            prfs.append(found)
        elif found := _GROUP_NAMES.get(word.removeprefix("ke1").lstrip("_")):
            groups.append(found)
        elif word not in _SEQUENCE_NUMBERS:
            unknown.append(word)
    return Suite(tuple(ciphers), tuple(macs), tuple(prfs), tuple(groups), tuple(unknown))
