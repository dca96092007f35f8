"""What can be asked of a call, what happens to it, and what it is. See ``call``."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from services.intake.domain.bilingual import Bilingual

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishCall:
    """Invite applications to a programme."""

    call_id: UUID
    programme_code: str
    programme_version: int
    title: Bilingual
    opens_at: datetime
    closes_at: datetime | None
    """None: the call is continuous."""
    on: date
    by: str
    instructions: Bilingual | None = None
    """How to apply, for people to read; None: nothing beyond the programme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendCall:
    """
    Announce it otherwise.

    Opening and closing only before it opens; afterwards a closing is extended or brought forward.
    """

    title: Bilingual
    opens_at: datetime
    closes_at: datetime | None
    instructions: Bilingual | None
    reason: Bilingual
    now: datetime
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendCall:
    """Close it later than announced."""

    closes_at: datetime
    reason: Bilingual
    now: datetime
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCall:
    """Close it earlier than announced, or close a continuous one. None: at once."""

    closes_at: datetime | None
    reason: Bilingual
    now: datetime
    on: date
    by: str


Command: TypeAlias = PublishCall | AmendCall | ExtendCall | CloseCall


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPublished:
    """A call is known to everyone, under one version of its programme."""

    effective_on: date
    call_id: UUID
    programme_code: str
    programme_version: int
    title: Bilingual
    opens_at: datetime
    closes_at: datetime | None
    by: str
    instructions: Bilingual | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a call says of itself."""

    title: Bilingual
    opens_at: datetime
    closes_at: datetime | None
    instructions: Bilingual | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAmended:
    """It is announced otherwise."""

    effective_on: date
    call_id: UUID
    before: Announcement
    after: Announcement
    reason: Bilingual
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallExtended:
    """It closes later than it did."""

    effective_on: date
    call_id: UUID
    before: datetime
    """When it would have closed."""
    closes_at: datetime
    reason: Bilingual
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallClosedEarly:
    """It closes earlier than it did, or at all."""

    effective_on: date
    call_id: UUID
    before: datetime | None
    """When it would have closed; None: it was continuous."""
    closes_at: datetime
    reason: Bilingual
    by: str


Event: TypeAlias = CallPublished | CallAmended | CallExtended | CallClosedEarly


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpublished:
    """Nobody has published it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A published call."""

    call_id: UUID
    programme_code: str
    programme_version: int
    title: Bilingual
    opens_at: datetime
    closes_at: datetime | None
    instructions: Bilingual | None = None

    def has_closed_by(self, instant: datetime) -> bool:
        """What is received at this instant is too late."""
        return self.closes_at is not None and instant >= self.closes_at

    def is_open_at(self, instant: datetime) -> bool:
        """What is received at this instant counts."""
        return self.opens_at <= instant and not self.has_closed_by(instant)

    @property
    def announcement(self) -> Announcement:
        """What it says of itself."""
        return Announcement(
            title=self.title,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            instructions=self.instructions,
        )


State: TypeAlias = Unpublished | Call
