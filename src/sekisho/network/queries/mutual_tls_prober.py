"""The program that tries client certificates at one endpoint: JSON in, a MutualObservation as JSON out.

See ``queries.mutual_tls``. OpenSSL speaks with a server that may be hostile: here it has no environment and nothing to
lose but the registered certificate's key, which came over standard input.
"""

from typing import Any

from sekisho.network.queries.child import answer_request
from sekisho.network.queries.handshake.attempts import Knock, foreign_pem
from sekisho.network.queries.handshake.certificates import pem_facts
from sekisho.network.queries.handshake.issuers import is_public
from sekisho.network.queries.handshake.line import Fruitless, Time
from sekisho.network.queries.handshake.look import reach
from sekisho.network.queries.handshake.present import glance
from sekisho.network.rules.observation import Attempt, MutualObservation, StartTls, Way, Why


def probe(request: dict[str, Any]) -> MutualObservation:
    """Try the endpoint that the request names."""
    host, port, name = request["host"], request["port"], request["server_name"]
    starttls = StartTls(request["starttls"]) if request["starttls"] else None
    time_ = Time(request["seconds"], request["patience"])
    begun = time_.clock()
    pem = request["certificate_pem"]
    certificate = pem_facts(pem) if pem else None
    public = is_public(pem) if pem else None
    try:
        target = reach(host, port, time_, starttls, name)
    except Fruitless as error:
        return MutualObservation(
            host, port, starttls, name, reachable=False, certificate=certificate, public=public,
            why={"reachable": error.why},
        )  # fmt: skip
    seen = glance(target, time_)
    knock = Knock(target, time_, http=request["http"])
    attempts = {Way.NONE: knock.attempt(None), Way.FOREIGN: knock.attempt(foreign_pem())}
    if pem:
        attempts[Way.REGISTERED] = knock.attempt(pem + request["key_pem"])
    return MutualObservation(
        host, port, starttls, name, reachable=True, version=seen.version, requested=seen.certificate_requested,
        attempts=attempts, certificate=certificate, public=public, why=_why(seen.why, attempts),
        seconds=round(time_.clock() - begun, 3),
    )  # fmt: skip


def _why(seen: Any, attempts: dict[Way, Attempt]) -> dict[str, Why]:
    why = {"requested": seen["certificate_requested"]} if "certificate_requested" in seen else {}
    return why | {f"attempts.{way}": attempt.why for way, attempt in attempts.items() if attempt.why}


if __name__ == "__main__":
    answer_request(probe)
