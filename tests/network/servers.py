"""Real servers on loopback: nginx and Caddy with certificates made on the spot."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from sekisho.kernel import clock

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = "127.0.0.1"
NAME = "ehr.example.jp"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
DAY = timedelta(days=1)
NOW = clock.now().replace(microsecond=0)


def find_nginx() -> Path | None:
    """Return nginx where scripts/debian-tools puts it, or from the path, if it runs."""
    for found in (str(ROOT / ".venv/debian/usr/sbin/nginx"), shutil.which("nginx")):
        if found and Path(found).is_file():
            with suppress(OSError):
                if subprocess.run([found, "-v"], capture_output=True, check=False).returncode == 0:
                    return Path(found)
    return None


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, and the chain behind it."""

    certificate: x509.Certificate
    key: Key
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> str:
        certificates = (self.certificate, *self.chain)
        return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write certificate and key, and return their paths."""
        paths = folder / f"{name}.crt", folder / f"{name}.key"
        paths[0].write_text(self.pem)
        paths[1].write_text(self.key_pem)
        return paths


def ec_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits: int = 2048) -> Key:
    return rsa.generate_private_key(65537, bits)


def identity(
    name: str,
    *,
    key: Key | None = None,
    issuer: Identity | None = None,
    authority: bool = False,
    days: tuple[int, int] = (-1, 365),
    names: tuple[str, ...] = (NAME, "localhost"),
    purposes: tuple[ObjectIdentifier, ...] = (ExtendedKeyUsageOID.SERVER_AUTH,),
    digest: hashes.HashAlgorithm | None = None,
) -> Identity:
    """Return a certificate, self-signed without an ``issuer``; ``days`` from today on."""
    key = key or ec_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + days[0] * DAY)
        .not_valid_after(NOW + days[1] * DAY)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
    )
    if not authority:
        alternatives = [x509.DNSName(one) for one in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    signer = issuer.key if issuer else key
    chain = (issuer.certificate,) if issuer else ()
    return Identity(builder.sign(signer, digest or hashes.SHA256()), key, chain)


def old_identity() -> Identity:
    """Return a certificate with an RSA key of 1024 bits, signed with SHA-1: no library makes one any more."""
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-sha1", "-days", "3650", "-subj", f"/CN={NAME}",
        "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", "-", "-out", "-",
    ]  # fmt: skip
    made = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    start = made.index("-----BEGIN CERTIFICATE")
    key_start = made.index("-----BEGIN PRIVATE KEY")
    key_text = made[key_start : made.index("-----END PRIVATE KEY-----") + 26]
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    certificate = x509.load_pem_x509_certificate(made[start : made.index("-----END CERTIFICATE-----") + 26].encode())
    key = load_pem_private_key(key_text.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return Identity(certificate, key)


def free_ports(names: Iterable[str]) -> dict[str, int]:
    """Return a port for each name, all different."""
    with ExitStack() as held:
        probes = {name: held.enter_context(socket.socket()) for name in names}
        for probe in probes.values():
            probe.bind((LOOPBACK, 0))
        return {name: int(probe.getsockname()[1]) for name, probe in probes.items()}


def free_port() -> int:
    return free_ports(["one"])["one"]


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until something listens, or say what the server said."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(process.stderr.read().decode() if process.stderr else "the server has ended")
        with suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
            return
        time.sleep(0.02)
    raise AssertionError("the server does not listen")


# Debian's OpenSSL does not let a server be this weak unless it is told to.
WEAK_OPENSSL = """openssl_conf = start
[start]
ssl_conf = ssl
[ssl]
system_default = weak
[weak]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""


@dataclass(frozen=True)
class Site:
    """One nginx server: its certificate and its lines of configuration."""

    identity: Identity
    lines: str
    status: int = 200


@contextmanager
def nginx(folder: Path, sites: dict[str, Site]) -> Iterator[dict[str, int]]:
    """Run one nginx with a port for each site, and yield the ports by name."""
    program = find_nginx()
    assert program is not None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openssl.cnf").write_text(WEAK_OPENSSL)
    ports = free_ports(sites)
    servers = []
    for name, site in sites.items():
        certificate, key = site.identity.write(folder, name)
        servers.append(
            f"server {{ listen {LOOPBACK}:{ports[name]} ssl; server_name {NAME}; ssl_certificate {certificate};"
            f" ssl_certificate_key {key}; {site.lines} location / {{ return {site.status}; }} }}"
        )
    # One process: a worker of its own would outlive a killed master.
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr crit; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;"
        f" fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;\n"
        + "\n".join(servers)
        + "\n}\n"
    )
    command = [program, "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]
    environment = {"OPENSSL_CONF": str(folder / "openssl.cnf")}
    with running(command, environment, list(ports.values())):
        yield ports


@contextmanager
def running(command: list[Any], environment: dict[str, str], ports: list[int]) -> Iterator[None]:
    """Run a server until the block ends."""
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        for port in ports:
            wait_for(port, process)
        yield
    finally:
        process.kill()
        process.communicate()


@contextmanager
def caddy(folder: Path, sites: dict[str, dict[str, Any]], certificate: Identity) -> Iterator[dict[str, int]]:
    """Run Caddy with a port and a TLS connection policy for each site."""
    folder.mkdir(parents=True, exist_ok=True)
    files = certificate.write(folder, "caddy")
    ports = free_ports(sites)
    answer = [{"handle": [{"handler": "static_response", "status_code": 200, "body": "fine"}]}]
    configuration = {
        "admin": {"disabled": True},
        "logging": {"logs": {"default": {"level": "ERROR"}}},
        "storage": {"module": "file_system", "root": str(folder / "storage")},
        "apps": {
            "tls": {"certificates": {"load_files": [{"certificate": str(files[0]), "key": str(files[1])}]}},
            "http": {
                "servers": {
                    name: {
                        "listen": [f"{LOOPBACK}:{ports[name]}"],
                        "automatic_https": {"disable": True},
                        "tls_connection_policies": [policy],
                        "routes": answer,
                    }
                    for name, policy in sites.items()
                }
            },
        },
    }
    (folder / "caddy.json").write_text(json.dumps(configuration))
    command = [Path(sys.executable).with_name("caddy"), "run", "--config", folder / "caddy.json"]
    with running(command, {"HOME": str(folder), "XDG_DATA_HOME": str(folder)}, list(ports.values())):
        yield ports


@contextmanager
def swallowing() -> Iterator[int]:
    """A port whose queue of connections is full, so that nothing more is answered, not even by the kernel."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        waiting = []
        for _number in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
            waiting.append(one)
        time.sleep(0.1)
        try:
            yield int(listener.getsockname()[1])
        finally:
            for one in waiting:
                one.close()
