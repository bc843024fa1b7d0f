"""The rules of items 6 and 7 about SSL-VPN: client type, certificates of the devices, version of TLS."""

from collections.abc import Iterator

from sekisho.kernel.text import _
from sekisho.network.rules.configuration.profile import Profile, Rule, facts, level_of
from sekisho.network.rules.device_configuration import DeviceConfiguration, SslVpn
from sekisho.network.rules.judged import Judged, Level


def _running(device: DeviceConfiguration) -> list[SslVpn]:
    """Return the services that are not said to be off."""
    return [vpn for vpn in device.ssl_vpns or () if vpn.enabled.value is not False]


def client_type(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield whether a browser alone gets in."""
    for vpn in _running(device):
        value = vpn.web_mode
        level = level_of(value, holds=value.value is False, broken=rule.levels["broken"])
        message = {
            Level.OK: _("The portal for browsers is off: only the client software gets in."),
            Level.UNKNOWN: _("Whether the portal for browsers is off is not written in the configuration."),
        }.get(level, _("The portal for browsers is on; an SSL-VPN must be of the client type."))
        yield rule.remark(level, message, facts(vpn.name, web_mode=value, enabled=vpn.enabled), [value])


def client_certificate(
    _profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None
) -> Iterator[Judged]:
    """Yield whether devices must show a certificate."""
    for vpn in _running(device):
        value = vpn.client_certificate
        level = level_of(value, holds=value.value is True, broken=rule.levels["broken"])
        message = {
            Level.OK: _("Devices must show a client certificate."),
            Level.UNKNOWN: _("Whether devices must show a client certificate is not written in the configuration."),
        }.get(level, _("Devices get in without a client certificate."))
        yield rule.remark(level, message, facts(vpn.name, client_certificate=value, enabled=vpn.enabled), [value])


def protocol(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield whether the lowest version of TLS is high enough; 1.2 needs a reason that is on record."""
    order = list(rule.expected["order"])
    for vpn in _running(device):
        value = vpn.minimum_protocol
        if value.value not in order:
            level, message = Level.UNKNOWN, _("The lowest version of TLS is not written in the configuration.")
        elif order.index(value.value) >= order.index(rule.expected["at_least"]):
            level = level_of(value, holds=True, broken=Level.NG)
            message = _("Nothing below TLS 1.3 connects.")
        elif order.index(value.value) >= order.index(rule.expected["with_reason"]):
            level = rule.levels["with_reason"]
            message = _(
                "TLS 1.2 connects; it is left to systems that cannot do better, for a reason that is on record."
            )
        else:
            level, message = rule.levels["broken"], _("Versions of TLS that are not allowed any more connect.")
        observed = facts(vpn.name, minimum_protocol=value, enabled=vpn.enabled)
        yield rule.remark(level, message, observed, [value])


def split_tunnel(
    _profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None
) -> Iterator[Judged]:
    """Yield a remark where a connected device goes on talking to other networks."""
    for vpn in _running(device):
        value = vpn.split_tunnel
        if value.value:
            message = _("A connected device goes on talking to other networks, by which others may enter the session.")
            yield rule.remark(rule.levels["broken"], message, facts(vpn.name, split_tunnel=value), [value])
