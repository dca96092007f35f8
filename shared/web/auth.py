"""
Who asks: bearer tokens of a trusted issuer, and the roles they carry.

Tokens are checked against the machine's clock, never the simulated one.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

import jwt
from anyio import to_thread

from shared.eventstore.store import Actor
from shared.kernel.refusals import NotFound
from shared.web.refusals import (
    DependencyDown,
    OrganisationMissing,
    RoleMissing,
    SecondFactorNeeded,
    TokenExpired,
    TokenMissing,
    TokenNotTrusted,
)

log = logging.getLogger(__name__)

ALGORITHMS = ("EdDSA", "RS256")

ROLES = frozenset(
    {
        "applicant",
        "recipient",
        "intake-officer",
        "programme-manager",
        "committee-secretary",
        "committee-member",
        "agreement-officer",
        "claims-analyst",
        "claims-approver",
        "payer",
        "finance-officer",
        "auditor",
        "operator",
    }
)
OUTSIDE = frozenset({"applicant", "recipient"})
"""Roles of people outside the funder: each acts for one organisation and sees only its own."""
NEED_SECOND_FACTOR = frozenset(
    {"claims-approver", "payer", "finance-officer", "committee-secretary", "agreement-officer"}
)
"""Roles that move money or decide."""
SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "sc"})
"""Authentication methods (RFC 8176) that count as a second factor."""

UUID_PATTERN = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

KEYS_FRESH_SECONDS = 300.0
KEYS_GOOD_SECONDS = 3600.0
"""For how long the keys we have are used while the issuer cannot be reached."""
KEYS_PAUSE_SECONDS = 10.0
"""An unknown key makes us look again, but not more often than this."""
CLOCK_SKEW_SECONDS = 5
LONGEST_TOKEN = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks."""

    id: str
    """A person's opaque id."""
    roles: tuple[str, ...]
    organisation_id: UUID | None = None
    """The organisation they act for, when they come from outside."""
    amr: tuple[str, ...] = ()
    """How they signed in (RFC 8176)."""
    acting_as: tuple[str, ...] = ()
    """Those of their roles that this endpoint is for."""

    @property
    def only_organisation(self) -> UUID | None:
        """The one organisation whose things they may see here; None when they may see all."""
        return self.organisation_id if OUTSIDE.issuperset(self.acting_as) else None

    def must_belong_to(self, organisation_id: UUID) -> None:
        """
        Refuse someone from outside who acts for another organisation.

        As ``NotFound``, so as not to say that the thing exists. Staff may pass, where the
        endpoint is for their role.
        """
        if self.only_organisation not in {None, organisation_id}:
            raise NotFound(kind="organisation")

    def as_actor(self) -> Actor:
        """As the events will remember them."""
        return Actor(
            id=self.id, roles=self.roles, organisation_id=self.organisation_id, amr=self.amr
        )

    def allowed(self, roles: Iterable[str]) -> "Caller":
        """
        The caller, acting in those of their roles that ``roles`` names.

        Raises ``RoleMissing``; ``SecondFactorNeeded`` when each such role needs one and they
        signed in without; ``OrganisationMissing`` when they act from outside for nobody.
        """
        held = [role for role in self.roles if role in roles]
        if not held:
            raise RoleMissing(roles=sorted(roles))
        if not SECOND_FACTORS.intersection(self.amr):
            needing = [role for role in held if role in NEED_SECOND_FACTOR]
            held = [role for role in held if role not in NEED_SECOND_FACTOR]
            if not held:
                raise SecondFactorNeeded(roles=needing)
        if self.organisation_id is None and OUTSIDE.issuperset(held):
            raise OrganisationMissing
        return Caller(
            id=self.id,
            roles=self.roles,
            organisation_id=self.organisation_id,
            amr=self.amr,
            acting_as=tuple(held),
        )


