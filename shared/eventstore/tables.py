"""The durable tables of the event store, as SQLAlchemy knows them; ``schema.sql`` makes them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData(schema="eventstore")

EVENT = Table(
    "event",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Uuid, nullable=False),
    Column("stream_type", Text, nullable=False),
    Column("stream_id", Uuid, nullable=False),
    Column("stream_version", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema_version", SmallInteger, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("meta", JSONB, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("stream_id", "stream_type", "stream_version", name="event_stream_key"),
)

COMMAND = Table(
    "command",
    METADATA,
    Column("command_id", Uuid, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("stream_type", Text, nullable=False),
    Column("stream_id", Uuid, nullable=False),
    Column("stream_version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)

CLOCK = Table(
    "clock",
    METADATA,
    Column("single", Boolean, primary_key=True),
    Column("instant", DateTime(timezone=True), nullable=False),
)
