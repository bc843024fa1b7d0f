"""How these tests ask the program, and how they read its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sekisho_verify.writer import Signer

KEY = Signer().vkey


@dataclass(frozen=True)
class Answer:
    """The exit code and the JSON of one run."""

    code: int
    document: dict[str, Any]

    @property
    def verdict(self) -> str:
        return str(self.document["verdict"])

    @property
    def facts(self) -> dict[str, Any]:
        return dict(self.document["facts"])

    @property
    def parts(self) -> dict[str, str]:
        return dict(self.document["parts"])

    @property
    def codes(self) -> list[str]:
        return list(dict.fromkeys(one["code"] for one in self.document["findings"]))

    def first(self, code: str) -> dict[str, Any]:
        """Return the facts of the first finding of a kind."""
        return dict(next(one["facts"] for one in self.document["findings"] if one["code"] == code))


Ask = Callable[..., Answer]
