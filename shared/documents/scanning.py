"""
Whether a document carries a virus, as ClamAV's daemon sees it.

Switched on by ``JALON_CLAMD``; where it is off, every document is ``not-scanned`` and says so.
"""

import logging
import socket
import struct
import time
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.kernel.refusals import Invalid, Refusal

log = logging.getLogger(__name__)

Scan = Literal["clean", "not-scanned"]
"""What is known of a document that is kept; one that is infected is not kept."""

SCAN_SECONDS = 60.0
"""In how much time a document of 25 MB must be sent, scanned and answered."""
_CHUNK_BYTES = 262_144
_LONGEST_ANSWER = 4_096
_LONGEST_NAME = 100


class DocumentInfected(Invalid):
    """A document that carries a virus is refused, and nothing of it is kept."""

    en = "The document is infected ({virus}); it was not kept."
    fr = "Le document est infecté ({virus}); il n’a pas été conservé."


class ScannerDown(Refusal):
    """Documents are scanned for viruses before they are kept, and the scanner does not answer."""

    en = "The document cannot be scanned for viruses at the moment. Nothing was kept; try again."
    fr = "La recherche de virus est impossible pour le moment. Rien n’a été conservé; réessayez."
    retry_after_seconds = 30


class Scanner(Protocol):
    """Looks for viruses."""

    def scan(self, content: bytes) -> Scan:
        """What is known of a content now. Raises ``DocumentInfected``, ``ScannerDown``."""
        ...


class NoScanner:
    """Nobody looks."""

    def scan(self, content: bytes) -> Scan:  # noqa: ARG002  # as every scanner
        """Not scanned, and it is said."""
        return "not-scanned"


@dataclass(frozen=True, slots=True)
class Clamd:
    r"""
    ClamAV's daemon, by its INSTREAM command (``man 8 clamd``).

    ``zINSTREAM\0`` is followed by chunks, each after its length in four bytes, and by a chunk of
    length zero. The answer is ``stream: OK``, ``stream: <virus> FOUND`` or ``… ERROR``, ended by a
    null character. Its ``StreamMaxLength`` must allow 25 MB: it does unless it was lowered.
    """

    address: str
    """``host:port`` or ``unix:/path``."""
    seconds: float = SCAN_SECONDS

    def scan(self, content: bytes) -> Scan:
        """Clean, or a refusal. Raises ``DocumentInfected``, ``ScannerDown``."""
        try:
            answer = self._answer_to(content)
        except OSError as error:
            log.warning("clamd does not answer", extra={"error": type(error).__name__})
            raise ScannerDown from error
        if answer == "stream: OK":
            return "clean"
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            virus = answer.removeprefix("stream: ").removesuffix(" FOUND")[:_LONGEST_NAME]
            log.warning("an infected document was refused", extra={"virus": virus})
            raise DocumentInfected(virus=virus)
        log.error("clamd cannot scan", extra={"answer": answer[:_LONGEST_NAME]})
        raise ScannerDown

    def _answer_to(self, content: bytes) -> str:
        deadline = time.monotonic() + self.seconds
        with self._connected() as connection:
            try:
                _send(connection, b"zINSTREAM\0", deadline)
                for start in range(0, len(content), _CHUNK_BYTES):
                    chunk = content[start : start + _CHUNK_BYTES]
                    _send(connection, struct.pack("!L", len(chunk)) + chunk, deadline)
                _send(connection, struct.pack("!L", 0), deadline)
            except (BrokenPipeError, ConnectionResetError):
                # It hangs up once it has read too much, and may have said so before.
                log.warning("clamd hung up before the end")
            return _receive(connection, deadline)

    def _connected(self) -> socket.socket:
        kind, _, path = self.address.partition(":")
        if kind == "unix":
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(self.seconds)
                connection.connect(path)
            except OSError:
                connection.close()
                raise
            return connection
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=self.seconds)


def scanner_at(address: str | None) -> Scanner:
    """The scanner that the settings name; None: nobody looks."""
    return NoScanner() if address is None else Clamd(address)


def _send(connection: socket.socket, data: bytes, deadline: float) -> None:
    connection.settimeout(_left(deadline))
    connection.sendall(data)


def _receive(connection: socket.socket, deadline: float) -> str:
    """All that is said before the null character or the end."""
    answer = bytearray()
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        connection.settimeout(_left(deadline))
        more = connection.recv(_LONGEST_ANSWER)
        if not more:
            break
        answer += more
    text, _, _ = bytes(answer).partition(b"\0")
    return text.decode("ascii", "replace").strip()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
