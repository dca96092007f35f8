"""The calls, as they are announced at present, and the questions that were asked about them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

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
    and_,
    not_,
    or_,
    select,
)

from services.intake.domain.bilingual import Bilingual
from services.intake.domain.call_facts import (
    CallAmended,
    CallClosedEarly,
    CallExtended,
    CallPublished,
)
from services.intake.domain.question import QuestionAnswered, QuestionAsked
from shared.eventstore.store import Recorded
from shared.projecting.projection import Change, Delta, Insert, Projection

NAME = "calls"
_METADATA = MetaData()

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
    Column("instructions_en", Text),
    Column("instructions_fr", Text),
    schema=NAME,
)
"""``number`` is the position at which it was published: the order of the list."""

QUESTION = Table(
    "question",
    _METADATA,
    Column("question_id", Uuid, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("call_id", Uuid, nullable=False, index=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("text", Text, nullable=False),
    Column("asked_on", Date, nullable=False),
    Column("question_en", Text),
    Column("question_fr", Text),
    Column("answer_en", Text),
    Column("answer_fr", Text),
    Column("answered_on", Date),
    schema=NAME,
)
"""``number`` is the position at which it was asked: the order of the list."""


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """Every call and every question, as it is now."""
    match recorded.event:
        case CallPublished() as call:
            yield Insert(
                CALL,
                {
                    "call_id": call.call_id,
                    "number": recorded.position,
                    "programme_code": call.programme_code,
                    "programme_version": call.programme_version,
                    "opens_at": call.opens_at,
                    "closes_at": call.closes_at,
                    **_both("title", call.title),
                    **_both("instructions", call.instructions),
                },
            )
        case CallAmended(call_id=call_id, after=after):
            yield Change(
                CALL,
                {"call_id": call_id},
                {
                    "opens_at": after.opens_at,
                    "closes_at": after.closes_at,
                    **_both("title", after.title),
                    **_both("instructions", after.instructions),
                },
            )
        case (
            CallExtended(call_id=call_id, closes_at=closes_at)
            | CallClosedEarly(call_id=call_id, closes_at=closes_at)
        ):
            yield Change(CALL, {"call_id": call_id}, {"closes_at": closes_at})
        case QuestionAsked() as asked:
            yield Insert(
                QUESTION,
                {
                    "question_id": asked.question_id,
                    "number": recorded.position,
                    "call_id": asked.call_id,
                    "organisation_id": asked.organisation_id,
                    "text": asked.text,
                    "asked_on": asked.effective_on,
                },
            )
        case QuestionAnswered() as answered:
            yield Change(
                QUESTION,
                {"question_id": answered.question_id},
                {
                    "answered_on": answered.effective_on,
                    **_both("question", answered.restated),
                    **_both("answer", answered.answer),
                },
            )
        case _:
            pass


def _both(name: str, text: Bilingual | None) -> dict[str, str | None]:
    return {
        f"{name}_en": None if text is None else text.en,
        f"{name}_fr": None if text is None else text.fr,
    }


PROJECTION = Projection(name=NAME, version=1, metadata=_METADATA, deltas=deltas)


def calls(
    connection: Connection,
    *,
    programme: str | None,
    open_at: datetime | None,
    closed_at: datetime | None,
    after: int | None,
    fetch: int,
) -> Sequence[Row[Any]]:
    """
    Calls in the order in which they were published, those after number ``after``.

    ``open_at``: only those that take applications at that instant; ``closed_at``: those that do
    not, because they open later or have closed.
    """
    query = select(CALL).order_by(CALL.c.number).limit(fetch)
    if programme is not None:
        query = query.where(CALL.c.programme_code == programme)
    if open_at is not None:
        query = query.where(_open_at(open_at))
    if closed_at is not None:
        query = query.where(not_(_open_at(closed_at)))
    if after is not None:
        query = query.where(CALL.c.number > after)
    return connection.execute(query).all()


def _open_at(instant: datetime) -> Any:
    return and_(
        CALL.c.opens_at <= instant, or_(CALL.c.closes_at.is_(None), CALL.c.closes_at > instant)
    )


def questions(
    connection: Connection,
    *,
    call_id: UUID,
    seen_by: frozenset[UUID] | None,
    answered: bool | None,
    after: int | None,
    fetch: int,
) -> Sequence[Row[Any]]:
    """
    Questions about a call in the order in which they were asked, those after number ``after``.

    ``seen_by``: those that are answered, and those that these organisations asked; None: all.
    """
    query = (
        select(QUESTION)
        .where(QUESTION.c.call_id == call_id)
        .order_by(QUESTION.c.number)
        .limit(fetch)
    )
    has_answer = QUESTION.c.answered_on.is_not(None)
    if seen_by is not None:
        query = query.where(or_(has_answer, QUESTION.c.organisation_id.in_(seen_by)))
    if answered is not None:
        query = query.where(has_answer if answered else not_(has_answer))
    if after is not None:
        query = query.where(QUESTION.c.number > after)
    return connection.execute(query).all()
