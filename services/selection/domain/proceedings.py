"""
What happens to a meeting around its decisions: facts that are stored in the meeting's stream.

Beside them are what a pack holds, as it was known when the agenda closed.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from shared.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketAsk:
    """What an item asks of one pocket in one fiscal year."""

    pocket: str
    fiscal_year: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedItem:
    """One application in the pack, as it was when the agenda closed."""

    application_id: UUID
    version: int
    """Of the application's own history: what it said then can be read there for ever."""
    title: str
    asks: tuple[PocketAsk, ...]
    money_available: bool = False
    """Money has returned for it: it comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearFigures:
    """What one fiscal year of a pocket had left, where its funder sets a ceiling for the year."""

    fiscal_year: int
    available: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketFigures:
    """What one pocket held when the agenda closed."""

    pocket: str
    authority: Money
    available: Money
    years: tuple[YearFigures, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFrozen:
    """The agenda closed: the items in their order, and the figures as they were known."""

    meeting_id: UUID
    items: tuple[PackedItem, ...]
    pockets: tuple[PocketFigures, ...]
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingMoved:
    """The meeting has another day."""

    meeting_id: UUID
    held_on: date
    closes_on: date | None = None
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCancelled:
    """The meeting will not be held."""

    meeting_id: UUID
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictWithdrawn:
    """A conflict was declared wrongly: the member has a part in the item again."""

    meeting_id: UUID
    application_id: UUID
    person_id: str
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionProposed:
    """A member says that the draft of the minutes is wrong."""

    meeting_id: UUID
    correction_id: UUID
    person_id: str
    application_id: UUID | None
    """The item it is about; None: the minutes in general."""
    text: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionSettled:
    """A correction was taken into the minutes, or not."""

    meeting_id: UUID
    correction_id: UUID
    accepted: bool
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesApproved:
    """The chair or the secretary found the minutes right."""

    meeting_id: UUID
    person_id: str
    effective_on: date


Event: TypeAlias = (
    PackFrozen
    | MeetingMoved
    | MeetingCancelled
    | ConflictWithdrawn
    | CorrectionProposed
    | CorrectionSettled
    | MinutesApproved
)
