"""The durable tables of messaging, as SQLAlchemy knows them; ``schema.sql`` makes them."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData(schema="messaging")

RELAY = Table(
    "relay",
    METADATA,
    Column("service", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

CONSUMED = Table(
    "consumed",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("source", Text),
    Column("position", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

INBOX = Table(
    "inbox",
    METADATA,
    Column("message_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
)

PARKED_KEY = Table(
    "parked_key",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("parked_at", DateTime(timezone=True), nullable=False),
)

PARKED_MESSAGE = Table(
    "parked_message",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("type", Text),
    Column("headers", JSONB, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("problem", Text),
    Column("attempts", Integer, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False),
    Column("outcome", Text),
    Column("resolved_at", DateTime(timezone=True)),
    Column("resolved_by", Text),
    Column("reason", Text),
    Index("parked_message_waiting", "topic", "key", "id", postgresql_where=text("outcome IS NULL")),
)
