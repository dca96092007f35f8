"""The registry of projections, as SQLAlchemy knows it; ``schema.sql`` makes it."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
)

METADATA = MetaData(schema="projecting")

PROJECTION = Table(
    "projection",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("code_version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("position", BigInteger, nullable=False, server_default="0"),
    Column("error", Text),
    Column("failed_position", BigInteger),
    Column("failed_event_id", Uuid),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

SERVING = Table(
    "serving",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("generation", Integer, nullable=False),
    ForeignKeyConstraint(
        ["name", "generation"], ["projecting.projection.name", "projecting.projection.generation"]
    ),
)
