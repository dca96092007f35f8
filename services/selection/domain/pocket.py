"""
One funder's envelope for one programme: what it holds, and what we have promised of it.

    available = authority − reserved − committed

A promise of ours is never made beyond ``available``. What a funder grants is the funder's to say:
when it cuts an envelope below what was already promised, that is recorded as it is, ``available``
is negative, and nothing more can be promised until it is made good.
``committed`` is everything contracted: owed and paid amounts are part of it.

Where the funder says what a fiscal year may be promised, that holds too, in the same way:

    left in a year = its ceiling − reserved for it − committed for it
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TypeAlias, TypeVar, assert_never
from uuid import UUID

from services.selection.domain.years import (
    ByYear,
    YearAmount,
    Years,
    added,
    difference,
    negative,
)
from shared.kernel.decider import Decider
from shared.kernel.money import ZERO, Money, total
from shared.kernel.refusals import RuleBroken

A = TypeVar("A")

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAuthority:
    """Take note of what the funder has granted in all."""

    pocket: str
    funder: str
    funder_agreement: str
    authority: Money
    yearly: tuple[YearAmount, ...] = ()
    """All yearly ceilings."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Promise money to an award."""

    pocket: str
    award_id: UUID
    amount: Money
    by_year: ByYear = ()
    """What the amount is planned for; adds up to it."""
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
    by_year: ByYear = ()
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustCommitment:
    """An agreement was amended, or gave part of its commitment back."""

    pocket: str
    project_id: UUID
    change_id: UUID
    """Of the change: the same change is made once."""
    difference: Money
    by_year: ByYear = ()
    """Adds up to the difference; money may also move between years without one."""
    on: date
    amendment_id: UUID | None = None
    """Of the amendment that it is: what was reserved for that is used first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReprofileCommitment:
    """A forecast says in which fiscal years committed money will be spent."""

    pocket: str
    project_id: UUID
    change_id: UUID
    by_year: ByYear
    """Adds up to zero."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveIncrease:
    """Keep money for an amendment that is proposed."""

    pocket: str
    amendment_id: UUID
    amount: Money
    by_year: ByYear = ()
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
    | ReprofileCommitment
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
    yearly: tuple[YearAmount, ...] = ()
    """All yearly ceilings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountReserved:
    """Available money is promised to an award."""

    pocket: str
    award_id: UUID
    amount: Money
    effective_on: date
    by_year: ByYear = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationReturned:
    """Money promised to an award is available again."""

    pocket: str
    award_id: UUID
    amount: Money
    effective_on: date
    by_year: ByYear = ()
    """As it was reserved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationCommitted:
    """An agreement was executed: its reservation became its commitment."""

    pocket: str
    award_id: UUID
    project_id: UUID
    reserved: Money
    committed: Money
    effective_on: date
    reserved_by_year: ByYear = ()
    committed_by_year: ByYear = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentAdjusted:
    """A commitment grew from what was available, or gave back to it."""

    pocket: str
    project_id: UUID
    change_id: UUID
    difference: Money
    effective_on: date
    by_year: ByYear = ()
    amendment_id: UUID | None = None
    reserved: Money = ZERO
    """What had been reserved for the amendment, and is no longer."""
    reserved_by_year: ByYear = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentReprofiled:
    """Committed money will be spent in other fiscal years than was planned."""

    pocket: str
    project_id: UUID
    change_id: UUID
    by_year: ByYear
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketIncreaseReserved:
    """Available money is kept for an amendment that is proposed."""

    pocket: str
    amendment_id: UUID
    amount: Money
    effective_on: date
    by_year: ByYear = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketIncreaseReturned:
    """Money kept for an amendment is available again."""

    pocket: str
    amendment_id: UUID
    amount: Money
    effective_on: date
    by_year: ByYear = ()