class KeySet:
    """The issuer's public keys by their id, fetched again when they are old or one is unknown."""

    def __init__(self, fetch: Callable[[], Any]) -> None:
        self._fetch = fetch
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._lock = Lock()

    @classmethod
    def of_file(cls, path: Path) -> "KeySet":
        """Keys in a file: the embedded mode."""
        return cls(lambda: json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def of_url(cls, url: str) -> "KeySet":
        """Keys that the issuer publishes."""
        return cls(jwt.PyJWKClient(url, cache_jwk_set=False, timeout=5).fetch_data)

    async def key(self, key_id: str) -> jwt.PyJWK:
        """The key with this id. Raises ``TokenNotTrusted``, and ``DependencyDown``."""
        if (key_id not in self._keys or self._age() > KEYS_FRESH_SECONDS) and self._may_try():
            await to_thread.run_sync(self._refresh)
        if self._age() > KEYS_GOOD_SECONDS:
            raise DependencyDown
        try:
            return self._keys[key_id]
        except KeyError:
            raise TokenNotTrusted from None

    def _age(self) -> float:
        return time.monotonic() - self._fetched_at

    def _may_try(self) -> bool:
        return time.monotonic() - self._tried_at > KEYS_PAUSE_SECONDS

    def _refresh(self) -> None:
        with self._lock:
            if not self._may_try():
                return  # another request did, while this one waited for the lock
            try:
                keys = _keys_in(self._fetch())
            except (OSError, ValueError, LookupError, TypeError, jwt.PyJWTError):
                # The keys we have stay good for a while: we need not go down with the issuer.
                log.exception("keys of the issuer not readable")
            else:
                self._keys, self._fetched_at = keys, time.monotonic()
            self._tried_at = time.monotonic()


def _keys_in(published: Any) -> dict[str, jwt.PyJWK]:
    """The keys of a JWKS document (RFC 7517) that sign as we accept."""
    keys = {}
    for each in published["keys"]:
        try:
            key = jwt.PyJWK.from_dict(dict(each))
        except jwt.PyJWTError:
            continue  # of a kind that we do not know, and would not accept
        if key.algorithm_name in ALGORITHMS and key.key_id:
            keys[str(key.key_id)] = key
    return keys


class Tokens:
    """Reads bearer tokens of one issuer, meant for one audience."""

    def __init__(self, *, issuer: str, audience: str, keys: KeySet) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys

    async def caller(self, authorization: str | None) -> Caller:
        """Who the ``Authorization`` header speaks for. Raises kinds of ``Unauthenticated``."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise TokenMissing
        token = token.strip()
        if len(token) > LONGEST_TOKEN:
            raise TokenNotTrusted
        key = await self._keys.key(_key_id_in(token))
        try:
            claims = jwt.decode(
                token,
                key,
                # The key says how it signs; what the token says is not asked.
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self._issuer,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise TokenExpired from None
        except (jwt.PyJWTError, *_UNREADABLE):
            raise TokenNotTrusted from None
        return _caller_of(claims)


def _key_id_in(token: str) -> str:
    try:
        return str(jwt.get_unverified_header(token).get("kid"))
    except (jwt.PyJWTError, *_UNREADABLE):
        raise TokenNotTrusted from None


_UNREADABLE = (ValueError, TypeError, RecursionError)
"""What Python's base64 and JSON may raise on a token made to break them."""


def _caller_of(claims: Mapping[str, Any]) -> Caller:
    subject, organisation = claims["sub"], claims.get("organisation")
    # The system's own actors are called policy:… and timer:…; nobody signs in as one. An address
    # is no opaque id: it would be in every event of that person, for good.
    if not subject or ":" in subject or "@" in subject or len(subject) > 200:
        raise TokenNotTrusted
    if organisation is not None and not (
        isinstance(organisation, str) and UUID_PATTERN.fullmatch(organisation)
    ):
        raise TokenNotTrusted
    return Caller(
        id=subject,
        roles=tuple(role for role in _texts(claims, "roles") if role in ROLES),
        organisation_id=None if organisation is None else UUID(organisation),
        amr=_texts(claims, "amr"),
    )


def _texts(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = claims.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TokenNotTrusted
    return tuple(value)
