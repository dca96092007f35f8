"""
The mail server: SMTP (RFC 5321), over TLS where it is not told otherwise.

No address and nothing of a message is ever logged: a message is known by its id.
"""

import logging
import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal
from uuid import UUID

from services.impact.gateways.contacts import Person
from services.impact.gateways.letters import Letter
from shared.settings import ServiceSettings

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20.0
PERMANENT_CODES = frozenset({550, 551, 553})
"""
Of what a server may say of a recipient, that nobody is there.

Other codes from 500 are about the server or the message: an address is not given up for them.
"""


class NotSent(Exception):
    """No server took the message; ``permanent`` where it says that nobody is at that address."""

    def __init__(self, *, permanent: bool, code: int | None) -> None:
        super().__init__(f"permanent={permanent} code={code}")
        self.permanent = permanent
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A server that takes our mail."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str | None
    password: str | None
    sender: str
    """The address that messages come from."""

    @classmethod
    def of(cls, settings: ServiceSettings) -> "MailServer | None":
        """The one that the settings name; None where they name none."""
        if settings.smtp_host is None or settings.smtp_sender is None:
            return None
        password = settings.smtp_password
        return cls(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=None if password is None else password.get_secret_value(),
            sender=settings.smtp_sender,
        )

    def send(self, message_id: UUID, to: Person, letter: Letter) -> None:
        """Hand a letter over to the server. Raises ``NotSent``."""
        message = written(message_id, sender=self.sender, to=to, letter=letter)
        try:
            with self._connected() as server:
                server.send_message(message, from_addr=self.sender, to_addrs=[to.email])
        except smtplib.SMTPRecipientsRefused as refused:
            code = next((int(code) for code, _ in refused.recipients.values()), None)
            raise NotSent(permanent=code in PERMANENT_CODES, code=code) from None
        except smtplib.SMTPResponseException as answer:
            raise NotSent(permanent=False, code=answer.smtp_code) from None
        except (smtplib.SMTPException, OSError) as trouble:
            # The trouble's text may hold the address; its kind is enough to look for the cause.
            log.warning(
                "mail server not reached",
                extra={"message_id": str(message_id), "because": type(trouble).__name__},
            )
            raise NotSent(permanent=False, code=None) from None

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            if self.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user is not None and self.password is not None:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def written(message_id: UUID, *, sender: str, to: Person, letter: Letter) -> EmailMessage:
    """
    The letter as a message of text and HTML (RFC 5322).

    Its ``Message-ID`` is that of the person's day: sent again, it is recognised as the same.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(display_name=to.name, addr_spec=to.email)
    message["Subject"] = letter.subject
    message["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    message["Content-Language"] = f"{to.language}-CA"
    return message
