"""In which characters a file is written: UTF-8 (with or without BOM) or CP932, and nothing is guessed beyond that."""

import codecs
from collections.abc import Iterable
from enum import StrEnum

from sekisho.register.rules.sources.errors import LogNotText

BOM = codecs.BOM_UTF8


class Encoding(StrEnum):
    """How the bytes of a log are read."""

    UTF8 = "utf-8"
    CP932 = "cp932"


class _Trial:
    """Whether everything so far is text of one encoding, and where it ceased to be."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.place: int | None = None
        self._decoder = codecs.getincrementaldecoder(encoding.value)("strict")
        self._taken = 0

    def feed(self, chunk: bytes, *, final: bool) -> None:
        if self.place is not None:
            return
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            self.place = self._taken + error.start
        self._taken += len(chunk)


def decide_encoding(chunks: Iterable[bytes]) -> Encoding:
    """Return the encoding of a file that comes in pieces. Raises LogNotText where it is none that we read.

    A zero byte is in no log: UTF-16 and programs have it.
    """
    trials = [_Trial(Encoding.UTF8), _Trial(Encoding.CP932)]
    taken = 0
    for chunk in chunks:
        if (zero := chunk.find(b"\0")) >= 0:
            raise LogNotText(place=taken + zero)
        for trial in trials:
            trial.feed(chunk, final=False)
        taken += len(chunk)
    for trial in trials:
        trial.feed(b"", final=True)
        if trial.place is None:
            return trial.encoding
    raise LogNotText(place=max(trial.place or 0 for trial in trials))
