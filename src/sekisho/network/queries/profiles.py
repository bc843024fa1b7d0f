"""The profiles that come with Sekisho."""

from functools import cache
from pathlib import Path

from sekisho.network.rules.profile import AlgorithmList, Profile, TlsProfile
from sekisho.network.rules.strict_yaml import read

FOLDER = Path(__file__).parents[1] / "profiles"
TLS = "tls-high-2025.yaml"
ALGORITHMS = "cryptrec-ls-0001-2022r1.yaml"


@cache
def high_security() -> Profile:
    """Return what the high-security type asks for. Raises DataInvalid."""
    tls = read(TlsProfile, (FOLDER / TLS).read_text(encoding="utf8"))
    return Profile(tls, read(AlgorithmList, (FOLDER / ALGORITHMS).read_text(encoding="utf8")))
