"""A mail server that keeps what it is given, and refuses what it is told to refuse."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any, cast

from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """What the server was given, oldest first."""

    received: list[EmailMessage] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    """Addresses at which nobody is."""
    is_busy: bool = False
    """Answer everything with: try again later."""
    host: str = ""
    port: int = 0

    def to(self, address: str) -> list[EmailMessage]:
        """What was sent to an address."""
        return [each for each in self.received if address in each["To"]]

    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take a recipient, or not."""
        if self.is_busy:
            return "451 4.3.2 try again later"
        if address in self.unknown:
            return "550 5.1.1 nobody here by that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a message."""
        message = message_from_bytes(envelope.content, policy=POLICY)
        self.received.append(cast(EmailMessage, message))
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server on a free port of this machine."""
    mailbox = Mailbox()
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        mailbox.host, mailbox.port = candidate.getsockname()
    controller = Controller(mailbox, hostname=mailbox.host, port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
