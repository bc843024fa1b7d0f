"""What TLS servers are measured by: the form of ``profiles/*.yaml``, which :mod:`.strict_yaml` reads.

Every row says where it comes from and how sure that is.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sekisho.network.rules.judged import Level
from sekisho.network.rules.observation import Version
from sekisho.network.rules.suites import suite

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Names = Annotated[tuple[Words, ...], Field(min_length=1)]
Bits = Annotated[int, Field(gt=0)]
Certainty = Literal["primary", "secondary", "memory", "own"]


class Strict(BaseModel):
    """Data that is exactly what is declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(Strict):
    """A title in both languages."""

    ja: Words
    en: Words


class Row(Strict):
    """One rule: where it is written and how sure that is."""

    source: Words
    certainty: Certainty


class LevelRow(Row):
    """A rule that is kept or not; ``level`` is what a breach means."""

    level: Literal[Level.NG, Level.WARN]


class VersionsRow(Row):
    """Versions that must be and may be offered; every other one is forbidden."""

    required: Annotated[tuple[Version, ...], Field(min_length=1)]
    optional: tuple[Version, ...]


class NamesRow(Row):
    """What may be used; for suites in the order of priority."""

    names: Names

    @model_validator(mode="after")
    def _once(self) -> "NamesRow":
        if len(set(self.names)) < len(self.names):
            raise ValueError("a name stands here twice")
        return self


class HashesRow(Row):
    """Hashes that a certificate may be signed with."""

    hashes: Names


class BitsRow(Row):
    """The least length of a finite field, in bits."""

    least: Bits


class KeysRow(Row):
    """The least length by kind of key, in bits; a kind that is not named is forbidden."""

    least: dict[Words, Bits]


class DaysRow(Row):
    """How many days before its end a certificate is worth a remark."""

    days: Annotated[int, Field(gt=0)]


class TlsProfile(Strict):
    """How TLS must be set up on a server."""

    id: Words
    title: Title
    document: Words
    published: date
    versions: VersionsRow
    only_tls13: LevelRow
    suites: dict[Version, NamesRow]
    server_order: LevelRow
    priority: LevelRow
    groups: NamesRow
    groups_own: NamesRow
    dh_bits: BitsRow
    certificate_key: KeysRow
    certificate_signature: HashesRow
    compression: LevelRow
    renegotiation: LevelRow
    downgrade: LevelRow
    certificate_name: LevelRow
    certificate_end: DaysRow

    @model_validator(mode="after")
    def _whole(self) -> "TlsProfile":
        allowed = {*self.versions.required, *self.versions.optional}
        if set(self.suites) != allowed:
            raise ValueError("suites must be listed for exactly the versions that are allowed")
        strange = [name for row in self.suites.values() for name in row.names if suite(name) is None]
        if strange:
            raise ValueError(f"no cipher suites: {strange}")
        if twice := set(self.groups.names) & set(self.groups_own.names):
            raise ValueError(f"groups that stand in both rows: {sorted(twice)}")
        return self


Algorithms = dict[Words, tuple[Words, ...]]


class StrengthRow(Row):
    """The strength of keys by their length, in bits, and the last year that a strength may be newly used in."""

    modulus: dict[Bits, Bits]
    curve: dict[Bits, Bits]
    last_year: dict[Bits, int]

    def of_key(self, key_type: str, bits: int) -> int:
        """Return the strength of a key in bits; 0 below every length named."""
        table = self.modulus if key_type in {"rsa", "dsa", "dh"} else self.curve
        return max((strength for length, strength in table.items() if length <= bits), default=0)

    def end(self, strength: int) -> int | None:
        """Return the last year of a strength, None where no end is set."""
        return min((year for bits, year in self.last_year.items() if bits >= strength), default=None)


class AlgorithmList(Strict):
    """The list of algorithms that the government recommends, watches, or has as candidates."""

    id: Words
    title: Title
    published: date
    source: Words
    certainty: Certainty
    recommended: Algorithms
    candidate: Algorithms
    monitored: Algorithms
    hmac_sha1: LevelRow
    strength: StrengthRow

    def standing(self, name: str) -> str:
        """Return "recommended", "candidate", "monitored" or "unlisted"."""
        for standing, lists in (
            ("recommended", self.recommended),
            ("candidate", self.candidate),
            ("monitored", self.monitored),
        ):
            if any(name in names for names in lists.values()):
                return standing
        return "unlisted"


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that an endpoint is measured by."""

    tls: TlsProfile
    algorithms: AlgorithmList
