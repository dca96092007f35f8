"""
A token issuer for the embedded mode, so that a laptop needs no identity provider.

It signs anything it is asked to sign. It refuses to exist in production.
"""

import json
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.settings import ServiceSettings

TIME_TO_LIVE = timedelta(hours=12)
KEY_ID = "development"


class NotInProduction(RuntimeError):
    """The development issuer was asked for outside the embedded mode."""


class DevelopmentIssuer:
    """
    Signs tokens with a key that it keeps in ``folder``; services read the folder's JWKS file.

    Raises ``NotInProduction`` unless ``mode`` is ``embedded``.
    """

    def __init__(
        self,
        folder: Path,
        *,
        mode: str,
        issuer: str = "https://jalon.localhost/development",
        audience: str = "jalon",
    ) -> None:
        if mode != "embedded":
            raise NotInProduction(f"the development issuer refuses to start in mode {mode}")
        self.issuer = issuer
        self.audience = audience
        self._key = _key_in(folder)
        self.jwks_file = folder / "jwks.json"
        """The public keys, for ``JALON_JWKS_FILE``."""
        _replace(self.jwks_file, _jwks(self._key))

    @classmethod
    def for_settings(cls, folder: Path, settings: ServiceSettings) -> "DevelopmentIssuer":
        """The issuer whose tokens a service with these settings trusts."""
        return cls(
            folder,
            mode=settings.mode,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
        )

    def token(
        self,
        subject: str,
        roles: Sequence[str],
        organisation_id: UUID | None = None,
        amr: Sequence[str] = ("pwd", "otp"),
        *,
        lives: timedelta = TIME_TO_LIVE,
    ) -> str:
        """A signed token for ``subject``, an opaque person id."""
        now = datetime.now(UTC)
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": subject,
            "iat": now,
            "exp": now + lives,
            "jti": str(uuid4()),
            "roles": list(roles),
            "amr": list(amr),
        }
        if organisation_id is not None:
            claims["organisation"] = str(organisation_id)
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": KEY_ID})


def secret_in(folder: Path, name: str) -> str:
    """A secret kept in a folder; made when there is none, readable by its owner only."""
    return _kept(folder / name, lambda: secrets.token_hex(32).encode()).decode()


def _key_in(folder: Path) -> Ed25519PrivateKey:
    """The key kept in a folder; made when there is none."""
    pem = _kept(
        folder / "signing-key.pem",
        lambda: Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    return cast(Ed25519PrivateKey, serialization.load_pem_private_key(pem, password=None))


def _kept(path: Path, made: Callable[[], bytes]) -> bytes:
    """What a file holds; made when there is none, readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        own = path.with_name(f".{path.stem}.{os.getpid()}.{uuid4().hex}")
        descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made())
        # Of several processes that start at once, the first one's is everybody's.
        with suppress(FileExistsError):
            os.link(own, path)
        own.unlink()
    return path.read_bytes()


def _jwks(key: Ed25519PrivateKey) -> bytes:
    public = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return json.dumps(
        {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "EdDSA"}]}, indent=2
    ).encode()


def _replace(path: Path, content: bytes) -> None:
    own = path.with_name(f".{path.name}.{os.getpid()}.{uuid4().hex}")
    own.write_bytes(content)
    own.replace(path)
