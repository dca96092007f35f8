"""
One funder's envelope for one programme: what it holds, and what we have promised of it.

    available = authority − reserved − committed

A promise of ours is never made beyond ``available``. What a funder grants is the funder's to say:
when it cuts an envelope below what was already promised, that is recorded as it is, ``available``
is negative, and nothing more can be promised until it is made good.
``committed`` is everything contracted: owed and paid amounts are part of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TypeAlias, assert_never
from uuid import UUID

from shared.kernel.decider import Decider
from shared.kernel.money import ZERO, Money, total
from shared.kernel.refusals import RuleBroken

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAuthority:
    """Take note of what the funder has granted in all."""

    pocket: str
    funder: str
    funder_agreement: str
    authority: Money
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Promise money to an award."""

    pocket: str
    award_id: UUID
    amount: Money
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReservation:
    """Take back what was promised to an award that fell."""

    pocket: str
    award_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Turn what was reserved for an award into what its agreement commits."""

    pocket: str
    award_id: UUID
    project_id: UUID
    committed: Money
    """What the agreement commits; the difference from what was reserved is to or from available."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustCommitment:
    """An agreement was amended, or gave part of its commitment back."""

    pocket: str
    project_id: UUID
    change_id: UUID
    """Of the change: the same change is made once."""
    difference: Money
    on: date
    amendment_id: UUID | None = None
    """Of the amendment that it is: what was reserved for that is used first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveIncrease:
    """Keep money for an amendment that is proposed."""

    pocket: str
    amendment_id: UUID
    amount: Money
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnIncrease:
    """Keep money no longer for an amendment that will not take effect."""

    pocket: str
    amendment_id: UUID
    on: date


Command: TypeAlias = (
    SetAuthority
    | Reserve
    | ReturnReservation
    | Commit
    | AdjustCommitment
    | ReserveIncrease
    | ReturnIncrease
)


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoritySet:
    """The funder opened or changed the envelope: the new total."""

    pocket: str
    funder: str
    funder_agreement: str
    authority: Money
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountReserved:
    """Available money is promised to an award."""

    pocket: str
    award_id: UUID
    amount: Money
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationReturned:
    """Money promised to an award is available again."""

    pocket: str
    award_id: UUID
    amount: Money
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationCommitted:
    """An agreement was executed: its reservation became its commitment."""

    pocket: str
    award_id: UUID
    project_id: UUID
    reserved: Money
    committed: Money
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentAdjusted:
    """A commitment grew from what was available, or gave back to it."""

    pocket: str
    project_id: UUID
    change_id: UUID
    difference: Money
    effective_on: date
    amendment_id: UUID | None = None
    reserved: Money = ZERO
    """What had been reserved for the amendment, and is no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketIncreaseReserved:
    """Available money is kept for an amendment that is proposed."""

    pocket: str
    amendment_id: UUID
    amount: Money
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketIncreaseReturned:
    """Money kept for an amendment is available again."""

    pocket: str
    amendment_id: UUID
    amount: Money
    effective_on: date


Event: TypeAlias = (
    AuthoritySet
    | AmountReserved
    | ReservationReturned
    | ReservationCommitted
    | CommitmentAdjusted
    | PocketIncreaseReserved
    | PocketIncreaseReturned
)


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class Pocket:
    """An envelope; before its funder opens it, it holds nothing."""

    funder: str | None = None
    funder_agreement: str | None = None
    authority: Money = ZERO
    reserved_for: Mapping[UUID, Money] = field(default_factory=lambda: MappingProxyType({}))
    """Per award."""
    kept_for: Mapping[UUID, Money] = field(default_factory=lambda: MappingProxyType({}))
    """Per amendment that is proposed and would add money."""
    committed_to: Mapping[UUID, Money] = field(default_factory=lambda: MappingProxyType({}))
    """Per project."""
    changes: frozenset[UUID] = frozenset()
    """The adjustments that were made."""

    @property
    def reserved(self) -> Money:
        """Promised to awards not executed yet, and to amendments not approved yet."""
        return total(self.reserved_for.values()) + total(self.kept_for.values())

    @property
    def committed(self) -> Money:
        """Contracted."""
        return total(self.committed_to.values())

    @property
    def available(self) -> Money:
        """Granted and promised to nobody."""
        return self.authority - self.reserved - self.committed


