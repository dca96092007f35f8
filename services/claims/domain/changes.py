"""
What an amendment can ask for: one class per kind, and the union of them.

Amounts are differences: what moves away is negative. Public money is in ``funding``, the
participants' own in ``match``, and ``budget`` is both by category, where the agreement has a
budget. The checks and the effect of each kind are in ``amendment_kinds``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias
from uuid import UUID

from services.claims.domain.values import BudgetLine, Party
from shared.kernel.schedule import FundingCell, MatchCell


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetMove:
    """Money moves between categories, participants or periods; none is added or taken."""

    kind: Literal["budget-moved"] = "budget-moved"
    funding: tuple[FundingCell, ...] = ()
    match: tuple[MatchCell, ...] = ()
    budget: tuple[BudgetLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeExtension:
    """A later end; money may move, none is added or taken."""

    kind: Literal["time-extension"] = "time-extension"
    ends_on: date
    funding: tuple[FundingCell, ...] = ()
    match: tuple[MatchCell, ...] = ()
    budget: tuple[BudgetLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantAddition:
    """Another party, whose public money comes from the others or from an increase."""

    kind: Literal["participant-added"] = "participant-added"
    party: Party
    funding: tuple[FundingCell, ...] = ()
    match: tuple[MatchCell, ...] = ()
    budget: tuple[BudgetLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantWithdrawal:
    """
    A participant leaves for good: what it has not claimed goes to others, or is released.

    ``funding``, ``match`` and ``budget`` are what the others get, never negative.
    """

    kind: Literal["participant-withdrawn"] = "participant-withdrawn"
    participant_id: UUID
    funding: tuple[FundingCell, ...] = ()
    match: tuple[MatchCell, ...] = ()
    budget: tuple[BudgetLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeChange:
    """Other work for the same money until the same day."""

    kind: Literal["scope"] = "scope"
    text_en: str
    text_fr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Increase:
    """Public money is added, to every pocket that changes; it is reserved there first."""

    kind: Literal["increase"] = "increase"
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...] = ()
    budget: tuple[BudgetLine, ...] = ()
    ends_on: date | None = None
    """None: it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """Public money is taken, from every pocket that changes, and released to it."""

    kind: Literal["reduction"] = "reduction"
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...] = ()
    budget: tuple[BudgetLine, ...] = ()
    ends_on: date | None = None
    """None: it stays."""


Change: TypeAlias = (
    BudgetMove
    | TimeExtension
    | ParticipantAddition
    | ParticipantWithdrawal
    | ScopeChange
    | Increase
    | Reduction
)
