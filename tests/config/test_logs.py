import json
import logging
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import structlog

from sekisho.config.logs import configure, formatter, logging_configuration
from sekisho.kernel import clock

MOMENT = datetime(2026, 11, 22, 7, 30, 41, 123456, tzinfo=UTC)
Lines = Callable[[str], logging.Logger]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[str, str], None]]:
    """Configure logging of this process for one test and put it back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    config = structlog.get_config()

    def start(log_format: str, level: str) -> None:
        configure(log_format, level, "web")

    with clock.use(clock.FixedClock(MOMENT)):
        yield start
    root.handlers[:], root.level = before
    structlog.configure(**config)


def test_a_text_line_is_readable(written: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]) -> None:
    written("text", "info")
    structlog.stdlib.get_logger("a").info("started", port=8443, who="Dr. Sato")
    assert capsys.readouterr().err == '2026-11-22 16:30:41 info     web        started port=8443 who="Dr. Sato"\n'


def test_other_libraries_write_the_same_line(
    written: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    written("text", "info")
    logging.getLogger("django.db").warning("slow %s", "query")
    assert capsys.readouterr().err == "2026-11-22 16:30:41 warning  web        slow query\n"


def test_json_is_one_object_a_line_in_utc(
    written: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    written("json", "info")
    structlog.stdlib.get_logger("b").error("起動", token="abc", number=1)
    logging.getLogger("x").error("two\nlines")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert list(first) == ["time", "level", "process", "event", "token", "number"]
    assert list(first.values()) == ["2026-11-22T07:30:41.123Z", "error", "web", "起動", "***", 1]
    assert second["event"] == "two\nlines"


def test_a_traceback_is_kept_and_redacted(
    written: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    written("text", "info")
    try:
        raise ValueError("postgresql://u:geheim@h/d")
    except ValueError:
        structlog.stdlib.get_logger("c").exception("failed")
        logging.getLogger("d").exception("failed too")
    err = capsys.readouterr().err
    assert err.count("Traceback") == 2
    assert "geheim" not in err


def test_nobody_forges_a_line(written: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]) -> None:
    written("text", "info")
    structlog.stdlib.get_logger("e").info("refused\n2026 fake", name="a\nb\x1b[31m", empty="")
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "\x1b" not in err
    assert 'empty=""' in err


def test_the_level_counts_and_chatter_is_kept_down(
    written: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    written("text", "info")
    structlog.stdlib.get_logger("f").debug("no")
    logging.getLogger("django_tasks").info("no")
    logging.getLogger("django_tasks").error("yes")
    assert capsys.readouterr().err.count("\n") == 1


def test_the_configuration_is_plain_data() -> None:
    settings = logging_configuration("json", "debug", "web")
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_secrets_in_arguments_are_masked() -> None:
    record = logging.LogRecord("g", logging.INFO, "", 0, "open %s", ("/invitation/abc/",), None)
    assert "/invitation/***/" in formatter("text", "web").format(record)
