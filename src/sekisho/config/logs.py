"""Log lines of every process, in one form and without secrets: readable text, or JSON for a log collector.

Structlog's loggers and the standard library's (Django, granian, the task queue) go through the
same formatter, so a line looks the same whoever wrote it. Lines go to standard error.
"""

import json
import logging.config
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from structlog.typing import EventDict, ProcessorReturnValue

from sekisho.config.environment import Environment
from sekisho.config.redaction import redact_event
from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE

CONSOLE = "console"
# These speak at length about what our own lines already say.
_QUIET = ("asyncio", "django_tasks", "django_tasks_db", "_granian", "django.request")
_FIRST = ("time", "level", "process", "event")


def logging_configuration(log_format: str, log_level: str, process: str = CONSOLE) -> dict[str, Any]:
    """Return the ``logging.config.dictConfig`` settings of one process: plain data, good for another process."""
    quiet = "DEBUG" if log_level == "debug" else max("WARNING", log_level.upper(), key=logging.getLevelName)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "sekisho.config.logs.formatter", "log_format": log_format, "process": process}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": log_level.upper()},
        "loggers": {name: {"level": quiet} for name in _QUIET},
    }


def configure_logging(environment: Environment, process: str) -> None:
    """Make this process log as ``environment`` says, every line marked with the name ``process``."""
    configure(environment.log_format, environment.log_level, process)


def configure(log_format: str, log_level: str, process: str) -> None:
    """Set up logging from plain values, for the moment when the settings themselves are wrong."""
    logging.config.dictConfig(logging_configuration(log_format, log_level, process))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def formatter(log_format: str, process: str) -> structlog.stdlib.ProcessorFormatter:
    """Return the formatter that turns every record into one line (a traceback follows it in text)."""

    def add_place(_logger: object, _method: str, event: EventDict) -> ProcessorReturnValue:
        event["process"] = process
        event["time"] = clock.now()
        return event

    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.add_log_level,
            add_place,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redact_event,
            _render_json if log_format == "json" else _render_text,
        ],
    )


def _render_text(_logger: object, _method: str, event: EventDict) -> str:
    moment: datetime = event["time"]
    traceback = event.pop("exception", None)
    head = f"{moment.astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M:%S} {event['level']:<8} {event['process']:<10} "
    pairs = [f"{key}={_quoted(value)}" for key, value in event.items() if key not in _FIRST]
    line = head + " ".join([_one_line(str(event["event"])), *pairs])
    return f"{line}\n{traceback}" if traceback else line


def _render_json(_logger: object, _method: str, event: EventDict) -> str:
    moment: datetime = event["time"]
    ordered: Mapping[str, object] = {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **{key: event[key] for key in _FIRST if key != "time"},
        **{key: value for key, value in event.items() if key not in _FIRST},
    }
    return json.dumps(ordered, ensure_ascii=False, default=str)


def _one_line(text: str) -> str:
    """Keep a text on its line, so that nobody can forge a second log line through a value."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def _quoted(value: object) -> str:
    text = str(value)
    plain = text.isprintable() and text != "" and not any(sign in text for sign in ' "=')
    return text if plain else json.dumps(text, ensure_ascii=False)
