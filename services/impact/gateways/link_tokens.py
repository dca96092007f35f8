"""
Tokens of personal links: signed with the deployment's key, for one survey, until a day.

Nobody but this service reads them, so that one secret signs and verifies (HMAC, RFC 7518, 3.2).
The same link gives the same token whenever it is sent, and no token is ever stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import jwt

from services.impact.domain.links import Link
from shared.kernel.periods import TORONTO
from shared.web.auth import UUID_PATTERN

ALGORITHM = "HS256"
AUDIENCE = "survey"
ISSUER = "jalon-impact"
LONGEST_TOKEN = 2_048


class LinkNotTrusted(Exception):
    """The token was not made here, or was changed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a token that was made here says; whether the link still opens anything is not in it."""

    link_id: UUID
    survey_id: UUID
    expires_at: datetime


class LinkTokens:
    """Signs and reads the tokens of links; ``page_url`` is where the survey is answered."""

    def __init__(self, key: str, *, page_url: str | None = None) -> None:
        self._key = key
        self._page_url = page_url

    def token(self, link: Link) -> str:
        """The token of a link."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(link.link_id),
            "survey": str(link.survey_id),
            "exp": int(_end_of(link.expires_on).timestamp()),
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def url(self, link: Link) -> str:
        """
        The address to send: the token is its fragment, which browsers keep to themselves.

        Raises ``ValueError`` where it is not known where surveys are answered.
        """
        if self._page_url is None:
            raise ValueError("no page for surveys is set")
        return f"{self._page_url}#{self.token(link)}"

    def read(self, token: str) -> Claim:
        """
        What a token says. Raises ``LinkNotTrusted``.

        Its expiry is given, and not checked: days pass by the service's clock.
        """
        if len(token) > LONGEST_TOKEN:
            raise LinkNotTrusted
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],  # what the token says of itself is not asked
                audience=AUDIENCE,
                issuer=ISSUER,
                options={
                    "require": ["exp", "iss", "aud", "sub", "survey"],
                    "verify_exp": False,
                    "strict_aud": True,
                },
            )
            return Claim(
                link_id=_uuid(claims["sub"]),
                survey_id=_uuid(claims["survey"]),
                expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
            )
        # What PyJWT, Python's base64 and JSON raise on a token made to break them.
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError, RecursionError):
            raise LinkNotTrusted from None


def _end_of(day: date) -> datetime:
    """The instant at which a civil day is over."""
    return datetime.combine(day + timedelta(days=1), time(), TORONTO).astimezone(UTC)


def _uuid(value: object) -> UUID:
    if not isinstance(value, str) or not UUID_PATTERN.fullmatch(value):
        raise ValueError("not a UUID")
    return UUID(value)
