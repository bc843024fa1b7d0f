"""Reading the configuration of a network device: bytes in, a common model out, secrets replaced on the way."""

from dataclasses import dataclass

from sekisho.kernel.text import Text, _
from sekisho.network.rules.device_configuration import DeviceConfiguration, Dialect
from sekisho.network.rules.readers import cisco, fortios, hostapd, strongswan, wifi_export, yamaha
from sekisho.network.rules.readers.detection import Detection, detect
from sekisho.network.rules.readers.errors import NotText
from sekisho.network.rules.readers.secrets import Secrets
from sekisho.network.rules.readers.source import decode
from sekisho.network.rules.readers.statements import Statement

READERS = {
    reader.dialect: reader
    for reader in (
        fortios.READER,
        cisco.IOS,
        cisco.ASA,
        yamaha.READER,
        strongswan.SWANCTL,
        strongswan.IPSEC_CONF,
        hostapd.READER,
        wifi_export.READER,
    )
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read: its kind and why, its encoding, what it says, and its lines with the secrets replaced."""

    dialect: Dialect
    reason: Text
    encoding: str
    configuration: DeviceConfiguration
    statements: tuple[Statement, ...]


def read_configuration(content: bytes, *, key: bytes, dialect: Dialect | None = None) -> Reading:
    """Read a configuration; ``key`` (16 bytes or more) hides its secrets, ``dialect`` is told or recognised.

    Raises ConfigurationTooLarge, NotText, UnknownConfiguration or UnreadableTable; none of them quotes the file.
    """
    secrets = Secrets(key)
    source = decode(content)
    found = Detection(dialect, _("The kind was given.")) if dialect else detect(source)
    reader = READERS[found.dialect]
    if source.encoding not in reader.encodings:
        raise NotText(reason=_("this kind of configuration is written in UTF-8, and the file is not"))
    parsed = reader.parse(source, secrets)
    configuration = reader.understand(parsed, secrets)
    return Reading(found.dialect, found.reason, source.encoding, configuration, tuple(parsed.statements))
