"""The timers' tables, as SQLAlchemy knows them; ``schema.sql`` makes them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData(schema="timers")

TIMER = Table(
    "timer",
    METADATA,
    Column("timer_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("fires_on", Date, nullable=False),
    Column("fires_at", DateTime(timezone=True), nullable=False),
    Column("stream_type", Text, nullable=False),
    Column("stream_id", Uuid, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("correlation_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("fired_at", DateTime(timezone=True)),
    Column("reason", Text),
    Index("timer_due", "fires_at", postgresql_where=text("state = 'armed'")),
)

CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("single", Boolean, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
