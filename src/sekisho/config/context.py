"""What every page shows of the facility."""

from django.http import HttpRequest

from sekisho.estate import queries


def facility(request: HttpRequest) -> dict[str, object]:
    """Give templates the facility's name, empty before it was entered."""
    row = queries.facility()
    return {"facility_name": row.name if row else ""}
