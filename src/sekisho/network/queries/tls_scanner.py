"""The program that examines one endpoint: a request as JSON in, an Observation as JSON out. See ``queries.tls_scan``.

What answers is hostile: here it meets one thread, a bound on memory, no environment and nothing to lose.
"""

from typing import Any

from sekisho.network.queries.child import answer_request
from sekisho.network.queries.handshake.survey import survey
from sekisho.network.rules.observation import Observation, StartTls


def examine(request: dict[str, Any]) -> Observation:
    """Examine the endpoint that the request names."""
    starttls = StartTls(request.pop("starttls")) if request["starttls"] else request.pop("starttls")
    return survey(starttls=starttls, **request)


if __name__ == "__main__":
    answer_request(examine)
