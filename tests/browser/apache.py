"""Apache with mod_auth_openidc, another maker's relying party, in front of a page that it protects."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.network.servers import ROOT, Identity, wait_for

DEBIAN = ROOT / ".venv/debian"
LIBRARIES = DEBIAN / "usr/lib/x86_64-linux-gnu"
MODULES = DEBIAN / "usr/lib/apache2/modules"
PAGE = '<p id="who"><!--#echo var="REMOTE_USER" --></p><p id="acr"><!--#echo var="OIDC_CLAIM_acr" --></p>'
_WANTED = [
    *("mpm_event", "authn_core", "authz_core", "authz_user"),
    *("mime", "dir", "include", "socache_shmcb", "ssl", "auth_openidc"),
]


def find_apache() -> Path | None:
    """Return Apache where scripts/debian-tools puts it, or from the path, if mod_auth_openidc lies beside it."""
    for program in (DEBIAN / "usr/sbin/apache2", Path(shutil.which("apache2") or "/nowhere")):
        with suppress(OSError):
            if (MODULES / "mod_auth_openidc.so").is_file() and _answers(program):
                return program
    return None


def _answers(program: Path) -> bool:
    return subprocess.run([program, "-v"], env=_environment(), capture_output=True, check=False).returncode == 0


def _environment() -> dict[str, str]:
    return {"LD_LIBRARY_PATH": str(LIBRARIES), "PATH": os.environ["PATH"]}


def configuration(folder: Path, port: int, certificate: tuple[Path, Path], settings: dict[str, str]) -> str:
    """Return Apache's configuration: a page for anybody, and one for whoever signed in with two factors."""
    modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _WANTED)
    lines = "\n".join(f'{name} "{value}"' for name, value in settings.items())
    return f"""
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/errors
DefaultRuntimeDir {folder}
Mutex posixsem
ServerName localhost
{modules}
User nobody
Group nogroup
TypesConfig /dev/null
AddType text/html .html
AddOutputFilter INCLUDES .html
DocumentRoot {folder}/pages
Listen 127.0.0.1:{port}
SSLEngine on
SSLCertificateFile {certificate[0]}
SSLCertificateKeyFile {certificate[1]}
{lines}
<Directory {folder}/pages>
  Options +Includes
  Require all granted
</Directory>
<Location /ward>
  AuthType openid-connect
  Require claim acr:http://idmanagement.gov/ns/assurance/aal/2
</Location>
"""


@contextmanager
def apache(program: Path, port: int, certificate: Identity, provider: Path, settings: dict[str, str]) -> Iterator[Path]:
    """Serve until the end of the block; yield the file that Apache writes its errors into.

    ``provider`` is the certificate that the provider's own is held against.
    """
    folder = Path(tempfile.mkdtemp(prefix="ska"))
    folder.chmod(0o755)
    (folder / "pages/ward").mkdir(parents=True)
    (folder / "pages/ward/index.html").write_text(PAGE)
    (folder / "pages/bye.html").write_text("<p>bye</p>")
    (folder / "provider.crt").write_bytes(provider.read_bytes())  # where a process without rights can read it
    files = certificate.write(folder, "apache")
    settings = {**settings, "OIDCCABundlePath": str(folder / "provider.crt")}
    (folder / "apache.conf").write_text(configuration(folder, port, files, settings))
    command = [program, "-DFOREGROUND", "-f", folder / "apache.conf"]
    try:
        with subprocess.Popen(command, env=_environment(), stderr=subprocess.PIPE) as process:
            try:
                wait_for(port, process)
                yield folder / "errors"
            finally:
                process.terminate()
    finally:
        shutil.rmtree(folder)
