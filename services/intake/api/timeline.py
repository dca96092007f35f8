"""What happened, in words: to one application, and what an applicant should know of theirs."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.intake.api.doors import ReadersCounter, readable_application
from services.intake.domain.sentences import ACTORS, SENTENCES, in_words, reasons_of
from services.intake.projections import notices
from services.intake.projections.application_status import STAGES
from services.intake.use_cases import streams
from shared.eventstore.store import Recorded
from shared.web.desk import Reader, at_counter
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["timeline"])

ApplicantsCounter = Annotated[Reader, Depends(at_counter("applicant", "recipient"))]


class TextOut(BaseModel):
    """One text in English and in French."""

    en: str
    fr: str


class ActorOut(TextOut):
    """Who acted: a role, never a person."""

    role: str


class TimelineLine(BaseModel):
    """Something that happened to an application."""

    version: int
    """The version of the application that it led to."""
    type: str
    happened_on: date
    recorded_at: datetime
    by: ActorOut
    text: TextOut
    reasons: list[str]
    """In the words of whoever gave them."""
    stage: str | None
    """The stage it led to; null when it stayed where it was."""


class NoticeLine(BaseModel):
    """Something that an applicant should know of one application."""

    id: int
    type: str
    happened_on: date
    application_id: UUID
    title: str
    """The application's."""
    text: TextOut
    reasons: list[str]


@router.get("/applications/{application_id}/timeline")
def timeline(application_id: UUID, reader: ReadersCounter, paging: AskedPage) -> Page[TimelineLine]:
    """What happened to an application, oldest first; what is within the review is for staff."""
    readable_application(reader, application_id)
    for_staff = reader.caller.only_organisation is None
    after = paging.after(int)
    history = reader.store.load(streams.application(application_id), after=after[0] if after else 0)
    told = [each for each in history if _is_told(each, for_staff=for_staff)]
    return paging.page(told[: paging.fetch], key=lambda each: (each.version,), item=_line)


@router.get("/notices")
def list_notices(
    reader: ApplicantsCounter,
    paging: AskedPage,
    application: UUID | None = None,
    since: date | None = None,
) -> Page[NoticeLine]:
    """What happened to the applications of one's organisation and to their calls, newest first."""
    before = paging.after(int, int)
    with reader.view(notices.PROJECTION) as connection:
        rows = notices.notices(
            connection,
            organisation_id=reader.caller.only_organisation,
            application_id=application,
            since=since,
            before=before if before is None else (before[0], before[1]),
            fetch=paging.fetch,
        )
    return paging.page(
        rows,
        key=lambda row: (row.number, row.application_number),
        item=lambda row: NoticeLine(
            id=row.number,
            type=row.type,
            happened_on=row.happened_on,
            application_id=row.about,
            title=row.title,
            text=TextOut(en=row.en, fr=row.fr),
            reasons=row.reasons,
        ),
    )


def _is_told(recorded: Recorded, *, for_staff: bool) -> bool:
    sentence = SENTENCES.get(type(recorded.event))
    return sentence is not None and (for_staff or not sentence.internal)


def _line(recorded: Recorded) -> TimelineLine:
    event = recorded.event
    role = SENTENCES[type(event)].by
    text = in_words(event)
    return TimelineLine(
        version=recorded.version,
        type=recorded.type,
        happened_on=event.effective_on,
        recorded_at=recorded.recorded_at,
        by=ActorOut(role=role, en=ACTORS[role].en, fr=ACTORS[role].fr),
        text=TextOut(en=text.en, fr=text.fr),
        reasons=list(reasons_of(event)),
        stage=STAGES.get(type(event)),
    )
