"""
An application as the committee knows it: what intake forwarded, and what became of it.

It is its own stream so that it is decided once, whatever meetings it goes through: a decision
and a withdrawal that happen at the same time cannot both be appended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID

from shared.kernel.decider import Decider
from shared.kernel.money import Money, total
from shared.kernel.refusals import RuleBroken
from shared.kernel.schedule import FundingCell, MatchCell


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A member of the consortium."""

    participant_id: UUID
    organisation_id: UUID
    role: str
    name: str
    province: str
    sme: bool
    naics: str | None = None
    """Its industry, two to six digits; None where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One line of the scoring grid, filled in by intake."""

    criterion: str
    score: int
    out_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is before the committee."""

    programme_code: str
    programme_version: int
    title: str
    lead_organisation_id: UUID
    participants: tuple[Participant, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    scores: tuple[Score, ...]
    summary: str
    risks: tuple[str, ...] = ()
    """What due diligence found that may go wrong; empty where intake names none."""
    submitted_on: date | None = None
    """None where intake did not say."""

    @property
    def lead_province(self) -> str | None:
        """Of the organisation that leads it."""
        return next(
            (
                each.province
                for each in self.participants
                if each.organisation_id == self.lead_organisation_id
            ),
            None,
        )

    @property
    def asked(self) -> Money:
        """The public money it asks for in all."""
        return total(cell.amount for cell in self.funding)

    @property
    def organisations(self) -> frozenset[UUID]:
        """Whose application it is: the lead and every participant."""
        return frozenset(
            {self.lead_organisation_id, *(p.organisation_id for p in self.participants)}
        )


# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveApplication:
    """Take in what intake forwarded."""

    application_id: UUID
    proposal: Proposal
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteConflict:
    """Keep that this person may have no part in it, at this meeting or a later one."""

    application_id: UUID
    person_id: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DropConflict:
    """That was an error: this person may have a part in it."""

    application_id: UUID
    person_id: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FundApplication:
    """Close it with an award."""

    application_id: UUID
    meeting_id: UUID
    award_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineApplication:
    """Close it without one."""

    application_id: UUID
    meeting_id: UUID
    reasons: tuple[str, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawApplication:
    """Its applicant took it back."""

    application_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenApplication:
    """Put it before the committee again; its award stands until there is another decision."""

    application_id: UUID
    reason: str
    on: date


Command: TypeAlias = (
    ReceiveApplication
    | NoteConflict
    | DropConflict
    | FundApplication
    | DeclineApplication
    | WithdrawApplication
    | ReopenApplication
)


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationReceived:
    """Intake forwarded it, or forwarded it again with changes before it was decided."""

    application_id: UUID
    proposal: Proposal
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictNoted:
    """A member has an interest in it."""

    application_id: UUID
    person_id: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDropped:
    """A member has no interest in it after all."""

    application_id: UUID
    person_id: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFunded:
    """A committee decided to fund it."""

    application_id: UUID
    meeting_id: UUID
    award_id: UUID
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDeclined:
    """A committee decided not to fund it."""

    application_id: UUID
    meeting_id: UUID
    reasons: tuple[str, ...]
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationWithdrawn:
    """Its applicant took it back."""

    application_id: UUID
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationReopened:
    """It is before the committee again; its award stands until there is another decision."""

    application_id: UUID
    award_id: UUID
    reason: str
    effective_on: date


Event: TypeAlias = (
    ApplicationReceived
    | ConflictNoted
    | ConflictDropped
    | ApplicationFunded
    | ApplicationDeclined
    | ApplicationWithdrawn
    | ApplicationReopened
)


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReceived:
    """Nothing was forwarded under this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Before the committee, undecided."""

    proposal: Proposal
    conflicted: frozenset[str] = frozenset()
    received_on: date | None = None
    """When it first came before a committee: its place on an agenda."""
    standing_award: UUID | None = None
    """What was decided before, where the committee decides again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funded:
    """Decided: an award was made."""

    proposal: Proposal
    conflicted: frozenset[str]
    award_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """Decided: no award."""

    proposal: Proposal
    conflicted: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Taken back; ``award_id`` when that was after an award."""

    proposal: Proposal
    conflicted: frozenset[str]
    award_id: UUID | None = None


Known: TypeAlias = Waiting | Funded | Declined | Withdrawn
Application: TypeAlias = NotReceived | Known


class ApplicationNotFunded(RuleBroken):
    """Only what was funded is decided again."""

    en = "Application {application_id} was not funded: there is nothing to decide again."
    fr = "La demande {application_id} n’a pas été financée : rien n’est à décider de nouveau."


class ApplicationNotBeforeCommittee(RuleBroken):
    """The application is not waiting for a decision."""

    en = "Application {application_id} is not waiting for a decision: it is {state}."
    fr = "La demande {application_id} n’attend pas de décision : {state}."


def waiting(application_id: UUID, application: Application) -> Waiting:
    """The application if it waits for a decision; else ``ApplicationNotBeforeCommittee``."""
    if isinstance(application, Waiting):
        return application
    raise ApplicationNotBeforeCommittee(
        application_id=application_id, state=type(application).__name__.lower()
    )


def decide(  # noqa: PLR0911  # one case per command
    command: Command, application: Application
) -> Sequence[Event]:
    """What follows; only a decision on one that does not wait is refused."""
    match command:
        case ReceiveApplication():
            return _receive(command, application)
        case NoteConflict():
            return _note_conflict(command, waiting(command.application_id, application))
        case DropConflict():
            return _drop_conflict(command, waiting(command.application_id, application))
        case FundApplication():
            return _fund(command, waiting(command.application_id, application))
        case DeclineApplication():
            return _decline(command, waiting(command.application_id, application))
        case WithdrawApplication():
            return _withdraw(command, application)
        case ReopenApplication():
            return _reopen(command, application)
        case unreachable:
            assert_never(unreachable)


def _receive(command: ReceiveApplication, application: Application) -> Sequence[Event]:
    match application:
        case NotReceived():
            pass
        case Waiting():
            if application.proposal == command.proposal:
                return []
        case Funded() | Declined() | Withdrawn():
            return []  # decided or taken back: a new try is a new application
        case unreachable:
            assert_never(unreachable)
    return [
        ApplicationReceived(
            application_id=command.application_id,
            proposal=command.proposal,
            effective_on=command.on,
        )
    ]


def _note_conflict(command: NoteConflict, application: Waiting) -> Sequence[Event]:
    if command.person_id in application.conflicted:
        return []
    return [
        ConflictNoted(
            application_id=command.application_id,
            person_id=command.person_id,
            effective_on=command.on,
        )
    ]


def _drop_conflict(command: DropConflict, application: Waiting) -> Sequence[Event]:
    if command.person_id not in application.conflicted:
        return []
    return [
        ConflictDropped(
            application_id=command.application_id,
            person_id=command.person_id,
            effective_on=command.on,
        )
    ]


def _fund(command: FundApplication, _application: Waiting) -> Sequence[Event]:
    return [
        ApplicationFunded(
            application_id=command.application_id,
            meeting_id=command.meeting_id,
            award_id=command.award_id,
            effective_on=command.on,
        )
    ]


def _decline(command: DeclineApplication, _application: Waiting) -> Sequence[Event]:
    return [
        ApplicationDeclined(
            application_id=command.application_id,
            meeting_id=command.meeting_id,
            reasons=command.reasons,
            effective_on=command.on,
        )
    ]


def _withdraw(command: WithdrawApplication, application: Application) -> Sequence[Event]:
    if not isinstance(application, Waiting | Funded):
        return []  # never forwarded, declined or withdrawn before: nothing to take back
    return [ApplicationWithdrawn(application_id=command.application_id, effective_on=command.on)]


def _reopen(command: ReopenApplication, application: Application) -> Sequence[Event]:
    if not isinstance(application, Funded):
        raise ApplicationNotFunded(application_id=command.application_id)
    return [
        ApplicationReopened(
            application_id=command.application_id,
            award_id=application.award_id,
            reason=command.reason,
            effective_on=command.on,
        )
    ]


def evolve(  # noqa: PLR0911  # one case per event
    application: Application, event: Event
) -> Application:
    """The state after ``event``."""
    match event:
        case ApplicationReceived():
            if isinstance(application, Waiting):
                return replace(application, proposal=event.proposal)
            return Waiting(proposal=event.proposal, received_on=event.effective_on)
        case ConflictNoted() | ConflictDropped():
            known = _known(application)
            person = {event.person_id}
            after = (
                known.conflicted | person
                if isinstance(event, ConflictNoted)
                else known.conflicted - person
            )
            return replace(known, conflicted=after)
        case ApplicationFunded():
            known = _known(application)
            return Funded(
                proposal=known.proposal, conflicted=known.conflicted, award_id=event.award_id
            )
        case ApplicationDeclined():
            known = _known(application)
            return Declined(proposal=known.proposal, conflicted=known.conflicted)
        case ApplicationWithdrawn():
            known = _known(application)
            return Withdrawn(
                proposal=known.proposal,
                conflicted=known.conflicted,
                award_id=_award_of(known),
            )
        case ApplicationReopened():
            known = _known(application)
            return Waiting(
                proposal=known.proposal,
                conflicted=known.conflicted,
                standing_award=event.award_id,
            )
        case unreachable:
            assert_never(unreachable)


def _award_of(known: Known) -> UUID | None:
    match known:
        case Funded():
            return known.award_id
        case Waiting():
            return known.standing_award
        case _:
            return None


def _known(application: Application) -> Known:
    # An event after nothing was received cannot have been decided: a defect, not an input.
    if isinstance(application, NotReceived):
        raise TypeError("an application's history starts with its reception")
    return application


DECIDER: Decider[Command, Application, Event] = Decider(
    initial=NotReceived(), decide=decide, evolve=evolve
)
