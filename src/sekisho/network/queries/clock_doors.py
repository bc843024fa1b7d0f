"""Asking a host for its time in the way that one of its ports speaks. No database is needed."""

from sekisho.network.queries import host_clock, ntp
from sekisho.network.rules.readings import HostReading


def ask_door(host: str, port: int, protocol: str, asking: ntp.Asking | None = None) -> HostReading:
    """Ask one port by its protocol: "ntp", "smb", "http" or "https". Never raises for what a network can do."""
    match protocol:
        case "ntp":
            return ntp.ask_host(host, port, asking)
        case "smb":
            return host_clock.by_smb2(host, port)
        case "http" | "https":
            return host_clock.by_http(host, port, tls=protocol == "https")
    raise ValueError(f"{protocol} does not tell the time")
