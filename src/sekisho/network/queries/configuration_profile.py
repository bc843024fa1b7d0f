"""The profile of device configurations that comes with Sekisho. Without Django: the command line reads it too."""

from functools import cache

from sekisho.network.queries.profiles import FOLDER
from sekisho.network.rules.configuration import Profile, parse_profile

FILE = "configuration.yaml"


@cache
def configuration_profile() -> Profile:
    """Return what the guideline asks of a device's configuration. Raises DataInvalid."""
    return parse_profile((FOLDER / FILE).read_text(encoding="utf8"))
