"""Run with SEKISHO_HOME: brings that installation up to this version and says what works in it, as JSON."""

import json
import os
import sys
from pathlib import Path
from typing import Any


def main(facts: dict[str, Any], head: Path) -> dict[str, Any]:
    """Start as the supervisor does, then sign in, judge, and hold the kept head against the log."""
    from sekisho.config.cli import main as command

    said = {"prepare": command(["process", "prepare", "--parent", str(os.getppid())])}

    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from sekisho.kernel import clock
    from sekisho.register.services import integrate
    from sekisho.trust.totp import STEP_SECONDS, code_at

    settings.ALLOWED_HOSTS = ["localhost"]
    client = Client(headers={"host": "localhost", "x-forwarded-proto": "https"})
    client.post(reverse("people:sign-in"), {"login": facts["login"], "password": facts["password"]})
    # The next one: a fixture made this very moment has used up the code of now.
    code = code_at(bytes.fromhex(facts["seed"]), int(clock.now().timestamp()) // STEP_SECONDS + 1)
    client.post(reverse("people:sign-in-code"), {"code": code})
    said["signed_in"] = facts["name"] in client.get("/").content.decode()
    said["judged"] = command(["conformance", "judge"])
    said["head"] = command(["register", "compare-head", str(head)])
    while integrate():
        continue
    return said


if __name__ == "__main__":
    found = main(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
    sys.stderr.write(f"\n{json.dumps(found)}")
