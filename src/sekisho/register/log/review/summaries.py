"""Small tables that are made of the rows of one day, so that rules need not go through all rows of half a year.

Each is one SELECT over ``events``, in the same common subset of SQL as the rules. A row never spans two days, so the
tables of many days put together are what the SELECT makes of the rows of all these days.
"""

import re
from collections.abc import Mapping

_EXTENT = "COUNT(*) AS events, MIN(e.log_index) AS first_index, MAX(e.log_index) AS last_index"
_SUM = (  # as whole numbers of 64 bits: a wider sum would be kept as a fraction
    "CAST(SUM(v.events) AS BIGINT) AS events, MIN(v.first_index) AS first_index, MAX(v.last_index) AS last_index"
)
_BY_PEOPLE = "e.kind <> 'platform'"
_OF_PATIENTS = f"e.patient <> '' AND e.outcome = 'success' AND {_BY_PEOPLE}"
# The constants above are all that is put into these texts.
SUMMARIES: Mapping[str, str] = {
    # Who did something on a day.
    "actor_days": f"SELECT e.day AS day, e.actor AS actor, {_EXTENT} FROM events e "  # noqa: S608
    f"WHERE e.actor <> '' AND {_BY_PEOPLE} GROUP BY e.day, e.actor",
    # How many patients somebody opened within an hour.
    "actor_hours": f"SELECT v.day AS day, v.hour AS hour, v.actor AS actor, COUNT(*) AS patients, {_SUM} FROM ("  # noqa: S608
    f"SELECT e.day AS day, e.hour AS hour, e.actor AS actor, e.patient AS patient, {_EXTENT} FROM events e "
    f"WHERE {_OF_PATIENTS} GROUP BY e.day, e.hour, e.actor, e.patient) v GROUP BY v.day, v.hour, v.actor",
    # At which devices somebody worked within an hour, from when until when.
    "device_hours": "SELECT e.day AS day, e.hour AS hour, e.actor AS actor, e.device AS device, "  # noqa: S608
    f"MIN(e.ts_us) AS since_us, MAX(e.ts_us) AS until_us, {_EXTENT} FROM events e "
    f"WHERE e.actor <> '' AND e.device <> '' AND {_BY_PEOPLE} GROUP BY e.day, e.hour, e.actor, e.device",
    # How many people opened a patient's record on a day.
    "patient_days": f"SELECT v.day AS day, v.patient AS patient, COUNT(*) AS users, {_SUM} FROM ("  # noqa: S608
    f"SELECT e.day AS day, e.actor AS actor, e.patient AS patient, {_EXTENT} FROM events e "
    f"WHERE {_OF_PATIENTS} GROUP BY e.day, e.actor, e.patient) v GROUP BY v.day, v.patient",
    # Which sources of which systems told something on a day.
    "source_days": f"SELECT e.day AS day, e.system AS system, e.source AS source, {_EXTENT} FROM events e "  # noqa: S608
    "GROUP BY e.day, e.system, e.source",
}


def tables_read(sql: str) -> frozenset[str]:
    """Return which of ``events`` and the summaries a rule's SQL reads."""
    return frozenset(name for name in ("events", *SUMMARIES) if re.search(rf"(?i)\b(from|join)\s+{name}\b", sql))
