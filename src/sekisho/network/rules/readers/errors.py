"""Why a file is refused as a configuration. No error ever quotes the file: it may hold passwords."""

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _


class ConfigurationTooLarge(InvalidInput):
    """No router's configuration is this long."""

    code = "network.configuration_too_large"
    message = _("The file is larger than %(most)s MiB and cannot be a configuration.")


class NotText(InvalidInput):
    """The bytes are no text that can be read with certainty."""

    code = "network.configuration_not_text"
    message = _("The file is no plain text: %(reason)s")
    hint = _("Save the configuration as text in UTF-8. For Yamaha routers and exported tables Shift_JIS is read too.")


class UnknownConfiguration(InvalidInput):
    """None of the kinds that are read was recognised, or two at once."""

    code = "network.configuration_unknown"
    message = _("The kind of configuration was not recognised: %(found)s")
    hint = _(
        "These kinds are read: FortiOS, Cisco IOS and ASA, Yamaha RTX and NVR, strongSwan (swanctl.conf, ipsec.conf), "
        "hostapd, and a table of wireless networks as CSV or JSON. Hand in the whole file, with its first lines."
    )


class UnreadableTable(InvalidInput):
    """The exported table of wireless networks is not of the documented form."""

    code = "network.configuration_table"
    message = _("The table of wireless networks cannot be read: %(reason)s")
