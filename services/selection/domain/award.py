"""
An award: a committee's decision to fund, and the money reserved for it.

It ends when its agreement is executed (its reservation is then a commitment) or when it falls
(its reservation returns to the pockets): it lapses at its deadline or at that of a condition which
is not met, its applicant withdraws it, or a later decision of the committee replaces it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TypeAlias, assert_never
from uuid import UUID

from services.selection.domain.application import Participant, Proposal
from services.selection.domain.conditions import (
    Condition,
    ConfirmCondition,
    against_the_conditions,
    confirmable,
)
from services.selection.domain.grantable import against_the_funding
from shared.kernel.decider import Decider
from shared.kernel.refusals import NotFound, Reason, RuleBroken
from shared.kernel.schedule import FundingCell, MatchCell

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAward:
    """Promise money to a project."""

    award_id: UUID
    application_id: UUID
    meeting_id: UUID
    proposal: Proposal
    funding: tuple[FundingCell, ...]
    """As asked, or less."""
    lapses_on: date
    conditions: tuple[Condition, ...] = ()
    over_other_pockets: bool = False
    """Pockets that were not asked may stand in for those that were."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseAward:
    """Let the promise fall."""

    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitAward:
    """Its agreement was executed."""

    agreement_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAward:
    """Its applicant wants it no more."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceAward:
    """The committee made another decision about the same application."""

    by_award_id: UUID
    on: date


Command: TypeAlias = (
    ApproveAward | LapseAward | CommitAward | ConfirmCondition | WithdrawAward | ReplaceAward
)


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardApproved:
    """Money is reserved for a project, per participant, pocket and quarter."""

    award_id: UUID
    application_id: UUID
    meeting_id: UUID
    programme_code: str
    programme_version: int
    title: str
    participants: tuple[Participant, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    lapses_on: date
    effective_on: date
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardLapsed:
    """The promise fell before an agreement was executed."""

    award_id: UUID
    application_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardCommitted:
    """Its agreement was executed."""

    award_id: UUID
    agreement_id: UUID
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionConfirmed:
    """A condition of the award is met."""

    award_id: UUID
    condition_id: UUID
    met_on: date
    by: str
    """The person, opaque."""
    role: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardWithdrawn:
    """Its applicant wanted it no more."""

    award_id: UUID
    application_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardReplaced:
    """Another award of the same application stands in its place."""

    award_id: UUID
    application_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]
    by_award_id: UUID
    effective_on: date


Event: TypeAlias = (
    AwardApproved
    | AwardLapsed
    | AwardCommitted
    | ConditionConfirmed
    | AwardWithdrawn
    | AwardReplaced
)


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApproved:
    """There is no such award."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Money is reserved for it."""

    terms: AwardApproved
    met: Mapping[UUID, ConditionConfirmed] = field(default_factory=lambda: MappingProxyType({}))
    """The conditions that are met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """It fell; its reservation has returned."""

    terms: AwardApproved
    lapsed_on: date
    reason: str
    met: Mapping[UUID, ConditionConfirmed] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Its applicant wanted it no more; its reservation has returned."""

    terms: AwardApproved
    withdrawn_on: date
    met: Mapping[UUID, ConditionConfirmed] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """Another award stands in its place; its reservation has returned."""

    terms: AwardApproved
    by_award_id: UUID
    met: Mapping[UUID, ConditionConfirmed] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """Its agreement stands in its place."""

    terms: AwardApproved
    agreement_id: UUID
    met: Mapping[UUID, ConditionConfirmed] = field(default_factory=lambda: MappingProxyType({}))


Made: TypeAlias = Approved | Lapsed | Withdrawn | Replaced | Committed
Award: TypeAlias = NotApproved | Made


class AwardNotValid(RuleBroken):
    """The award cannot be made like this."""

    en = "The award cannot be made like this."
    fr = "La décision de financement ne peut pas être prise ainsi."


class AwardNoLongerStands(RuleBroken):
    """Only an award whose agreement is not executed, and which has not fallen, can change."""

    en = "The award cannot change any more: it is {state}."
    fr = "La décision de financement ne peut plus changer : {state_fr}."


STATES_FR = {
    "approved": "en vigueur",
    "lapsed": "caduque",
    "withdrawn": "retirée",
    "replaced": "remplacée",
    "committed": "engagée",
}
"""The code of each state, and its name in French."""


def state_of(award: Made) -> str:
    """One of ``STATES_FR``: the name of the state."""
    return type(award).__name__.lower()


def standing(award: Award) -> Approved:
    """The award if it stands and is not executed; else ``AwardNoLongerStands``."""
    made = approved(award)
    if isinstance(made, Approved):
        return made
    state = state_of(made)
    raise AwardNoLongerStands(state=state, state_fr=STATES_FR[state])


def approved(award: Award) -> Made:
    """The award, whatever became of it, or ``NotFound``."""
    if isinstance(award, NotApproved):
        raise NotFound(kind="award")
    return award


