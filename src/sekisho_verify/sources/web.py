"""A log at an HTTPS address: one connection, no redirects, every answer bounded in bytes and in time."""

import http.client
import ssl
import time
import urllib.parse
import zlib
from dataclasses import dataclass
from pathlib import Path

from sekisho_verify.errors import CannotCheck, Refused

SECONDS_SILENT = 20.0
SECONDS_WHOLE = 120.0
PIECE = 64 * 1024
CLOSED = (301, 302, 303, 307, 308, 401, 403)  # a redirect leads to a page for signing in, or away: neither is the log
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_GZIP = 31  # zlib's word for a gzip header


@dataclass(frozen=True, slots=True)
class Access:
    """What a server may ask for: a CA of its own, and the value of the Authorization header."""

    authority: Path | None = None
    authorization: str | None = None


class Web:
    """Reads below one address. Plain HTTP is for this machine only."""

    def __init__(self, address: str, access: Access) -> None:
        parts = urllib.parse.urlsplit(address)
        self._host, self._base = parts.hostname or "", parts.path.rstrip("/")
        plain = parts.scheme == "http" and self._host in _LOOPBACK
        if not self._host or (parts.scheme != "https" and not plain) or parts.username or parts.query or parts.fragment:
            raise CannotCheck("url.form", path=address)
        self._headers = {"Accept-Encoding": "gzip, identity", "User-Agent": "sekisho-verify"}
        if access.authorization:
            self._headers["Authorization"] = access.authorization
        try:
            self._connection = self._connect(parts, plain, access.authority)
        except (OSError, ValueError) as error:
            raise CannotCheck("source.unreadable", path=address, reason=str(error)) from error

    def _connect(
        self, parts: urllib.parse.SplitResult, plain: bool, authority: Path | None
    ) -> http.client.HTTPConnection:
        if plain:
            return http.client.HTTPConnection(self._host, parts.port, timeout=SECONDS_SILENT)
        context = ssl.create_default_context(cafile=str(authority) if authority else None)
        return http.client.HTTPSConnection(self._host, parts.port, timeout=SECONDS_SILENT, context=context)

    def read(self, path: str, most: int) -> bytes | None:
        """Return a resource's bytes; see Source."""
        try:
            return self._get(path, most)
        except (OSError, http.client.HTTPException, zlib.error) as error:
            self._connection.close()
            raise CannotCheck("source.unreadable", path=path, reason=str(error) or type(error).__name__) from error

    def _get(self, path: str, most: int) -> bytes | None:
        try:
            answer = self._ask(path)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._connection.close()  # a server may end a connection between two requests
            answer = self._ask(path)
        body = self._body(answer, path, most)
        if answer.status in (404, 410):
            return None
        if answer.status in CLOSED:
            raise CannotCheck("url.closed", path=path, status=answer.status)
        if answer.status != 200:
            raise CannotCheck("url.status", path=path, status=answer.status)
        return body

    def _ask(self, path: str) -> http.client.HTTPResponse:
        self._connection.request("GET", f"{self._base}/{path}", headers=self._headers)
        return self._connection.getresponse()

    def _body(self, answer: http.client.HTTPResponse, path: str, most: int) -> bytes:
        ends = time.monotonic() + SECONDS_WHOLE
        unpack = zlib.decompressobj(_GZIP) if answer.headers.get("Content-Encoding") == "gzip" else None
        body = bytearray()
        while piece := answer.read1(PIECE):
            body += unpack.decompress(piece, most + 1 - len(body)) if unpack else piece
            if len(body) > most:
                self._connection.close()
                raise Refused("file.long", path)
            if time.monotonic() > ends:
                raise TimeoutError("the answer takes too long")
        if answer.length:
            raise http.client.IncompleteRead(bytes(body))
        answer.close()
        return bytes(body)

    def listing(self) -> None:
        """Nobody can list what a server holds."""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