Event: TypeAlias = (
    AuthoritySet
    | AmountReserved
    | ReservationReturned
    | ReservationCommitted
    | CommitmentAdjusted
    | CommitmentReprofiled
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
    kept_in: Mapping[UUID, ByYear] = field(default_factory=lambda: MappingProxyType({}))
    """Per such amendment, what it takes of each fiscal year."""
    committed_to: Mapping[UUID, Money] = field(default_factory=lambda: MappingProxyType({}))
    """Per project."""
    changes: frozenset[UUID] = frozenset()
    """The adjustments that were made."""
    yearly: Years = field(default_factory=lambda: MappingProxyType({}))
    """The ceiling of each fiscal year that has one."""
    reserved_in: Mapping[UUID, ByYear] = field(default_factory=lambda: MappingProxyType({}))
    """Per award, what its reservation takes of each fiscal year."""
    promised_in: Years = field(default_factory=lambda: MappingProxyType({}))
    """Reserved or committed, per fiscal year."""

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

    def left_in(self, fiscal_year: int) -> Money | None:
        """What may still be promised for a fiscal year; None where the funder sets no ceiling."""
        ceiling = self.yearly.get(fiscal_year)
        return None if ceiling is None else ceiling - self.promised_in.get(fiscal_year, ZERO)


class NotEnoughInPocket(RuleBroken):
    """The pocket does not have that much left."""

    en = "Pocket {pocket} has {left} left, and {asked} is asked of it."
    fr = "Il reste {left} dans l’enveloppe {pocket}, à laquelle on demande {asked}."


class NotEnoughInYear(NotEnoughInPocket):
    """The pocket may not be promised that much more for a fiscal year."""

    en = "Pocket {pocket} has {left} left for fiscal year {fiscal_year}, and {asked} is asked."
    fr = (
        "Il reste {left} pour l’exercice {fiscal_year} dans l’enveloppe {pocket},"
        " à laquelle on demande {asked}."
    )


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


def _must_have(pocket: Pocket, code: str, asked: Money, by_year: ByYear) -> None:
    field = f"funding[{code}]"
    short: list[NotEnoughInPocket] = []
    if asked > max(pocket.available, ZERO):
        short.append(
            NotEnoughInPocket(
                pocket=code,
                asked=asked,
                left=pocket.available,
                field=field,
                accepted={"at_most": pocket.available},
            )
        )
    for each in by_year:
        left = pocket.left_in(each.fiscal_year)
        if left is not None and each.amount > max(left, ZERO):
            short.append(
                NotEnoughInYear(
                    pocket=code,
                    asked=each.amount,
                    left=left,
                    fiscal_year=str(each.fiscal_year),
                    field=field,
                    accepted={"at_most": left, "fiscal_year": each.fiscal_year},
                )
            )
    if len(short) == 1:
        raise short[0]
    if short:
        first = short[0]
        raise type(first)(
            field=first.field,
            accepted=first.accepted,
            reasons=[refusal.as_reason() for refusal in short],
            **first.parameters,
        )


def decide(  # noqa: C901, PLR0911  # one case per command
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
                    by_year=pocket.reserved_in.get(command.award_id, ()),
                )
            ]
        case Commit():
            return _commit(command, pocket)
        case AdjustCommitment():
            return _adjust(command, pocket)
        case ReprofileCommitment():
            # When money will be spent is for the project to say: it is recorded as it is, and
            # where that exceeds a year's ceiling nothing more can be promised for the year.
            if not command.by_year or command.change_id in pocket.changes:
                return []
            return [
                CommitmentReprofiled(
                    pocket=command.pocket,
                    project_id=command.project_id,
                    change_id=command.change_id,
                    by_year=command.by_year,
                    effective_on=command.on,
                )
            ]
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
                    by_year=pocket.kept_in.get(command.amendment_id, ()),
                    effective_on=command.on,
                )
            ]
        case unreachable:
            assert_never(unreachable)


def _set_authority(command: SetAuthority, pocket: Pocket) -> Sequence[Event]:
    known = (pocket.funder, pocket.funder_agreement, pocket.authority, dict(pocket.yearly))
    said = (command.funder, command.funder_agreement, command.authority, _years(command.yearly))
    if known == said:
        return []
    return [
        AuthoritySet(
            pocket=command.pocket,
            funder=command.funder,
            funder_agreement=command.funder_agreement,
            authority=command.authority,
            effective_on=command.on,
            yearly=command.yearly,
        )
    ]


def _reserve(command: Reserve, pocket: Pocket) -> Sequence[Event]:
    if command.award_id in pocket.reserved_for:
        return []
    if command.amount.cents <= 0:
        raise NothingToReserve(pocket=command.pocket, asked=command.amount)
    _must_have(pocket, command.pocket, command.amount, command.by_year)
    return [
        AmountReserved(
            pocket=command.pocket,
            award_id=command.award_id,
            amount=command.amount,
            effective_on=command.on,
            by_year=command.by_year,
        )
    ]


def _commit(command: Commit, pocket: Pocket) -> Sequence[Event]:
    if command.project_id in pocket.committed_to:
        return []
    reserved = pocket.reserved_for.get(command.award_id, ZERO)
    if not reserved and not command.committed:
        return []
    reserved_by_year = pocket.reserved_in.get(command.award_id, ())
    _must_have(
        pocket,
        command.pocket,
        command.committed - reserved,
        difference(command.by_year, reserved_by_year),
    )
    return [
        ReservationCommitted(
            pocket=command.pocket,
            award_id=command.award_id,
            project_id=command.project_id,
            reserved=reserved,
            committed=command.committed,
            effective_on=command.on,
            reserved_by_year=reserved_by_year,
            committed_by_year=command.by_year,
        )
    ]


