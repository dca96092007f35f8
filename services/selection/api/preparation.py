"""Before a meeting: its day, pack and conflicts, what members think; and votes in writing."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from services.selection.api.doors import MEMBER, SECRETARY, hand_in, only_member
from services.selection.api.pack_schemas import PackOut, pack_out
from services.selection.api.schemas import Code, PersonId, ScoreOut
from services.selection.domain import meeting
from services.selection.domain.conflicts import Link, WithdrawConflict
from services.selection.domain.meeting import Vote
from services.selection.domain.review import Recommendation
from services.selection.domain.scheduling import CancelMeeting, MoveMeeting
from services.selection.domain.written import CastBallot
from services.selection.use_cases import streams
from services.selection.use_cases.calendars import Rescheduling
from services.selection.use_cases.conflict_list import conflict_list
from services.selection.use_cases.meetings import Voting, Withdrawing
from services.selection.use_cases.packs import meeting_pack
from services.selection.use_cases.reviews import (
    Recommending,
    ReviewSeen,
    Scoring,
    review_seen,
    reviews_missing,
)
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk
from shared.web.schemas import Request

router = APIRouter(prefix="/v1/meetings/{meeting_id}", tags=["meetings"])

Secretary = Annotated[Desk, Depends(at_desk(SECRETARY))]
Member = Annotated[Desk, Depends(at_desk(MEMBER))]
Because = Annotated[str, Field(min_length=1, max_length=2_000)]
"""Why; without personal data."""
Prepares = Annotated[Reader, Depends(at_counter(SECRETARY, "programme-manager"))]
Attends = Annotated[
    Reader, Depends(at_counter(SECRETARY, "programme-manager", "intake-officer", MEMBER))
]


class MoveIn(Request):
    """Another day for a meeting."""

    held_on: date
    reason: Because


class CancelIn(Request):
    """Why a meeting is not held."""

    reason: Because


class WithdrawConflictIn(Request):
    """Which conflict was declared wrongly, and why."""

    application_id: UUID
    person_id: PersonId
    reason: Because


class ScoresIn(Request):
    """Points per criterion of the grid, each once."""

    points: dict[Code, int] = Field(max_length=100)


class RecommendIn(Request):
    """What the committee should do, and why: without personal data."""

    recommendation: Recommendation
    text: str = Field(default="", max_length=5_000)


class BallotIn(Request):
    """A vote in writing."""

    vote: Vote


class ConflictOut(BaseModel):
    """Who has no part in what, and how that is known."""

    application_id: UUID
    person_id: str
    declared: bool
    """False: found by the system, and not declared by the member."""
    link: Link | None
    organisation_id: UUID | None
    """The organisation behind the link."""


class ConflictsOut(BaseModel):
    """All conflicts on the items of a meeting."""

    conflicts: tuple[ConflictOut, ...]


class OpinionOut(BaseModel):
    """What one member thinks."""

    person_id: str
    scores: tuple[ScoreOut, ...]
    times_scored: int
    recommendation: Recommendation | None
    text: str


class SpreadOut(BaseModel):
    """How far the members are apart."""

    criterion: str | None
    """Null: all criteria together."""
    out_of: int
    lowest: int
    highest: int
    mean_tenths: int
    """73 is a mean of 7.3 points."""


class ReviewOut(BaseModel):
    """The reviews of an item as you may see them."""

    grid: tuple[ScoreOut, ...]
    """As due diligence scored it."""
    scored: tuple[str, ...]
    not_scored: tuple[str, ...]
    opinions: tuple[OpinionOut, ...]
    others_hidden: bool
    """Until your own score is in, or the meeting opens where the committee says so."""
    spread: tuple[SpreadOut, ...]


class MissingOut(BaseModel):
    """Who has not scored an item yet."""

    application_id: UUID
    not_scored: tuple[str, ...]


class MissingReviewsOut(BaseModel):
    """Per item of the agenda, who has not scored."""

    items: tuple[MissingOut, ...]


@router.post("/move")
def move_meeting(meeting_id: UUID, body: MoveIn, desk: Secretary) -> CommandAnswer:
    """Hold the meeting on another day; the regular one of a month stays in its month."""
    command = MoveMeeting(
        meeting_id=meeting_id, held_on=body.held_on, reason=body.reason, on=desk.today
    )
    return hand_in(desk, Rescheduling(command=command), about=streams.meeting(meeting_id))


@router.post("/cancellation")
def cancel_meeting(meeting_id: UUID, body: CancelIn, desk: Secretary) -> CommandAnswer:
    """Do not hold the meeting: what is on its agenda goes to the next that is open."""
    command = CancelMeeting(meeting_id=meeting_id, reason=body.reason, on=desk.today)
    return hand_in(desk, Rescheduling(command=command), about=streams.meeting(meeting_id))


@router.get("/pack")
def show_pack(meeting_id: UUID, reader: Attends) -> PackOut:
    """
    The pack: items in order, and what would remain of each pocket and year.

    Items for which money has returned come first, then by arrival, then by id. Frozen at the end
    of the agenda's last day, with later changes beside it; so far as it stands until then. You
    see nothing of an item on which you have a conflict.
    """
    reader.state(meeting.DECIDER, streams.meeting(meeting_id))
    pack = meeting_pack(reader.store, meeting_id, reader=reader.caller.id, on=reader.today)
    member = only_member(reader.caller)
    if member is not None and member not in pack.members:
        raise NotFound(kind="meeting")
    return pack_out(pack)


@router.get("/conflicts")
def list_conflicts(meeting_id: UUID, reader: Prepares) -> ConflictsOut:
    """Who has no part in which item: declared, and undeclared links that the system found."""
    reader.state(meeting.DECIDER, streams.meeting(meeting_id))
    found = conflict_list(reader.store, meeting_id, reader=reader.caller.id)
    return ConflictsOut(
        conflicts=tuple(ConflictOut.model_validate(each, from_attributes=True) for each in found)
    )


@router.post("/conflicts/withdrawal")
def withdraw_conflict(meeting_id: UUID, body: WithdrawConflictIn, desk: Secretary) -> CommandAnswer:
    """Take back a conflict that was declared wrongly, before the item is decided."""
    command = WithdrawConflict(
        application_id=body.application_id,
        person_id=body.person_id,
        reason=body.reason,
        on=desk.today,
    )
    withdrawing = Withdrawing(meeting_id=meeting_id, command=command)
    return hand_in(desk, withdrawing, about=streams.meeting(meeting_id))


@router.post("/items/{application_id}/scores")
def score_item(
    meeting_id: UUID, application_id: UUID, body: ScoresIn, desk: Member
) -> CommandAnswer:
    """Score an item on its grid, until it is decided; scoring again is seen as such."""
    scoring = Scoring(
        meeting_id=meeting_id,
        application_id=application_id,
        person_id=desk.caller.id,
        points=body.points,
        on=desk.today,
    )
    return hand_in(desk, scoring, about=streams.review(application_id))


@router.post("/items/{application_id}/recommendation")
def recommend(
    meeting_id: UUID, application_id: UUID, body: RecommendIn, desk: Member
) -> CommandAnswer:
    """Say what the committee should do; it is not a vote."""
    recommending = Recommending(
        meeting_id=meeting_id,
        application_id=application_id,
        person_id=desk.caller.id,
        recommendation=body.recommendation,
        text=body.text,
        on=desk.today,
    )
    return hand_in(desk, recommending, about=streams.review(application_id))


@router.get("/items/{application_id}/reviews")
def show_reviews(meeting_id: UUID, application_id: UUID, reader: Attends) -> ReviewOut:
    """What members think of an item; a member sees the others' when their own score is in."""
    reader.state(meeting.DECIDER, streams.meeting(meeting_id))
    seen = review_seen(
        reader.store,
        meeting_id,
        application_id,
        reader=reader.caller.id,
        member_only=only_member(reader.caller) is not None,
        on=reader.today,
    )
    return _review(seen)


