"""What can be applied for: the programmes in force, and the calls that invite to them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    select,
)

from services.intake.domain.call import CallPublished
from services.intake.domain.programme import ProgrammePublished
from shared.eventstore.store import Recorded
from shared.projecting.projection import Delta, Insert, Projection, Put

NAME = "catalogue"
_METADATA = MetaData()

PROGRAMME = Table(
    "programme",
    _METADATA,
    Column("code", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_fr", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("reimbursement_rate_bp", Integer, nullable=False),
    Column("published_on", Date, nullable=False),
    schema=NAME,
)

CALL = Table(
    "call",
    _METADATA,
    Column("call_id", Uuid, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("programme_code", Text, nullable=False),
    Column("programme_version", Integer, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("title_fr", Text, nullable=False),
    Column("opens_at", DateTime(timezone=True), nullable=False),
    Column("closes_at", DateTime(timezone=True)),
    schema=NAME,
)
"""``number`` is the position at which it was published: the order of the list."""


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """The newest version of each programme; every call."""
    match recorded.event:
        case ProgrammePublished() as published:
            definition = published.definition
            yield Put(
                PROGRAMME,
                {"code": definition.code},
                {
                    "version": published.version,
                    "name_en": definition.names.en,
                    "name_fr": definition.names.fr,
                    "phase": definition.phase,
                    "reimbursement_rate_bp": definition.reimbursement_rate_bp,
                    "published_on": published.effective_on,
                },
            )
        case CallPublished() as call:
            yield Insert(
                CALL,
                {
                    "call_id": call.call_id,
                    "number": recorded.position,
                    "programme_code": call.programme_code,
                    "programme_version": call.programme_version,
                    "title_en": call.title.en,
                    "title_fr": call.title.fr,
                    "opens_at": call.opens_at,
                    "closes_at": call.closes_at,
                },
            )
        case _:
            pass


PROJECTION = Projection(name=NAME, version=1, metadata=_METADATA, deltas=deltas)


def programmes(
    connection: Connection, *, after: str | None, fetch: int
) -> Sequence[Row[tuple[object, ...]]]:
    """Programmes by code, those after ``after``."""
    query = select(PROGRAMME).order_by(PROGRAMME.c.code).limit(fetch)
    if after is not None:
        query = query.where(PROGRAMME.c.code > after)
    return connection.execute(query).all()


def calls(
    connection: Connection, *, programme: str | None, after: int | None, fetch: int
) -> Sequence[Row[tuple[object, ...]]]:
    """Calls in the order in which they were published, those after number ``after``."""
    query = select(CALL).order_by(CALL.c.number).limit(fetch)
    if programme is not None:
        query = query.where(CALL.c.programme_code == programme)
    if after is not None:
        query = query.where(CALL.c.number > after)
    return connection.execute(query).all()
