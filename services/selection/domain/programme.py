"""How the versions of a programme draw on its pockets, as intake published them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TypeAlias

from shared.kernel.decider import Decider


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketTerms:
    """How a version may draw on one pocket."""

    code: str
    provinces: tuple[str, ...] | None = None
    """Only participants of these provinces; None: of all."""
    share_bp: int | None = None
    """Its share of what a participant is granted, in basis points; None: what the others leave."""

    def takes(self, province: str) -> bool:
        """A participant of this province may be funded from it."""
        return self.provinces is None or province in self.provinces


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTerms:
    """Keep what a version says, in the order in which it draws on its pockets."""

    programme_code: str
    version: int
    pockets: tuple[PocketTerms, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsNoted:
    """A version draws on these pockets, in this order."""

    programme_code: str
    version: int
    pockets: tuple[PocketTerms, ...]
    effective_on: date


Command: TypeAlias = NoteTerms
Event: TypeAlias = TermsNoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A programme, by version."""

    versions: Mapping[int, tuple[PocketTerms, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def terms(self, version: int) -> tuple[PocketTerms, ...]:
        """How a version draws on its pockets; nothing where that has not been heard of."""
        return self.versions.get(version, ())


def decide(command: Command, programme: Programme) -> Sequence[Event]:
    """A version is kept once: it never changes."""
    if command.version in programme.versions:
        return []
    return [
        TermsNoted(
            programme_code=command.programme_code,
            version=command.version,
            pockets=command.pockets,
            effective_on=command.on,
        )
    ]


def evolve(programme: Programme, event: Event) -> Programme:
    """With one more version."""
    return Programme(
        versions=MappingProxyType({**programme.versions, event.version: event.pockets})
    )


DECIDER: Decider[Command, Programme, Event] = Decider(
    initial=Programme(), decide=decide, evolve=evolve
)
