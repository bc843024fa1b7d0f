"""The rules of item 13 about wireless networks."""

from collections.abc import Iterator

from sekisho.kernel.text import Text, _
from sekisho.network.rules.configuration.profile import Profile, Rule, facts, level_of
from sekisho.network.rules.device_configuration import Basis, DeviceConfiguration, Wifi
from sekisho.network.rules.judged import Judged, Level

_ENTERPRISE = frozenset({"wpa2-eap", "wpa3-enterprise"})


def encryption(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark for every network: each method a client may join by counts."""
    for network in device.wifi or ():
        value = network.security
        level, message = _encryption(rule, network)
        observed = facts(network.ssid, security=value, radius=network.radius)
        yield rule.remark(level, message, observed, [value])


def _encryption(rule: Rule, network: Wifi) -> tuple[Level, Text]:
    value = network.security
    methods = set(value.value or ())
    refused = sorted(methods.intersection(rule.expected["refused"]))
    known = {*rule.expected["refused"], *rule.expected["shared"], *rule.expected["security"]}
    if refused:
        message = _(
            "This network can be joined by a method that is not allowed: %(methods)s", methods=", ".join(refused)
        )
        return rule.levels["broken"], message
    if not methods or not methods <= known:
        return Level.UNKNOWN, _("The encryption of this network cannot be told from the configuration.")
    if value.basis is not Basis.READ:
        return Level.UNKNOWN, _("The encryption of this network is not written in the configuration.")
    if methods.intersection(rule.expected["shared"]):
        return rule.levels["shared"], _("WPA3 with one password for all; authentication of each device is better.")
    return Level.OK, _("This network authenticates each user or device and encrypts by WPA2 or WPA3.")


def any_refused(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield whether the network answers those who do not know its name."""
    for network in device.wifi or ():
        value = network.hidden
        level = level_of(value, holds=value.value is True, broken=rule.levels["broken"])
        enterprise = network.security.basis is Basis.READ and set(network.security.value or ("",)) <= _ENTERPRISE
        if level is Level.OK:
            message = _("ANY connections are refused.")
        elif value.value is False:
            message = _("The name of the network is broadcast and ANY connections are answered.")
        elif enterprise:
            # Refusing ANY is one example of limiting who joins; 802.1X limits it in another way.
            level, message = rule.levels["broken"], _("ANY refusal is not written; 802.1X decides who may join.")
        else:
            message = _("Whether ANY connections are refused is not written in the configuration.")
        yield rule.remark(level, message, facts(network.ssid, any_refused=value), [value])


def mac_filter(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark where addresses alone tell devices apart."""
    for network in device.wifi or ():
        value = network.mac_filter
        if value.value:
            message = _(
                "Devices are told apart by MAC address; its effect is limited, addresses change and can be forged."
            )
            yield rule.remark(rule.levels["broken"], message, facts(network.ssid, mac_filter=value), [value])


def wps(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark where a button or a short number lets a device join."""
    for network in device.wifi or ():
        value = network.wps
        if value.value:
            message = _("WPS is on: a button or a short number lets any device join.")
            yield rule.remark(rule.levels["broken"], message, facts(network.ssid, wps=value), [value])
