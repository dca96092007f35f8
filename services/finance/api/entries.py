"""From a figure to its entries, and from an entry to the fact, its documents and its chain."""

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Connection

from services.finance.api.asked_lines import AskedLines
from services.finance.api.documents import DocumentOut, documents_of
from services.finance.api.doors import AsOf, OfficersCounter, Position, Until
from services.finance.projections import trail
from services.finance.projections.entries import EntryRow, LineRow, Lines, entries, total_of
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import PROJECTION
from services.finance.use_cases.event_types import EVENT_TYPES
from shared.kernel.money import Money
from shared.kernel.refusals import NotFound
from shared.web.paging import AskedPage, Page, Paging

router = APIRouter(prefix="/v1", tags=["views"])


class LineOut(BaseModel):
    """One line of an entry."""

    account: str
    pocket: str | None
    programme: str | None
    project_id: UUID | None
    participant_id: UUID | None
    quarter: str | None
    code: str | None
    in_kind: bool | None
    """Of match: work and goods (true) or cash."""
    amount: Money

    @classmethod
    def of(cls, line: LineRow) -> "LineOut":
        """Of a line as kept."""
        return cls(
            account=line.account,
            pocket=line.pocket,
            programme=line.programme,
            project_id=line.project_id,
            participant_id=line.participant_id,
            quarter=line.quarter,
            code=line.code,
            in_kind=line.in_kind,
            amount=Money(line.cents),
        )


class EntryOut(BaseModel):
    """One entry, with those of its lines that were asked for."""

    position: int
    """``/v1/entries/{position}`` is the fact behind it."""
    entry: str
    event_id: UUID
    event_type: str
    happened_on: date
    posted_on: date
    """When it counts: later than it happened where its quarter was closed when it was recorded."""
    recorded_at: datetime
    lines: list[LineOut]

    @classmethod
    def of(cls, entry: EntryRow) -> "EntryOut":
        """Of an entry as kept."""
        return cls(
            position=entry.position,
            entry=entry.entry,
            event_id=entry.event_id,
            event_type=entry.event_type,
            happened_on=entry.happened_on,
            posted_on=entry.posted_on,
            recorded_at=entry.recorded_at,
            lines=[LineOut.of(line) for line in entry.lines],
        )


class EntriesOut(Page[EntryOut]):
    """A page of entries; ``total`` is of all pages: the figure that they are the sum of."""

    entries: int
    total: Money


class LinkOut(BaseModel):
    """One fact of a chain."""

    position: int
    """``/v1/entries/{position}`` is the fact itself."""
    event_id: UUID
    event_type: str
    happened_on: date
    recorded_at: datetime
    causation_id: UUID

    @classmethod
    def of(cls, link: trail.Link) -> "LinkOut":
        """As it is answered."""
        return cls(
            position=link.position,
            event_id=link.event_id,
            event_type=link.event_type,
            happened_on=link.happened_on,
            recorded_at=link.recorded_at,
            causation_id=link.causation_id,
        )


class FactOut(BaseModel):
    """The fact behind an entry, as it was said, and all lines it made."""

    position: int
    event_id: UUID
    event_type: str
    happened_on: date
    recorded_at: datetime
    stream: str
    version: int
    actor_id: str
    """An opaque person id, or ``policy:finance`` for what another service published."""
    actor_roles: list[str]
    """In which roles the person acted; what another service published names them there."""
    correlation_id: UUID
    causation_id: UUID
    """The command, or the other service's message."""
    documents: list[DocumentOut]
    """What it is about: the decision, the claim, the agreement behind it."""
    chain: list[LinkOut]
    """Every fact that finance keeps of the same first command, this one among them."""
    data: dict[str, Any]
    lines: list[LineOut]


def entries_out(
    connection: Connection, counted: ColumnElement[bool], known: Knowledge, paging: Paging
) -> EntriesOut:
    """A page of the entries with lines that count."""
    after = paging.after(int)
    count, cents = total_of(connection, counted)
    rows = entries(connection, counted, known, after=after[0] if after else 0, limit=paging.fetch)
    page = paging.page(rows, key=lambda row: (row.position,), item=EntryOut.of)
    return EntriesOut(items=page.items, next=page.next, entries=count, total=Money(cents))


@router.get("/entries")
def all_entries(
    reader: OfficersCounter,
    paging: AskedPage,
    lines: AskedLines,
    as_of: AsOf = None,
    until: Until = None,
) -> EntriesOut:
    """
    The entries that a figure is the sum of, oldest first, with the lines that make it up.

    ``account`` may be repeated. A cell of the five tables has its own list:
    ``/v1/tables/{fiscal_year}/explanation``.
    """
    known = Knowledge(as_of=as_of, until=until)
    with reader.view(PROJECTION) as connection:
        return entries_out(connection, lines.condition(known), known, paging)


@router.get("/entries/{position}")
def one_entry(position: Position, reader: OfficersCounter) -> FactOut:
    """The fact behind an entry: who said it and when, what it is about and what belongs to it."""
    found = reader.store.tail(position - 1, 1)
    if not found or found[0].position != position:
        raise NotFound(kind="entry")
    (recorded,) = found
    with reader.view(PROJECTION) as connection:
        of_the_fact = Lines().condition(Knowledge(position=position))
        rows = entries(connection, of_the_fact, Knowledge(), after=position - 1, limit=1)
    context = recorded.context
    with reader.view(trail.PROJECTION) as connection:
        links = trail.chain(connection, context.correlation_id)
    _, _, data = EVENT_TYPES.encode(recorded.event)
    return FactOut(
        position=recorded.position,
        event_id=recorded.event_id,
        event_type=recorded.type,
        happened_on=recorded.event.effective_on,
        recorded_at=recorded.recorded_at,
        stream=str(recorded.stream),
        version=recorded.version,
        actor_id=context.actor.id,
        actor_roles=list(context.actor.roles),
        correlation_id=context.correlation_id,
        causation_id=context.causation_id,
        documents=documents_of(recorded.event),
        chain=[LinkOut.of(link) for link in links],
        data=json.loads(data),
        lines=[LineOut.of(line) for row in rows for line in row.lines],
    )
