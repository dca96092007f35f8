"""
Voting in writing: each member votes on each item, from the opening to the closing day.

A member may vote again until then: their last vote counts. Who did not vote is not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.selection.domain.calendar import MeetingKind
from services.selection.domain.meeting import (
    BallotCast,
    ItemAlreadyDecided,
    Meeting,
    NotMembers,
    NotOnTheAgenda,
    Vote,
    sitting,
)
from shared.kernel.refusals import RuleBroken


@dataclass(frozen=True, slots=True, kw_only=True)
class CastBallot:
    """Vote on one item in writing."""

    application_id: UUID
    person_id: str
    vote: Vote
    on: date


class NotWritten(RuleBroken):
    """Votes come in writing at a written meeting only."""

    en = "This meeting is not held in writing: votes are recorded with the decision."
    fr = "Cette réunion ne se tient pas par écrit : les votes sont consignés avec la décision."


class VotingClosed(RuleBroken):
    """After the closing day no vote comes in."""

    en = "Votes came in until {closes_on}."
    fr = "Les votes étaient reçus jusqu’au {closes_on}."


def cast(command: CastBallot, meeting: Meeting) -> Sequence[BallotCast]:
    """The vote; nothing when it is the same as before. An item in conflict is not there."""
    opened = sitting(meeting)
    if opened.kind is not MeetingKind.WRITTEN:
        raise NotWritten
    if opened.closes_on is not None and command.on > opened.closes_on:
        raise VotingClosed(closes_on=opened.closes_on)
    voters = {each.person_id for each in opened.members if each.serves(command.on)}
    if command.person_id not in voters:
        raise NotMembers(people=command.person_id)
    if command.person_id in opened.conflicted.get(command.application_id, {command.person_id}):
        raise NotOnTheAgenda(application_id=command.application_id)
    if command.application_id in opened.decided:
        raise ItemAlreadyDecided(application_id=command.application_id)
    if opened.cast.get((command.application_id, command.person_id)) is command.vote:
        return []
    return [
        BallotCast(
            meeting_id=opened.meeting_id,
            application_id=command.application_id,
            person_id=command.person_id,
            vote=command.vote,
            effective_on=command.on,
        )
    ]