class NotEnoughInPocket(RuleBroken):
    """The pocket does not have that much left."""

    en = "Pocket {pocket} has {left} left, and {asked} is asked of it."
    fr = "Il reste {left} dans l’enveloppe {pocket}, à laquelle on demande {asked}."


class NothingToReserve(RuleBroken):
    """A promise is of a positive amount."""

    en = "A reservation of {asked} in pocket {pocket} promises nothing."
    fr = "Une réservation de {asked} dans l’enveloppe {pocket} ne promet rien."


class CommitmentBelowZero(RuleBroken):
    """A commitment cannot give back more than it holds."""

    en = "Pocket {pocket} has {committed} committed to project {project_id}: {difference} is more."
    fr = (
        "L’enveloppe {pocket} a {committed} d’engagés au projet {project_id} :"
        " {difference} dépasse ce montant."
    )


def _must_have(pocket: Pocket, code: str, asked: Money) -> None:
    if asked > pocket.available:
        raise NotEnoughInPocket(
            pocket=code,
            asked=asked,
            left=pocket.available,
            field=f"funding[{code}]",
            accepted={"at_most": pocket.available},
        )


def decide(  # noqa: PLR0911  # one branch per command
    command: Command, pocket: Pocket
) -> Sequence[Event]:
    """What follows; ``NotEnoughInPocket`` when more is asked than is available."""
    match command:
        case SetAuthority():
            return _set_authority(command, pocket)
        case Reserve():
            return _reserve(command, pocket)
        case ReturnReservation():
            reserved = pocket.reserved_for.get(command.award_id)
            if reserved is None:
                return []
            return [
                ReservationReturned(
                    pocket=command.pocket,
                    award_id=command.award_id,
                    amount=reserved,
                    effective_on=command.on,
                )
            ]
        case Commit():
            return _commit(command, pocket)
        case AdjustCommitment():
            return _adjust(command, pocket)
        case ReserveIncrease():
            return _keep(command, pocket)
        case ReturnIncrease():
            kept = pocket.kept_for.get(command.amendment_id)
            if kept is None:
                return []
            return [
                PocketIncreaseReturned(
                    pocket=command.pocket,
                    amendment_id=command.amendment_id,
                    amount=kept,
                    effective_on=command.on,
                )
            ]
        case unreachable:
            assert_never(unreachable)


def _set_authority(command: SetAuthority, pocket: Pocket) -> Sequence[Event]:
    known = (pocket.funder, pocket.funder_agreement, pocket.authority)
    if known == (command.funder, command.funder_agreement, command.authority):
        return []
    return [
        AuthoritySet(
            pocket=command.pocket,
            funder=command.funder,
            funder_agreement=command.funder_agreement,
            authority=command.authority,
            effective_on=command.on,
        )
    ]


def _reserve(command: Reserve, pocket: Pocket) -> Sequence[Event]:
    if command.award_id in pocket.reserved_for:
        return []
    if command.amount.cents <= 0:
        raise NothingToReserve(pocket=command.pocket, asked=command.amount)
    _must_have(pocket, command.pocket, command.amount)
    return [
        AmountReserved(
            pocket=command.pocket,
            award_id=command.award_id,
            amount=command.amount,
            effective_on=command.on,
        )
    ]


