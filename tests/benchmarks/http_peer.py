"""
The toy's jars as a plain FastAPI service keeps them: one row per jar, changed in place.

One transaction per command: the key is looked up, the row is read for update, checked and changed,
a row of history and the answer under the key are inserted. SQLAlchemy Core and the same pool as
ours; statements are built once, and tokens are checked without going to a thread.
"""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    create_engine,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.postgres.database import POOL_SIZE

METADATA = MetaData()
JAR = Table(
    "jar",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("limit_cents", BigInteger, nullable=False),
    Column("held_cents", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
)
HISTORY = Table(
    "jar_history",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("jar_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
ANSWERED = Table(
    "idempotency_key",
    METADATA,
    Column("key", Uuid, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("answer", JSONB, nullable=False),
)

_ANSWER = select(ANSWERED.c.request_hash, ANSWERED.c.answer).where(
    ANSWERED.c.key == bindparam("key")
)
_JAR = (
    select(JAR.c.limit_cents, JAR.c.held_cents, JAR.c.version)
    .where(JAR.c.id == bindparam("jar_id"))
    .with_for_update()
)
_CHANGE = (
    update(JAR)
    .where(JAR.c.id == bindparam("jar_id"))
    .values(held_cents=bindparam("held"), version=bindparam("left_at"))
)
_NOTE = insert(HISTORY)
_REMEMBER = insert(ANSWERED)


class MoneyIn(BaseModel):
    """An amount in Canadian cents."""

    cents: int
    currency: str = Field(default="CAD", pattern="^CAD$")


class PutIn(BaseModel):
    """What is put into a jar."""

    amount: MoneyIn
    note: str = Field(default="", max_length=10_000)


class Answer(BaseModel):
    """What a command led to."""

    id: UUID
    version: int


class Tokens:
    """Reads bearer tokens of one issuer by its published keys."""

    def __init__(self, jwks_file: Path, issuer: str, audience: str) -> None:
        keys = json.loads(jwks_file.read_text("utf-8"))["keys"]
        self._keys = {each["kid"]: jwt.PyJWK.from_dict(each) for each in keys}
        self._issuer = issuer
        self._audience = audience

    async def __call__(self, authorization: Annotated[str, Header()]) -> dict[str, Any]:
        """The claims of the caller's token."""
        token = authorization.removeprefix("Bearer ")
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except (KeyError, jwt.PyJWTError):
            raise HTTPException(401) from None
        if not {"applicant", "payer"}.intersection(claims["roles"]):
            raise HTTPException(403)
        return claims


async def hash_of(request: Request) -> bytes:
    """SHA-256 of what is asked."""
    return hashlib.sha256(request.url.path.encode() + b"\n" + await request.body()).digest()


def application(url: str, tokens: Tokens) -> FastAPI:
    """The service on a database whose tables are there."""
    engine = create_engine(url, pool_size=POOL_SIZE, max_overflow=0)
    app = FastAPI(title="Jars")

    @app.put("/v1/jars/{jar_id}/money")
    def put_in(
        jar_id: UUID,
        body: PutIn,
        response: Response,
        idempotency_key: Annotated[UUID, Header()],
        request_hash: Annotated[bytes, Depends(hash_of)],
        caller: Annotated[dict[str, Any], Depends(tokens)],
    ) -> Answer:
        with engine.begin() as connection:
            before = connection.execute(_ANSWER, {"key": idempotency_key}).one_or_none()
            if before is not None:
                if before.request_hash != request_hash:
                    raise HTTPException(422, "this key was used for another request")
                return Answer(**before.answer)
            jar = connection.execute(_JAR, {"jar_id": jar_id}).one_or_none()
            if jar is None:
                raise HTTPException(404)
            held, version = jar.held_cents + body.amount.cents, jar.version + 1
            if held > jar.limit_cents:
                raise HTTPException(422, f"the jar holds at most {jar.limit_cents}")
            connection.execute(_CHANGE, {"jar_id": jar_id, "held": held, "left_at": version})
            connection.execute(
                _NOTE,
                {
                    "jar_id": jar_id,
                    "version": version,
                    "cents": body.amount.cents,
                    "note": body.note,
                    "by": caller["sub"],
                },
            )
            answer = Answer(id=jar_id, version=version)
            connection.execute(
                _REMEMBER,
                {
                    "key": idempotency_key,
                    "request_hash": request_hash,
                    "answer": answer.model_dump(mode="json"),
                },
            )
        response.headers["ETag"] = f'"{version}"'
        return answer

    return app


def create(engine: Engine) -> None:
    """Make the tables."""
    METADATA.create_all(engine)
