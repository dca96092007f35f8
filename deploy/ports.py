"""Ports of this machine that nobody listens on."""

import socket


def free_port(preferred: int = 0) -> int:
    """``preferred`` where it is free, else any that is; another process may take it meanwhile."""
    for port in (preferred, 0):
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            number: int = candidate.getsockname()[1]
            return number
    raise RuntimeError("no free port")