def _commit(command: Commit, pocket: Pocket) -> Sequence[Event]:
    if command.project_id in pocket.committed_to:
        return []
    reserved = pocket.reserved_for.get(command.award_id, ZERO)
    if not reserved and not command.committed:
        return []
    difference = command.committed - reserved
    if difference > ZERO:
        _must_have(pocket, command.pocket, difference)
    return [
        ReservationCommitted(
            pocket=command.pocket,
            award_id=command.award_id,
            project_id=command.project_id,
            reserved=reserved,
            committed=command.committed,
            effective_on=command.on,
        )
    ]


def _adjust(command: AdjustCommitment, pocket: Pocket) -> Sequence[Event]:
    if not command.difference or command.change_id in pocket.changes:
        return []
    committed = pocket.committed_to.get(command.project_id, ZERO)
    if committed + command.difference < ZERO:
        raise CommitmentBelowZero(
            pocket=command.pocket,
            committed=committed,
            project_id=command.project_id,
            difference=command.difference,
        )
    # What was kept for the amendment is its own, and is used before anything is asked for.
    kept = ZERO
    if command.amendment_id is not None:
        kept = pocket.kept_for.get(command.amendment_id, ZERO)
    if command.difference > kept:
        _must_have(pocket, command.pocket, command.difference - kept)
    return [
        CommitmentAdjusted(
            pocket=command.pocket,
            project_id=command.project_id,
            change_id=command.change_id,
            difference=command.difference,
            effective_on=command.on,
            amendment_id=command.amendment_id,
            reserved=kept,
        )
    ]


def _keep(command: ReserveIncrease, pocket: Pocket) -> Sequence[Event]:
    if command.amendment_id in pocket.kept_for:
        return []
    if command.amount.cents <= 0:
        raise NothingToReserve(pocket=command.pocket, asked=command.amount)
    _must_have(pocket, command.pocket, command.amount)
    return [
        PocketIncreaseReserved(
            pocket=command.pocket,
            amendment_id=command.amendment_id,
            amount=command.amount,
            effective_on=command.on,
        )
    ]


def evolve(  # noqa: PLR0911  # one branch per event
    pocket: Pocket, event: Event
) -> Pocket:
    """The state after ``event``."""
    match event:
        case AuthoritySet():
            return replace(
                pocket,
                funder=event.funder,
                funder_agreement=event.funder_agreement,
                authority=event.authority,
            )
        case AmountReserved():
            return replace(
                pocket, reserved_for=_put(pocket.reserved_for, event.award_id, event.amount)
            )
        case ReservationReturned():
            return replace(pocket, reserved_for=_drop(pocket.reserved_for, event.award_id))
        case ReservationCommitted():
            return replace(
                pocket,
                reserved_for=_drop(pocket.reserved_for, event.award_id),
                committed_to=_put(pocket.committed_to, event.project_id, event.committed),
            )
        case CommitmentAdjusted():
            committed = pocket.committed_to.get(event.project_id, ZERO) + event.difference
            return replace(
                pocket,
                committed_to=_put(pocket.committed_to, event.project_id, committed),
                changes=pocket.changes | {event.change_id},
                kept_for=pocket.kept_for
                if event.amendment_id is None
                else _drop(pocket.kept_for, event.amendment_id),
            )
        case PocketIncreaseReserved():
            return replace(pocket, kept_for=_put(pocket.kept_for, event.amendment_id, event.amount))
        case PocketIncreaseReturned():
            return replace(pocket, kept_for=_drop(pocket.kept_for, event.amendment_id))
        case unreachable:
            assert_never(unreachable)


def _put(amounts: Mapping[UUID, Money], key: UUID, amount: Money) -> Mapping[UUID, Money]:
    return MappingProxyType({**amounts, key: amount})


def _drop(amounts: Mapping[UUID, Money], key: UUID) -> Mapping[UUID, Money]:
    return MappingProxyType({k: amount for k, amount in amounts.items() if k != key})


DECIDER: Decider[Command, Pocket, Event] = Decider(initial=Pocket(), decide=decide, evolve=evolve)