def decide(  # noqa: PLR0911  # one case per command
    command: Command, award: Award
) -> Sequence[Event]:
    """What follows, or ``AwardNotValid`` with every reason."""
    match command:
        case ApproveAward():
            return _approve(command, award)
        case LapseAward():
            if not isinstance(award, Approved):
                return []  # executed or lapsed before: there is nothing left to fall
            return [
                AwardLapsed(
                    award_id=award.terms.award_id,
                    application_id=award.terms.application_id,
                    programme_code=award.terms.programme_code,
                    funding=award.terms.funding,
                    reason=command.reason,
                    effective_on=command.on,
                )
            ]
        case CommitAward():
            # An agreement executed in time may be heard of after its award has fallen:
            # it is signed, so it stands.
            if isinstance(award, NotApproved | Committed):
                return []
            return [
                AwardCommitted(
                    award_id=award.terms.award_id,
                    agreement_id=command.agreement_id,
                    effective_on=command.on,
                )
            ]
        case ConfirmCondition():
            return _confirm(command, standing(award))
        case WithdrawAward() | ReplaceAward():
            return _end(command, standing(award).terms)
        case unreachable:
            assert_never(unreachable)


def _confirm(command: ConfirmCondition, made: Approved) -> Sequence[Event]:
    met_before = {condition_id: each.met_on for condition_id, each in made.met.items()}
    asked = confirmable(command, made.terms.conditions, met_before=met_before)
    return [
        ConditionConfirmed(
            award_id=made.terms.award_id,
            condition_id=asked.condition_id,
            met_on=command.met_on,
            by=command.by,
            role=asked.confirmed_by,
            effective_on=command.on,
        )
    ]


def _end(command: WithdrawAward | ReplaceAward, terms: AwardApproved) -> Sequence[Event]:
    match command:
        case WithdrawAward():
            return [
                AwardWithdrawn(
                    award_id=terms.award_id,
                    application_id=terms.application_id,
                    programme_code=terms.programme_code,
                    funding=terms.funding,
                    effective_on=command.on,
                )
            ]
        case ReplaceAward():
            return [
                AwardReplaced(
                    award_id=terms.award_id,
                    application_id=terms.application_id,
                    programme_code=terms.programme_code,
                    funding=terms.funding,
                    by_award_id=command.by_award_id,
                    effective_on=command.on,
                )
            ]
        case unreachable:
            assert_never(unreachable)


def _approve(command: ApproveAward, award: Award) -> Sequence[Event]:
    if not isinstance(award, NotApproved):
        return []
    reasons = [
        *against_the_funding(
            command.funding, command.proposal, over_other_pockets=command.over_other_pockets
        ),
        *against_the_conditions(
            command.conditions, lapses_on=command.lapses_on, decided_on=command.on
        ),
    ]
    if command.lapses_on <= command.on:
        reasons.append(
            Reason(
                code="lapses-too-soon",
                en="An award lapses on a later day than that of the decision.",
                fr="Une décision de financement devient caduque un jour postérieur à la réunion.",
                field="lapses_on",
                accepted={"after": str(command.on)},
            )
        )
    if reasons:
        raise AwardNotValid(reasons=reasons)
    proposal = command.proposal
    return [
        AwardApproved(
            award_id=command.award_id,
            application_id=command.application_id,
            meeting_id=command.meeting_id,
            programme_code=proposal.programme_code,
            programme_version=proposal.programme_version,
            title=proposal.title,
            participants=proposal.participants,
            starts_on=proposal.starts_on,
            ends_on=proposal.ends_on,
            funding=command.funding,
            match=proposal.match,
            lapses_on=command.lapses_on,
            effective_on=command.on,
            conditions=command.conditions,
        )
    ]


def must_be_grantable(funding: tuple[FundingCell, ...], proposal: Proposal) -> None:
    """Refuse what an award could not grant: ``AwardNotValid`` with every reason."""
    reasons = list(against_the_funding(funding, proposal, over_other_pockets=False))
    if reasons:
        raise AwardNotValid(reasons=reasons)


def evolve(award: Award, event: Event) -> Award:
    """The state after ``event``."""
    match event:
        case AwardApproved():
            return Approved(terms=event)
        case AwardLapsed():
            made = approved(award)
            return Lapsed(
                terms=made.terms, lapsed_on=event.effective_on, reason=event.reason, met=made.met
            )
        case AwardCommitted():
            made = approved(award)
            return Committed(terms=made.terms, agreement_id=event.agreement_id, met=made.met)
        case ConditionConfirmed():
            made = approved(award)
            return replace(made, met=MappingProxyType({**made.met, event.condition_id: event}))
        case AwardWithdrawn():
            made = approved(award)
            return Withdrawn(terms=made.terms, withdrawn_on=event.effective_on, met=made.met)
        case AwardReplaced():
            made = approved(award)
            return Replaced(terms=made.terms, by_award_id=event.by_award_id, met=made.met)
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, Award, Event] = Decider(
    initial=NotApproved(), decide=decide, evolve=evolve
)
