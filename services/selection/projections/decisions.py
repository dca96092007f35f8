"""The register of decisions: who decided what, when, by which votes, for how much and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.selection.domain.meeting import ItemDecided, Outcome, Vote
from shared.eventstore.store import Recorded
from shared.kernel.money import Money
from shared.projecting.projection import Delta, Insert, Projection

METADATA = MetaData()

DECISION = Table(
    "decision",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("meeting_id", Uuid, nullable=False),
    Column("application_id", Uuid, nullable=False, index=True),
    Column("decided_on", Date, nullable=False),
    Column("programme", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("votes_for", Integer, nullable=False),
    Column("votes_against", Integer, nullable=False),
    Column("abstained", Integer, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("asked_cents", BigInteger, nullable=False),
    Column("granted_cents", BigInteger, nullable=False),
    Column("award_id", Uuid),
    Column("lead_province", Text),
    Column("submitted_on", Date),
    Column("deferred_to", Uuid),
    schema="decisions",
)


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """A decision is one line of the register; it never changes."""
    match recorded.event:
        case ItemDecided() as event:
            votes_for, votes_against, abstained = _counts(event)
            yield Insert(
                DECISION,
                {
                    "position": recorded.position,
                    "meeting_id": event.meeting_id,
                    "application_id": event.application_id,
                    "decided_on": event.effective_on,
                    "programme": event.programme_code,
                    "title": event.title,
                    "outcome": event.outcome.value,
                    "votes_for": votes_for,
                    "votes_against": votes_against,
                    "abstained": abstained,
                    "reasons": list(event.reasons),
                    "asked_cents": event.asked.cents,
                    "granted_cents": event.granted.cents,
                    "award_id": event.award_id,
                    "lead_province": event.lead_province,
                    "submitted_on": event.submitted_on,
                    "deferred_to": event.deferred_to,
                },
            )
        case _:
            return


def _counts(event: ItemDecided) -> tuple[int, int, int]:
    if event.secret is not None:
        return event.secret.votes_for, event.secret.votes_against, event.secret.abstained
    votes = [ballot.vote for ballot in event.votes]
    return votes.count(Vote.FOR), votes.count(Vote.AGAINST), votes.count(Vote.ABSTAIN)


PROJECTION = Projection("decisions", 2, METADATA, deltas)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of the register."""

    position: int
    meeting_id: UUID
    application_id: UUID
    decided_on: date
    programme: str
    title: str
    outcome: Outcome
    votes_for: int
    votes_against: int
    abstained: int
    reasons: tuple[str, ...]
    asked: Money
    granted: Money
    award_id: UUID | None
    lead_province: str | None
    submitted_on: date | None
    deferred_to: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines of the register are asked for; None leaves a condition out."""

    programme: str | None = None
    outcome: Outcome | None = None
    decided_from: date | None = None
    decided_until: date | None = None
    """Inclusive."""
    meeting_id: UUID | None = None
    lead_province: str | None = None

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """What a line of the register must satisfy."""
        column = DECISION.c
        exactly = (
            (column.programme, self.programme),
            (column.outcome, None if self.outcome is None else self.outcome.value),
            (column.meeting_id, self.meeting_id),
            (column.lead_province, self.lead_province),
        )
        found = [each == value for each, value in exactly if value is not None]
        if self.decided_from is not None:
            found.append(column.decided_on >= self.decided_from)
        if self.decided_until is not None:
            found.append(column.decided_on <= self.decided_until)
        return found


def decisions(
    connection: Connection, wanted: Wanted, *, before: int | None, limit: int
) -> Sequence[Decision]:
    """The latest decisions first, those at positions below ``before``."""
    query = (
        select(DECISION)
        .where(*wanted.conditions())
        .order_by(DECISION.c.position.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(DECISION.c.position < before)
    return [_decision(row) for row in connection.execute(query)]


def _decision(row: Row[tuple[object, ...]]) -> Decision:
    return Decision(
        position=row.position,
        meeting_id=row.meeting_id,
        application_id=row.application_id,
        decided_on=row.decided_on,
        programme=row.programme,
        title=row.title,
        outcome=Outcome(row.outcome),
        votes_for=row.votes_for,
        votes_against=row.votes_against,
        abstained=row.abstained,
        reasons=tuple(row.reasons),
        asked=Money(row.asked_cents),
        granted=Money(row.granted_cents),
        award_id=row.award_id,
        lead_province=row.lead_province,
        submitted_on=row.submitted_on,
        deferred_to=row.deferred_to,
    )
