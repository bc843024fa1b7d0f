"""What is asked of a PostgreSQL server beside Django.

Loaded only where one is used: its library takes eight megabytes.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import DatabaseError
from psycopg import sql

_TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"


def create_database(url: str, name: str) -> None:
    """Make an empty database on the server of ``url``. Raises DatabaseError where we may not."""
    _tell(url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def drop_database(url: str, name: str) -> None:
    """Remove a database with everybody's connections to it, if it is there. Raises DatabaseError."""
    _tell(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def has_tables(parameters: Mapping[str, Any]) -> bool:
    """Tell whether a database, by its parameters as Django knows them, holds any table. Raises psycopg.Error."""
    with psycopg.connect(
        dbname=parameters["NAME"],
        user=parameters["USER"],
        password=parameters["PASSWORD"],
        host=parameters["HOST"] or None,
        port=parameters["PORT"] or None,
        **parameters["OPTIONS"],
    ) as database:
        row = database.execute(_TABLES).fetchone()
    return row is None or bool(row[0])


def _tell(url: str, statement: sql.Composed) -> None:
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as server:
            server.execute(statement)
    except psycopg.Error as error:
        raise DatabaseError(str(error)) from error
