"""
What each kind of amendment may do, and what it does: checks and effects, all pure.

An effect is differences to the schedule, the match, the budget, the end and the participants.
It is computed from the agreement as it stands, so that what was claimed meanwhile does not move.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID

from services.claims.domain.budget import left_in_budget
from services.claims.domain.changes import (
    BudgetMove,
    Change,
    Increase,
    ParticipantAddition,
    ParticipantWithdrawal,
    Reduction,
    ScopeChange,
    TimeExtension,
)
from services.claims.domain.state import Agreement, ApprovedClaim
from services.claims.domain.values import BudgetLine, Party
from shared.kernel.frozen import replace
from shared.kernel.money import ZERO, Money, total
from shared.kernel.refusals import Invalid, Refusal, RuleBroken
from shared.kernel.schedule import FundingCell, MatchCell, total_by_pocket

Move: TypeAlias = BudgetMove | TimeExtension
"""What adds and takes no money."""

AskedMoney: TypeAlias = Move | Increase | Reduction | ParticipantAddition | ParticipantWithdrawal
"""What names amounts."""


class EndNotLater(RuleBroken):
    """A time extension moves the end to a later day."""

    en = "A time extension ends after {ends_on}."
    fr = "Une prolongation se termine après le {ends_on}."


class MoneyAddedOrTaken(RuleBroken):
    """An amendment of this kind adds and takes no money, pocket by pocket."""

    en = "Differences of {kind} add up to zero in each pocket, and for match."
    fr = "Les écarts d’une modification « {kind} » s’annulent dans chaque enveloppe et pour la contrepartie."  # noqa: E501  # one sentence


class NotAReduction(RuleBroken):
    """A reduction takes public money and adds none to any pocket."""

    en = "A reduction takes public money and adds none to any pocket."
    fr = "Une réduction retire des fonds publics et n’en ajoute à aucune enveloppe."


class NotAnIncrease(RuleBroken):
    """An increase adds public money and takes none from any pocket."""

    en = "An increase adds public money and takes none from any pocket."
    fr = "Une augmentation ajoute des fonds publics et n’en retire d’aucune enveloppe."


class ParticipantAlreadyThere(RuleBroken):
    """An organisation takes part once, and one that left stays away."""

    en = "The organisation takes part already, or it left."
    fr = "L’organisation participe déjà, ou elle est partie."


class AdditionTakesMoney(RuleBroken):
    """Adding a participant takes money from no pocket."""

    en = "Adding a participant moves money to it, or adds some; it takes none from any pocket."
    fr = "L’ajout d’un participant lui attribue des fonds; il n’en retire d’aucune enveloppe."


class ParticipantHasLeft(RuleBroken):
    """A withdrawal is final."""

    en = "The participant left on {withdrawn_on}."
    fr = "Le participant est parti le {withdrawn_on}."


class LastParticipant(RuleBroken):
    """An agreement keeps at least one participant; without any it is terminated."""

    en = "It is the last participant; terminate the agreement instead."
    fr = "C’est le dernier participant; il faut plutôt résilier l’entente."


class ClaimsOfParticipantOpen(RuleBroken):
    """The claims of a participant that leaves are decided or taken back first."""

    en = "{count} claims of the participant are still open."
    fr = "{count} réclamations du participant sont encore ouvertes."


class AdvancesOfParticipantUnsettled(RuleBroken):
    """A participant accounts for its advances, or returns them, before it leaves."""

    en = "{amount} of advances to the participant is not settled."
    fr = "Il reste {amount} d’avances au participant à régler."


class LeftBeforeItsClaims(RuleBroken):
    """A participant does not leave before costs that it was reimbursed for."""

    en = "Costs of the participant were claimed until {claimed_until}; it cannot leave before."
    fr = "Des coûts du participant ont été réclamés jusqu’au {claimed_until}; il ne peut partir avant."  # noqa: E501  # one sentence


class GivenMoreThanLeft(RuleBroken):
    """Others get at most what a participant that leaves has not claimed."""

    en = "Others get between nothing and {left} of {what}."
    fr = "Les autres reçoivent entre rien et {left} de {what}."


class GivenToLeaver(Invalid):
    """What a participant leaves goes to others."""

    en = "What the participant leaves goes to others."
    fr = "Ce que le participant laisse va à d’autres."


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an amendment changes, as differences."""

    ends_on: date
    funding: tuple[FundingCell, ...] = ()
    match: tuple[MatchCell, ...] = ()
    budget: tuple[BudgetLine, ...] = ()
    added: tuple[Party, ...] = ()
    withdrawn: tuple[UUID, ...] = ()
    scope: tuple[str, str] | None = None


def effect_of(change: Change, agreement: Agreement) -> Effect:
    """What the change does to the agreement as it stands; what was asked for comes first."""
    match change:
        case TimeExtension():
            return _as_asked(change, change.ends_on)
        case BudgetMove():
            return _as_asked(change, agreement.ends_on)
        case Increase() | Reduction():
            return _as_asked(change, change.ends_on or agreement.ends_on)
        case ParticipantAddition():
            return replace(_as_asked(change, agreement.ends_on), added=(change.party,))
        case ParticipantWithdrawal():
            return _withdrawal(change, agreement)
        case ScopeChange():
            return Effect(ends_on=agreement.ends_on, scope=(change.text_en, change.text_fr))
        case unreachable:
            assert_never(unreachable)


def _as_asked(change: Move | Increase | Reduction | ParticipantAddition, ends_on: date) -> Effect:
    return Effect(ends_on=ends_on, funding=change.funding, match=change.match, budget=change.budget)


