import socket
from datetime import UTC, datetime

import pytest

from sekisho.config import cli
from sekisho.config.environment import Environment
from sekisho.config.processes.preflight import (
    ClockWrong,
    PortForbidden,
    PortTaken,
    check_clock,
    check_port,
    listen_addresses,
)
from sekisho.kernel import clock
from tests.config.running import free_port


@pytest.mark.parametrize("moment", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, 23, 59, tzinfo=UTC)])
def test_a_clock_before_2026_is_refused(moment: datetime) -> None:
    with clock.use(clock.FixedClock(moment)), pytest.raises(ClockWrong) as caught:
        check_clock()
    assert caught.value.exit_code == 78
    assert f"{moment:%Y-%m-%d}" in str(caught.value.text)


def test_a_right_clock_is_not() -> None:
    with clock.use(clock.FixedClock(datetime(2026, 1, 1, tzinfo=UTC))):
        check_clock()


def test_up_refuses_a_wrong_clock(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_LANGUAGE", "en")
    with clock.use(clock.FixedClock(datetime(2020, 1, 1, tzinfo=UTC))):
        assert cli.main(["up"]) == 78
    assert "2020-01-01" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1"])
def test_a_taken_port_is_named(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as other:
        try:
            other.bind((address, 0))
        except OSError:
            pytest.skip(f"this computer has no {address}")
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as caught:
            check_port(Environment(port=port), listen_addresses(Environment(port=port)))
    assert caught.value.exit_code == 69
    assert str(port) in str(caught.value.text)
    assert "SEKISHO_PORT" in str(caught.value.advice)


def test_a_forbidden_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_address: str, _port: int) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("sekisho.config.processes.preflight._bind", refuse)
    with pytest.raises(PortForbidden):
        check_port(Environment(port=443), ["127.0.0.1"])


def test_local_means_this_computer_only() -> None:
    assert listen_addresses(Environment(listen="local"))[0] == "127.0.0.1"
    assert listen_addresses(Environment(listen="all"))[0] == "0.0.0.0"
    check_port(Environment(port=free_port()), listen_addresses(Environment()))
