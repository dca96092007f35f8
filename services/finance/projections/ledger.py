"""
The ledger in PostgreSQL: lines that are only ever added, and what their codes stand for.

A balance is a sum of lines, now or as of any moment. PostgreSQL itself refuses an entry that does
not add up to zero in every pocket, and adds up by day what the five tables are made of.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    event,
    text,
)

from services.finance.domain.events import (
    FunderAgreementOpened,
    PeriodClosed,
    PeriodReopened,
    PlanApproved,
    PlanLine,
    PlanReforecasted,
    PocketOpened,
)
from services.finance.domain.ledger import Entry
from services.finance.domain.tables import USED_ACCOUNTS
from services.finance.projections import closings, keeping
from services.finance.projections.naming import METADATA, NAME
from services.finance.projections.postings import entry_of
from shared.contracts.intake import ProgrammePublished
from shared.eventstore.store import Recorded
from shared.projecting.projection import Delta, Extend, Insert, Projection

LINES = Table(
    "line",
    METADATA,
    Column("position", BigInteger, primary_key=True, comment="of the fact in finance's own log"),
    Column("ordinal", Integer, primary_key=True, comment="within the entry"),
    Column("entry", Text, nullable=False, comment="what happened: EntryKind"),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("happened_on", Date, nullable=False, comment="civil date, America/Toronto"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, comment="when we heard of it"),
    Column("account", Text, nullable=False),
    Column("pocket", Text, comment="absent for match and for operations"),
    Column("programme", Text),
    Column("project_id", Uuid),
    Column("participant_id", Uuid),
    Column("quarter", Text, comment="2024-T1: planned while committed, the claim's once owed"),
    Column("fiscal_year", Integer, comment="of the quarter"),
    Column("code", Text, comment="of operations and revenue"),
    Column("in_kind", Boolean, comment="of match: work and goods, or cash"),
    Column("cents", BigInteger, nullable=False, comment="Canadian cents"),
    Index("line_of_a_year", "fiscal_year", "account"),
    Index("line_of_a_pocket", "pocket", "account"),
    Index("line_of_a_project", "project_id"),
    # Lines come in the order of their instants, so that one page in many finds a day.
    Index("line_of_a_day", "recorded_at", postgresql_using="brin"),
    Index(
        "line_of_an_execution",
        "position",
        "project_id",
        postgresql_where=text("entry = 'agreement-executed' AND ordinal = 0"),
    ),
    Index(
        "line_of_a_receivable",
        "pocket",
        "happened_on",
        postgresql_where=text("account = 'due-from-funder'"),
    ),
    schema=NAME,
)

_CODE = Text(collation="C")

AMOUNTS = Table(
    "amount",
    METADATA,
    Column("fiscal_year", Integer, primary_key=True),
    Column("account", _CODE, primary_key=True),
    Column("quarter", _CODE, primary_key=True),
    Column("programme", _CODE, primary_key=True, comment="empty: none; so are the next two"),
    Column("pocket", _CODE, primary_key=True),
    Column("code", _CODE, primary_key=True),
    Column("recorded_on", Date, primary_key=True, comment="civil date, America/Toronto"),
    Column("happened_on", Date, primary_key=True),
    Column("cents", BigInteger, nullable=False),
    schema=NAME,
    comment="the lines that the five tables are made of, added up by PostgreSQL as they come",
)

FUNDER_AGREEMENTS = Table(
    "funder_agreement",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("funder", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_fr", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    schema=NAME,
)

POCKETS = Table(
    "pocket",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("funder", Text, nullable=False),
    Column("funder_agreement", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_fr", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    schema=NAME,
)

PROGRAMMES = Table(
    "programme",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, comment="one row per published version"),
    Column("version", Integer, nullable=False),
    Column("phase", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_fr", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    schema=NAME,
)

PLANS = Table(
    "plan",
    METADATA,
    Column("fiscal_year", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False, comment="the plan is the ledger up to here"),
    Column("approved_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    schema=NAME,
)

PLAN_LINES = Table(
    "plan_line",
    METADATA,
    Column("fiscal_year", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("programme", Text, comment="of new business only"),
    Column("quarter", Text, nullable=False),
    Column("cents", BigInteger, nullable=False),
    schema=NAME,
)

REFORECASTS = Table(
    "reforecast",
    METADATA,
    Column("fiscal_year", Integer, primary_key=True),
    Column("position", BigInteger, primary_key=True, comment="what comes later counts against it"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    schema=NAME,
)

REFORECAST_LINES = Table(
    "reforecast_line",
    METADATA,
    Column("position", BigInteger, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("programme", Text, comment="of new business only"),
    Column("quarter", Text, nullable=False),
    Column("cents", BigInteger, nullable=False),
    schema=NAME,
)


@event.listens_for(LINES, "after_create")
def _keep(_table: Table, connection: Connection, **_: Any) -> None:
    schema = connection.dialect.identifier_preparer.quote(
        connection.schema_for_object(LINES) or NAME
    )
    for statement in keeping.statements(schema, added_up=map(str, USED_ACCOUNTS)):
        connection.execute(text(statement))


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """The rows of one fact: its lines if it moves money, and what it says of codes."""
    entry = entry_of(recorded.event)
    if entry is not None:
        yield Extend(LINES, _lines(recorded, entry))
    match recorded.event:
        case FunderAgreementOpened() as opened:
            yield Insert(
                FUNDER_AGREEMENTS,
                _heard(recorded)
                | {
                    "code": opened.code,
                    "funder": opened.funder,
                    "name_en": opened.name_en,
                    "name_fr": opened.name_fr,
                },
            )
        case PocketOpened() as pocket:
            yield Insert(
                POCKETS,
                _heard(recorded)
                | {
                    "code": pocket.pocket,
                    "funder": pocket.funder,
                    "funder_agreement": pocket.funder_agreement,
                    "name_en": pocket.name_en,
                    "name_fr": pocket.name_fr,
                },
            )
        case ProgrammePublished() as published:
            yield Insert(
                PROGRAMMES,
                _heard(recorded)
                | {
                    "code": published.code,
                    "version": published.version,
                    "phase": published.phase,
                    "name_en": published.name_en,
                    "name_fr": published.name_fr,
                },
            )
        case PlanApproved() as approved:
            version = {"fiscal_year": approved.fiscal_year, "version": approved.version}
            yield Insert(PLANS, _heard(recorded) | version | {"approved_on": approved.effective_on})
            yield from _planned(PLAN_LINES, version, approved.lines)
        case PlanReforecasted() as reforecast:
            yield Insert(REFORECASTS, _heard(recorded) | {"fiscal_year": reforecast.fiscal_year})
            key = {"position": recorded.position}
            yield from _planned(REFORECAST_LINES, key, reforecast.lines)
        case PeriodClosed() | PeriodReopened() as change:
            yield from closings.deltas(change, _heard(recorded))
        case _:
            pass


def _heard(recorded: Recorded) -> dict[str, Any]:
    return {"position": recorded.position, "recorded_at": recorded.recorded_at}


def _lines(recorded: Recorded, entry: Entry) -> list[tuple[Any, ...]]:
    """Rows in the order of the columns of ``LINES``."""
    heard = (
        str(entry.kind),
        recorded.event_id,
        recorded.type,
        recorded.event.effective_on,
        recorded.recorded_at,
    )
    return [
        (
            recorded.position,
            ordinal,
            *heard,
            line.account.value,
            line.pocket,
            line.programme,
            line.project_id,
            line.participant_id,
            None if line.quarter is None else str(line.quarter),
            None if line.quarter is None else line.quarter.fiscal_year,
            line.code,
            line.in_kind,
            line.amount.cents,
        )
        for ordinal, line in enumerate(entry.lines)
    ]


def _planned(table: Table, key: dict[str, int], lines: Iterable[PlanLine]) -> Iterator[Delta]:
    for ordinal, line in enumerate(lines):
        yield Insert(
            table,
            key
            | {
                "ordinal": ordinal,
                "kind": str(line.kind),
                "code": line.code,
                "programme": line.programme,
                "quarter": str(line.quarter),
                "cents": line.amount.cents,
            },
        )


PROJECTION = Projection(name=NAME, version=6, metadata=METADATA, deltas=deltas)
