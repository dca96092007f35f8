"""What can be applied for: the programmes in force."""

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    select,
)

from services.intake.domain.programme import ProgrammePublished
from shared.eventstore.store import Recorded
from shared.projecting.projection import Delta, Projection, Put

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


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """The newest version of each programme."""
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
        case _:
            pass


PROJECTION = Projection(name=NAME, version=2, metadata=_METADATA, deltas=deltas)


def programmes(
    connection: Connection, *, after: str | None, fetch: int
) -> Sequence[Row[tuple[object, ...]]]:
    """Programmes by code, those after ``after``."""
    query = select(PROGRAMME).order_by(PROGRAMME.c.code).limit(fetch)
    if after is not None:
        query = query.where(PROGRAMME.c.code > after)
    return connection.execute(query).all()