def _withdrawal(change: ParticipantWithdrawal, agreement: Agreement) -> Effect:
    """All that the participant has not claimed goes; others get what is named, pockets the rest."""
    leaver = change.participant_id
    return Effect(
        ends_on=agreement.ends_on,
        funding=(
            *change.funding,
            *(
                replace(cell, amount=-cell.amount)
                for cell in agreement.funding_left()
                if cell.participant_id == leaver
            ),
        ),
        match=(
            *change.match,
            *(
                replace(cell, cash=-cell.cash, in_kind=-cell.in_kind)
                for cell in agreement.match_left()
                if cell.participant_id == leaver
            ),
        ),
        budget=(*change.budget, *left_in_budget(agreement, leaver)),
        withdrawn=(leaver,),
    )


def increase_of(effect: Effect) -> tuple[FundingCell, ...]:
    """The cells of the pockets that get more than they give: what is reserved there first."""
    growing = {code for code, amount in total_by_pocket(effect.funding).items() if amount > ZERO}
    return tuple(cell for cell in effect.funding if cell.pocket in growing and cell.amount)


def refusals_of(  # noqa: C901  # one branch per kind
    change: Change, agreement: Agreement, on: date
) -> Iterator[Refusal]:
    """An amendment does what its kind says, and nothing else; ``on`` is when it counts from."""
    match change:
        case BudgetMove():
            yield from _moves_only(change)
        case TimeExtension():
            yield from _moves_only(change)
            if change.ends_on <= agreement.ends_on:
                yield EndNotLater(field="ends_on", ends_on=agreement.ends_on)
        case Increase():
            if not _all_point(change.funding, sign=1):
                yield NotAnIncrease(field="funding")
        case Reduction():
            if not _all_point(change.funding, sign=-1):
                yield NotAReduction(field="funding")
        case ParticipantAddition():
            yield from _addition(change, agreement)
        case ParticipantWithdrawal():
            yield from _leaving(change, agreement, on)
            yield from _giving(change, agreement)
        case ScopeChange():
            pass  # words only: whoever approves judges them
        case unreachable:
            assert_never(unreachable)


def touched_by(change: AskedMoney) -> set[UUID]:
    """The participants whose amounts it names."""
    return {
        *(cell.participant_id for cell in change.funding),
        *(cell.participant_id for cell in change.match),
        *(line.participant_id for line in change.budget),
    }


def _moves_only(change: Move) -> Iterator[Refusal]:
    if (
        any(total_by_pocket(change.funding).values())
        or total(cell.cash for cell in change.match)
        or total(cell.in_kind for cell in change.match)
    ):
        yield MoneyAddedOrTaken(field="funding", kind=change.kind)


def _all_point(funding: Iterable[FundingCell], *, sign: int) -> bool:
    signed = [sign * amount.cents for amount in total_by_pocket(funding).values()]
    return any(signed) and min(signed) >= 0


def _addition(change: ParticipantAddition, agreement: Agreement) -> Iterator[Refusal]:
    there = {party.organisation_id for party in agreement.participants.values()}
    if change.party.organisation_id in there:
        yield ParticipantAlreadyThere(field="party.organisation_id")
    if min(total_by_pocket(change.funding).values(), default=ZERO) < ZERO:
        yield AdditionTakesMoney(field="funding")


def _leaving(change: ParticipantWithdrawal, agreement: Agreement, on: date) -> Iterator[Refusal]:
    """Directive on Transfer Payments: what was reimbursed stays with who spent it, and counts."""
    leaver = change.participant_id
    if leaver in agreement.withdrawn_on:
        yield ParticipantHasLeft(
            field="participant_id", withdrawn_on=agreement.withdrawn_on[leaver]
        )
    elif len(agreement.active_participants) == 1:
        yield LastParticipant(field="participant_id")
    claims = agreement.claims_of(leaver)
    still_open = [claim for claim in claims if not isinstance(claim, ApprovedClaim)]
    if still_open:
        yield ClaimsOfParticipantOpen(count=len(still_open))
    advanced = agreement.advances_unsettled(leaver)
    if advanced:
        yield AdvancesOfParticipantUnsettled(amount=advanced)
    claimed_until = max(
        (line.incurred_to for each in claims for line in each.form.lines), default=on
    )
    if claimed_until > on:
        yield LeftBeforeItsClaims(
            field="effective_on", accepted=claimed_until.isoformat(), claimed_until=claimed_until
        )


def _giving(change: ParticipantWithdrawal, agreement: Agreement) -> Iterator[Refusal]:
    leaver = change.participant_id
    if leaver in touched_by(change):
        yield GivenToLeaver(field="funding")
    left = total_by_pocket(
        cell for cell in agreement.funding_left() if cell.participant_id == leaver
    )
    for pocket, given in _per_pocket(change.funding).items():
        yield from _within(given, left.get(pocket, ZERO), what=pocket, field="funding")
    match = [cell for cell in agreement.match_left() if cell.participant_id == leaver]
    for what, given, has in (
        ("match-cash", [each.cash for each in change.match], total(each.cash for each in match)),
        (
            "match-in-kind",
            [each.in_kind for each in change.match],
            total(each.in_kind for each in match),
        ),
    ):
        yield from _within(given, max(has, ZERO), what=what, field="match")


def _per_pocket(funding: Iterable[FundingCell]) -> Mapping[str, list[Money]]:
    result: dict[str, list[Money]] = {}
    for cell in funding:
        result.setdefault(cell.pocket, []).append(cell.amount)
    return result


def _within(given: list[Money], left: Money, *, what: str, field: str) -> Iterator[Refusal]:
    if any(amount < ZERO for amount in given) or total(given) > left:
        yield GivenMoreThanLeft(field=field, accepted=left.cents, left=left, what=what)
