"""The program that examines endpoints: a list of requests as JSON in, a list of Observations out. See ``tls_scan``.

What answers is hostile: each endpoint meets a process of its own with one thread, a bound on memory, no environment and
nothing to lose.
"""

from typing import Any

from sekisho.network.queries.child import answer_requests
from sekisho.network.queries.handshake.survey import survey
from sekisho.network.rules.observation import Observation, StartTls

AT_ONCE = 4


def examine(request: dict[str, Any]) -> Observation:
    """Examine the endpoint that the request names."""
    starttls = StartTls(request["starttls"]) if request["starttls"] else None
    return survey(**{**request, "starttls": starttls})


if __name__ == "__main__":
    answer_requests(examine, AT_ONCE)