def _adjust(command: AdjustCommitment, pocket: Pocket) -> Sequence[Event]:
    if command.change_id in pocket.changes or not (command.difference or command.by_year):
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
    kept_by_year: ByYear = ()
    if command.amendment_id is not None:
        kept = pocket.kept_for.get(command.amendment_id, ZERO)
        kept_by_year = pocket.kept_in.get(command.amendment_id, ())
    _must_have(
        pocket,
        command.pocket,
        command.difference - kept,
        difference(command.by_year, kept_by_year),
    )
    return [
        CommitmentAdjusted(
            pocket=command.pocket,
            project_id=command.project_id,
            change_id=command.change_id,
            difference=command.difference,
            effective_on=command.on,
            by_year=command.by_year,
            amendment_id=command.amendment_id,
            reserved=kept,
            reserved_by_year=kept_by_year,
        )
    ]


def _keep(command: ReserveIncrease, pocket: Pocket) -> Sequence[Event]:
    if command.amendment_id in pocket.kept_for:
        return []
    if command.amount.cents <= 0:
        raise NothingToReserve(pocket=command.pocket, asked=command.amount)
    _must_have(pocket, command.pocket, command.amount, command.by_year)
    return [
        PocketIncreaseReserved(
            pocket=command.pocket,
            amendment_id=command.amendment_id,
            amount=command.amount,
            effective_on=command.on,
            by_year=command.by_year,
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
                yearly=MappingProxyType(_years(event.yearly)),
            )
        case AmountReserved():
            return replace(
                pocket,
                reserved_for=_put(pocket.reserved_for, event.award_id, event.amount),
                reserved_in=_put(pocket.reserved_in, event.award_id, event.by_year),
                promised_in=added(pocket.promised_in, event.by_year),
            )
        case ReservationReturned():
            return replace(
                pocket,
                reserved_for=_drop(pocket.reserved_for, event.award_id),
                reserved_in=_drop(pocket.reserved_in, event.award_id),
                promised_in=added(pocket.promised_in, negative(event.by_year)),
            )
        case ReservationCommitted():
            return replace(
                pocket,
                reserved_for=_drop(pocket.reserved_for, event.award_id),
                reserved_in=_drop(pocket.reserved_in, event.award_id),
                committed_to=_put(pocket.committed_to, event.project_id, event.committed),
                promised_in=added(
                    pocket.promised_in,
                    difference(event.committed_by_year, event.reserved_by_year),
                ),
            )
        case CommitmentAdjusted():
            committed = pocket.committed_to.get(event.project_id, ZERO) + event.difference
            return replace(
                pocket,
                committed_to=_put(pocket.committed_to, event.project_id, committed),
                changes=pocket.changes | {event.change_id},
                promised_in=added(
                    pocket.promised_in, difference(event.by_year, event.reserved_by_year)
                ),
                kept_for=pocket.kept_for
                if event.amendment_id is None
                else _drop(pocket.kept_for, event.amendment_id),
                kept_in=pocket.kept_in
                if event.amendment_id is None
                else _drop(pocket.kept_in, event.amendment_id),
            )
        case CommitmentReprofiled():
            return replace(
                pocket,
                changes=pocket.changes | {event.change_id},
                promised_in=added(pocket.promised_in, event.by_year),
            )
        case PocketIncreaseReserved():
            return replace(
                pocket,
                kept_for=_put(pocket.kept_for, event.amendment_id, event.amount),
                kept_in=_put(pocket.kept_in, event.amendment_id, event.by_year),
                promised_in=added(pocket.promised_in, event.by_year),
            )
        case PocketIncreaseReturned():
            return replace(
                pocket,
                kept_for=_drop(pocket.kept_for, event.amendment_id),
                kept_in=_drop(pocket.kept_in, event.amendment_id),
                promised_in=added(pocket.promised_in, negative(event.by_year)),
            )
        case unreachable:
            assert_never(unreachable)


def _years(amounts: Sequence[YearAmount]) -> dict[int, Money]:
    return {each.fiscal_year: each.amount for each in amounts}


def _put(amounts: Mapping[UUID, A], key: UUID, amount: A) -> Mapping[UUID, A]:
    return MappingProxyType({**amounts, key: amount})


def _drop(amounts: Mapping[UUID, A], key: UUID) -> Mapping[UUID, A]:
    return MappingProxyType({k: amount for k, amount in amounts.items() if k != key})


DECIDER: Decider[Command, Pocket, Event] = Decider(initial=Pocket(), decide=decide, evolve=evolve)
