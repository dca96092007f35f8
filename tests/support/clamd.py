"""
A small server that speaks the protocol of ClamAV's daemon, as its manual (clamd(8)) says it.

It knows one virus: the EICAR test file. It can also be told to misbehave.
"""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file that every scanner takes for a virus; harmless text (eicar.org)."""

MOST_BYTES = 26_214_400
"""``StreamMaxLength`` as older versions have it: 25 MiB."""

Mood = Literal["well", "silent", "hangs-up", "babbles"]


class _Session(socketserver.BaseRequestHandler):
    """One command of one client."""

    server: "_Server | _LocalServer"
    request: socket.socket

    def handle(self) -> None:
        command = self._until_null()
        if self.server.mood == "hangs-up":
            return
        if command == b"zPING":
            self.request.sendall(b"PONG\0")
        elif command == b"zINSTREAM":
            self._scan()
        else:
            self.request.sendall(b"UNKNOWN COMMAND\0")

    def _scan(self) -> None:
        content = bytearray()
        while size := struct.unpack("!L", self._exactly(4))[0]:
            if len(content) + size > self.server.most_bytes:
                self.request.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
            content += self._exactly(size)
        self.server.scanned.append(len(content))
        if self.server.mood == "silent":
            self.server.stopped.wait(10)
        elif self.server.mood == "babbles":
            self.request.sendall(b"?" * 100_000)
        elif EICAR in content:
            self.request.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")
        else:
            self.request.sendall(b"stream: OK\0")

    def _until_null(self) -> bytes:
        read = bytearray()
        while not read.endswith(b"\0"):
            read += self._exactly(1)
        return bytes(read[:-1])

    def _exactly(self, count: int) -> bytes:
        read = bytearray()
        while len(read) < count:
            more = self.request.recv(count - len(read))
            if not more:
                raise ConnectionError
            read += more
        return bytes(read)


class _Mood:
    def __init__(self) -> None:
        self.mood: Mood = "well"
        self.most_bytes = MOST_BYTES
        self.scanned: list[int] = []
        """The size of every content that was scanned."""
        self.stopped = threading.Event()


class _Server(_Mood, socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        _Mood.__init__(self)
        socketserver.ThreadingTCPServer.__init__(self, ("127.0.0.1", port), _Session)

    @property
    def address(self) -> str:
        """As ``JALON_CLAMD`` takes it."""
        return f"127.0.0.1:{self.server_address[1]}"


class _LocalServer(_Mood, socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path) -> None:
        _Mood.__init__(self)
        socketserver.ThreadingUnixStreamServer.__init__(self, str(path), _Session)

    @property
    def address(self) -> str:
        """As ``JALON_CLAMD`` takes it."""
        return f"unix:{self.server_address!s}"


@contextmanager
def clamd(at: Path | None = None) -> Iterator[_Server | _LocalServer]:
    """A daemon on a port of its own, or on a local socket, until the end of the block."""
    server = _Server() if at is None else _LocalServer(at)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()
