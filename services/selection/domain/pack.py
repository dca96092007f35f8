"""
The pack of a meeting: what is before it, in which order, and what the money would come to.

Order: items for which money has returned come first; then by arrival (the day on which the
application first came before a committee), then by id. The pack is frozen at the end of the last
day on which the agenda is open, or at the opening when that comes first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.selection.domain import application, committee, meeting
from services.selection.domain.application import Waiting
from services.selection.domain.meeting import Called
from services.selection.domain.pocket import Pocket
from services.selection.domain.proceedings import (
    PackedItem,
    PackFrozen,
    PocketAsk,
    PocketFigures,
    YearFigures,
)
from shared.kernel.money import ZERO, Money
from shared.kernel.schedule import FundingCell


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezePack:
    """The agenda has closed: keep what is before the meeting, and the figures, as they are."""

    agenda: tuple[UUID, ...]
    money_available: frozenset[UUID]
    applications: Mapping[UUID, application.Application]
    versions: Mapping[UUID, int]
    """Of the history of each application."""
    pockets: Mapping[str, Pocket]
    on: date


def freeze(command: FreezePack, sitting: meeting.Meeting) -> Sequence[PackFrozen]:
    """The pack as it stands; nothing when it was frozen before, or the meeting has begun."""
    if not isinstance(sitting, Called) or sitting.pack is not None:
        return []
    return [
        PackFrozen(
            meeting_id=sitting.meeting_id,
            items=tuple(
                PackedItem(
                    application_id=application_id,
                    version=command.versions[application_id],
                    title=before.proposal.title,
                    asks=asks_of(before.proposal.funding),
                    money_available=application_id in command.money_available,
                )
                for application_id, before in in_order(
                    command.agenda, command.applications, command.money_available
                ).items()
            ),
            pockets=tuple(figures_of(code, held) for code, held in command.pockets.items()),
            effective_on=command.on,
        )
    ]


def in_order(
    agenda: Iterable[UUID],
    applications: Mapping[UUID, application.Application],
    money_available: frozenset[UUID],
) -> dict[UUID, Waiting]:
    """What still waits for a decision, in the order in which it comes before the meeting."""
    waiting = {
        application_id: before
        for application_id in agenda
        if isinstance(before := applications[application_id], Waiting)
    }
    return dict(
        sorted(
            waiting.items(),
            key=lambda each: (
                each[0] not in money_available,
                each[1].received_on or date.min,
                str(each[0]),
            ),
        )
    )


def agenda_of(seated: committee.Established, meeting_id: UUID) -> tuple[UUID, ...]:
    """What is on the agenda of a meeting ahead."""
    ahead = seated.scheduled.get(meeting_id)
    return ahead.items if ahead else ()


def figures_of(code: str, held: Pocket) -> PocketFigures:
    """What a pocket holds now."""
    return PocketFigures(
        pocket=code,
        authority=held.authority,
        available=held.available,
        years=tuple(
            YearFigures(fiscal_year=year, available=left)
            for year in sorted(held.yearly)
            if (left := held.left_in(year)) is not None
        ),
    )


def asks_of(funding: Iterable[FundingCell]) -> tuple[PocketAsk, ...]:
    """What is asked, per pocket and fiscal year, in that order."""
    sums: dict[tuple[str, int], Money] = {}
    for cell in funding:
        key = (cell.pocket, cell.quarter.fiscal_year)
        sums[key] = sums.get(key, ZERO) + cell.amount
    return tuple(
        PocketAsk(pocket=code, fiscal_year=year, amount=amount)
        for (code, year), amount in sorted(sums.items())
        if amount
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOutlook:
    """One fiscal year of a pocket, if all were funded."""

    fiscal_year: int
    asked: Money
    available: Money | None
    """None where the funder sets no ceiling for the year: the pocket as a whole counts."""
    would_remain: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketOutlook:
    """One pocket, if all were funded."""

    pocket: str
    authority: Money
    available: Money
    asked: Money
    would_remain: Money
    """Negative when not everything can be funded."""
    years: tuple[YearOutlook, ...]


def outlook(
    figures: Iterable[PocketFigures], items: Iterable[Sequence[PocketAsk]]
) -> tuple[PocketOutlook, ...]:
    """What would remain of each pocket, and of each of its years, if all of these were funded."""
    asked: dict[str, dict[int, Money]] = {}
    for asks in items:
        for ask in asks:
            years = asked.setdefault(ask.pocket, {})
            years[ask.fiscal_year] = years.get(ask.fiscal_year, ZERO) + ask.amount
    return tuple(_outlook(each, asked.get(each.pocket, {})) for each in figures)


def _outlook(held: PocketFigures, asked: Mapping[int, Money]) -> PocketOutlook:
    ceilings = {each.fiscal_year: each.available for each in held.years}
    in_all = sum(asked.values(), ZERO)
    return PocketOutlook(
        pocket=held.pocket,
        authority=held.authority,
        available=held.available,
        asked=in_all,
        would_remain=held.available - in_all,
        years=tuple(
            YearOutlook(
                fiscal_year=year,
                asked=asked.get(year, ZERO),
                available=ceilings.get(year),
                would_remain=(ceilings[year] - asked.get(year, ZERO) if year in ceilings else None),
            )
            for year in sorted({*asked, *ceilings})
        ),
    )


def cumulative(
    figures: Sequence[PocketFigures], items: Sequence[Sequence[PocketAsk]]
) -> list[tuple[PocketOutlook, ...]]:
    """
    Per item: its pockets as they would be if it and everything before it were funded.

    Only the pockets and years that the item itself asks of.
    """
    after: list[tuple[PocketOutlook, ...]] = []
    for index, asks in enumerate(items):
        touched = {(ask.pocket, ask.fiscal_year) for ask in asks}
        codes = {code for code, _ in touched}
        own = [each for each in figures if each.pocket in codes]
        after.append(
            tuple(
                PocketOutlook(
                    pocket=each.pocket,
                    authority=each.authority,
                    available=each.available,
                    asked=each.asked,
                    would_remain=each.would_remain,
                    years=tuple(
                        year for year in each.years if (each.pocket, year.fiscal_year) in touched
                    ),
                )
                for each in outlook(own, items[: index + 1])
            )
        )
    return after