@router.get("/reviews")
def list_missing_reviews(meeting_id: UUID, reader: Prepares) -> MissingReviewsOut:
    """Per item, who has not scored it yet and may."""
    reader.state(meeting.DECIDER, streams.meeting(meeting_id))
    missing = reviews_missing(reader.store, meeting_id, reader=reader.caller.id, on=reader.today)
    return MissingReviewsOut(
        items=tuple(
            MissingOut(application_id=application_id, not_scored=people)
            for application_id, people in missing.items()
        )
    )


@router.post("/items/{application_id}/ballot")
def cast_ballot(
    meeting_id: UUID, application_id: UUID, body: BallotIn, desk: Member
) -> CommandAnswer:
    """Vote at a written meeting, until its closing day; your last vote counts."""
    command = CastBallot(
        application_id=application_id, person_id=desk.caller.id, vote=body.vote, on=desk.today
    )
    voting = Voting(meeting_id=meeting_id, command=command)
    return hand_in(desk, voting, about=streams.meeting(meeting_id))


def _review(seen: ReviewSeen) -> ReviewOut:
    return ReviewOut.model_validate(
        {
            "grid": seen.grid,
            "scored": seen.scored,
            "not_scored": seen.not_scored,
            "opinions": [
                {
                    "person_id": person_id,
                    "scores": opinion.scores,
                    "times_scored": opinion.times_scored,
                    "recommendation": opinion.recommendation,
                    "text": opinion.text,
                }
                for person_id, opinion in seen.opinions
            ],
            "others_hidden": seen.others_hidden,
            "spread": seen.spread,
        },
        from_attributes=True,
    )
