"""Certificates for the tests of syslog: authorities, and who they vouch for."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sekisho.kernel import clock

Certificate = tuple[Path, Path]
Make = Callable[[str, str], Certificate]


def maker(folder: Path) -> Make:
    """Return a function that gives a certificate and its key: by whom, for whom."""
    made: dict[tuple[str, str], Certificate] = {}
    authorities: dict[str, tuple[x509.Certificate, ec.EllipticCurvePrivateKey]] = {}

    def build(name: str, issuer: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        key = ec.generate_private_key(ec.SECP256R1())
        own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        by, signing = authorities.get(issuer, (None, key))
        now = clock.now()
        builder = x509.CertificateBuilder().subject_name(own).issuer_name(by.subject if by else own)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        builder = builder.add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return builder.sign(signing, hashes.SHA256()), key

    def make(issuer: str, name: str) -> Certificate:
        if issuer not in authorities:
            authorities[issuer] = build(issuer, issuer)
        if (issuer, name) not in made:
            certificate, key = authorities[issuer] if name == issuer else build(name, issuer)
            place = folder / f"{issuer}-{name}.pem", folder / f"{issuer}-{name}.key"
            place[0].write_bytes(certificate.public_bytes(Encoding.PEM))
            place[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            made[issuer, name] = place
        return made[issuer, name]

    return make
