"""The NT hash of Windows, MD4 (RFC 1320) of the password in UTF-16: to recognise a password, never to protect one.

OpenSSL 3 has MD4 no more, and no library of ours brings it.
"""

import struct
from collections.abc import Callable

Mix = Callable[[int, int, int], int]


def _either(x: int, y: int, z: int) -> int:
    return (x & y) | (~x & z)


def _most(x: int, y: int, z: int) -> int:
    return (x & y) | (x & z) | (y & z)


def _odd(x: int, y: int, z: int) -> int:
    return x ^ y ^ z


# Each round: how it mixes, its constant, the order of the words, and by how much is turned.
_ROUNDS: tuple[tuple[Mix, int, tuple[int, ...], tuple[int, ...]], ...] = (
    (_either, 0x00000000, tuple(range(16)), (3, 7, 11, 19)),
    (_most, 0x5A827999, (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), (3, 5, 9, 13)),
    (_odd, 0x6ED9EBA1, (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15)),
)
_WORD = 0xFFFFFFFF
_BEGINNING = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)


def nt_hash(password: str) -> str:
    """Return the NT hash of a password, 32 hexadecimal signs in lower case."""
    return md4(password.encode("utf-16-le", "surrogatepass")).hex()


def md4(data: bytes) -> bytes:
    """Return the 16 bytes of MD4 of ``data``."""
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack("<Q", len(data) * 8)
    state = _BEGINNING
    for place in range(0, len(padded), 64):
        state = _after_block(state, struct.unpack("<16I", padded[place : place + 64]))
    return struct.pack("<4I", *state)


def _after_block(state: tuple[int, int, int, int], words: tuple[int, ...]) -> tuple[int, int, int, int]:
    a, b, c, d = state
    for mix, constant, order, shifts in _ROUNDS:
        for step, word in enumerate(order):
            turned = (a + (mix(b, c, d) & _WORD) + words[word] + constant) & _WORD
            by = shifts[step % 4]
            a, b, c, d = d, ((turned << by) | (turned >> (32 - by))) & _WORD, b, c
    return tuple((one + two) & _WORD for one, two in zip(state, (a, b, c, d), strict=True))  # type: ignore[return-value]
