"""
A call: one published invitation to apply to a programme, for a time or continuously.

A call applies the version of its programme that was in force when it was published, to everyone
who answers it: rules do not change between opening and closing. Another version needs another call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from services.intake.domain.bilingual import Bilingual
from shared.kernel.decider import Decider
from shared.kernel.refusals import Invalid, RuleBroken

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


Command: TypeAlias = PublishCall


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


Event: TypeAlias = CallPublished


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


State: TypeAlias = Unpublished | Call


# Refusals


class CallTitleMissing(Invalid):
    """The title of a call is written in English and in French."""

    en = "The title is needed in English and in French."
    fr = "Le titre est requis en anglais et en français."


class CallClosesBeforeItOpens(Invalid):
    """A call closes after it opens."""

    en = "The call would close before it opens."
    fr = "L’appel fermerait avant d’ouvrir."


class CallAlreadyPublished(RuleBroken):
    """A call is published once."""

    en = "This call is already published."
    fr = "Cet appel est déjà publié."


def decide(command: Command, state: State) -> Sequence[Event]:
    """Publish once, with a period that makes sense."""
    if isinstance(state, Call):
        raise CallAlreadyPublished
    if not command.title.is_complete:
        raise CallTitleMissing(field="title", accepted=["en", "fr"])
    if command.closes_at is not None and command.closes_at <= command.opens_at:
        raise CallClosesBeforeItOpens(
            field="closes_at", accepted=f"after {command.opens_at.isoformat()}"
        )
    return [
        CallPublished(
            effective_on=command.on,
            call_id=command.call_id,
            programme_code=command.programme_code,
            programme_version=command.programme_version,
            title=command.title,
            opens_at=command.opens_at,
            closes_at=command.closes_at,
            by=command.by,
        )
    ]


def evolve(_state: State, event: Event) -> State:
    """Published is published."""
    return Call(
        call_id=event.call_id,
        programme_code=event.programme_code,
        programme_version=event.programme_version,
        title=event.title,
        opens_at=event.opens_at,
        closes_at=event.closes_at,
    )


DECIDER: Decider[Command, State, Event] = Decider(
    initial=Unpublished(), decide=decide, evolve=evolve
)
