"""Sources and files for the tests of imported logs."""

from collections.abc import Iterable
from typing import Any

from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.register.models import LogImport, LogSource
from sekisho.register.rules.sources.mapping import ColumnMapping
from sekisho.register.services.log_imports import import_decided, request_import
from sekisho.register.services.log_looks import examine_log
from sekisho.register.services.log_sources import SourceData, add_log_source
from tests.conftest import actor_with

OPERATOR = actor_with(Role.SYSTEM_OPERATOR)
HEADING = "日時,職員番号,氏名,患者ID,操作,端末,結果"
MAPPING = ColumnMapping(
    time="日時",
    person="職員番号",
    person_name="氏名",
    patient="患者ID",
    action="操作",
    terminal="端末",
    outcome="結果",
)


def add_system(name: str = "電子カルテ") -> str:
    """Add a system to the estate; return its id."""
    row: Any = add_entry(
        actor=OPERATOR,
        ledger=SYSTEMS,
        values={
            "name": name,
            "kind": "emr",
            "form": "on_premises",
            "holds_medical_information": True,
            "remote_maintenance": False,
        },
    )
    return str(row.pk)


def csv_source(name: str = "カルテのアクセスログ", mapping: ColumnMapping = MAPPING, **options: Any) -> LogSource:
    """Add a source of CSV files."""
    system = options.pop("system", None) or add_system(f"{name}のシステム")
    data = SourceData(name, system, "csv", options.pop("interval_hours", 48), mapping=mapping, **options)
    return add_log_source(actor=OPERATOR, data=data)


def row(minute: int, person: str = "D001", patient: str = "P100", action: str = "カルテ参照") -> str:
    """Return a row of the file."""
    return f"2026/11/20 09:{minute:02},{person},髙橋 﨑子,{patient},{action},PC-1,成功"


def csv_file(rows: Iterable[str], encoding: str = "cp932", end: str = "\r\n") -> bytes:
    """Return a file as a system exports it."""
    return (end.join([HEADING, *rows]) + end).encode(encoding)


def take_in(source: LogSource, data: bytes, actor: Actor = OPERATOR) -> LogImport:
    """Import a file whole."""
    found = examine_log(actor=actor, source_id=source.pk, name="log.csv", pieces=[data])
    request_import(actor=actor, source_id=source.pk, import_id=found.pk)
    return import_decided(actor=actor, import_id=found.pk)
