"""What the provider of OpenID Connect costs a web process: ``python -m benchmarks.openid_connect``.

Memory (resident) and processor time that the libraries Authlib and joserfc add to a fresh process that has Django and
``cryptography`` already, as every web process of ours has; the floor of the same run is that process.
"""

import statistics
import subprocess
import sys

ROUNDS = 7
_FLOOR = "import django.core.handlers.wsgi, django.db.models, cryptography.x509"
_OURS = (
    "import authlib.oauth2.rfc6749.grants, authlib.oauth2.rfc7636, authlib.oauth2.rfc9207, authlib.oidc.core.grants, "
    "authlib.oidc.rpinitiated, joserfc.jwk, joserfc.jwt"
)
_MEASURE = f"""
import time
def rss():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
{_FLOOR}
before, begun = rss(), time.process_time()
{_OURS}
print(before, rss() - before, (time.process_time() - begun) * 1000)
"""


def main() -> None:
    """Print the figures."""
    rows = [_once() for _round in range(ROUNDS)]
    floor, more, spent = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"a process with Django and cryptography: {floor / 1024:.1f} MB resident")
    print(f"more by Authlib and joserfc: {more / 1024:.1f} MB ({more / floor:.1%}), {spent:.0f} ms of processor time")


def _once() -> tuple[float, ...]:
    told = subprocess.run([sys.executable, "-c", _MEASURE], capture_output=True, text=True, check=True)
    return tuple(map(float, told.stdout.split()))


if __name__ == "__main__":
    main()
