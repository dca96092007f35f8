"""
What an award does to its pockets, all at once: pure functions over several streams.

They give events per stream; whoever calls them appends all or nothing, and decides again when
any of the streams has moved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from uuid import UUID

from services.selection.domain import award, increase, pocket
from services.selection.domain.application import Event as ApplicationEvent
from services.selection.domain.award import Event as AwardEvent
from services.selection.domain.committee import Event as CommitteeEvent
from services.selection.domain.increase import Event as IncreaseEvent
from services.selection.domain.meeting import Event as MeetingEvent
from services.selection.domain.waitlist import Event as WaitlistEvent
from services.selection.domain.years import years_by_pocket
from shared.kernel.money import ZERO
from shared.kernel.schedule import FundingCell, total_by_pocket

PocketEvents = Mapping[str, Sequence[pocket.Event]]
"""Per pocket code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """The events that follow, per stream."""

    meeting: Sequence[MeetingEvent] = ()
    application: Sequence[ApplicationEvent] = ()
    committee: Sequence[CommitteeEvent] = ()
    replaced: Sequence[AwardEvent] = ()
    """Of the award that stood until now."""
    award: Sequence[AwardEvent] = ()
    waitlist: Sequence[WaitlistEvent] = ()
    increase: Sequence[IncreaseEvent] = ()
    pockets: PocketEvents = field(default_factory=lambda: MappingProxyType({}))


def reserve(
    pockets: Mapping[str, pocket.Pocket],
    funding: Iterable[FundingCell],
    *,
    award_id: UUID,
    on: date,
) -> PocketEvents:
    """Reserve in every pocket. ``NotEnoughInPocket`` names each that is short as a reason."""
    events: dict[str, Sequence[pocket.Event]] = {}
    short: list[pocket.NotEnoughInPocket] = []
    cells = tuple(funding)
    planned = years_by_pocket(cells)
    for code, asked in total_by_pocket(cells).items():
        command = pocket.Reserve(
            pocket=code, award_id=award_id, amount=asked, by_year=planned[code], on=on
        )
        try:
            events[code] = pocket.decide(command, pockets[code])
        except pocket.NotEnoughInPocket as refusal:
            short.append(refusal)
    if short:
        first = short[0]
        raise type(first)(
            field=first.field,
            accepted=first.accepted,
            reasons=[
                reason for refusal in short for reason in refusal.reasons or [refusal.as_reason()]
            ],
            **first.parameters,
        )
    return events


def lapse(
    promised: award.Award, pockets: Mapping[str, pocket.Pocket], *, reason: str, on: date
) -> Consequences:
    """Let an award fall: its reservations return. Nothing when it fell or was executed before."""
    return end(promised, pockets, award.LapseAward(reason=reason, on=on))


def end(
    promised: award.Award,
    pockets: Mapping[str, pocket.Pocket],
    command: award.LapseAward | award.WithdrawAward | award.ReplaceAward,
) -> Consequences:
    """End an award before its execution, in whatever way: its reservations return."""
    ended = award.decide(command, promised)
    if not ended or isinstance(promised, award.NotApproved):
        return Consequences()
    terms = promised.terms
    return Consequences(
        award=ended,
        pockets={
            code: pocket.decide(
                pocket.ReturnReservation(pocket=code, award_id=terms.award_id, on=command.on),
                pockets[code],
            )
            for code in total_by_pocket(terms.funding)
        },
    )


def pockets_to_commit(promised: award.Award, executed: Sequence[FundingCell]) -> tuple[str, ...]:
    """The pockets that an execution touches: those of the award and those of the agreement."""
    awarded = () if isinstance(promised, award.NotApproved) else promised.terms.funding
    return tuple(total_by_pocket([*awarded, *executed]))


def commit(
    promised: award.Award,
    pockets: Mapping[str, pocket.Pocket],
    *,
    award_id: UUID,
    project_id: UUID,
    agreement_id: UUID,
    executed: Sequence[FundingCell],
    on: date,
) -> Consequences:
    """
    Turn an award's reservations into what its agreement commits.

    What the agreement commits beyond the reservation comes from what is available (all of it,
    when the award has lapsed or was never made here); ``NotEnoughInPocket`` when there is less.
    """
    committed, planned = total_by_pocket(executed), years_by_pocket(executed)
    return Consequences(
        award=award.decide(award.CommitAward(agreement_id=agreement_id, on=on), promised),
        pockets={
            code: pocket.decide(
                pocket.Commit(
                    pocket=code,
                    award_id=award_id,
                    project_id=project_id,
                    committed=committed.get(code, ZERO),
                    by_year=planned.get(code, ()),
                    on=on,
                ),
                pockets[code],
            )
            for code in pockets_to_commit(promised, executed)
        },
    )


def reserve_increase(
    asked: increase.AskForIncrease,
    known: increase.Increase,
    pockets: Mapping[str, pocket.Pocket],
) -> Consequences:
    """
    Keep what a proposed amendment adds in every pocket, or refuse it where one is short.

    The same amendment is asked about once, whatever became of it.
    """
    if not isinstance(known, increase.NotAsked):
        return Consequences()
    events: dict[str, Sequence[pocket.Event]] = {}
    short: list[str] = []
    planned = years_by_pocket(asked.funding)
    for code, amount in total_by_pocket(asked.funding).items():
        command = pocket.ReserveIncrease(
            pocket=code,
            amendment_id=asked.amendment_id,
            amount=amount,
            by_year=planned[code],
            on=asked.on,
        )
        try:
            events[code] = pocket.decide(command, pockets[code])
        except pocket.NotEnoughInPocket:
            short.append(code)
    answer = increase.decide(replace(asked, short=tuple(short)), known)
    return Consequences(increase=answer, pockets={} if short else events)


def return_increase(
    ended: increase.EndIncrease,
    known: increase.Increase,
    pockets: Mapping[str, pocket.Pocket],
) -> Consequences:
    """Give back what is kept for an amendment that will not take effect, if anything is."""
    over = increase.decide(ended, known)
    if not isinstance(known, increase.Held):
        return Consequences()
    return Consequences(
        increase=over,
        pockets={
            code: pocket.decide(
                pocket.ReturnIncrease(pocket=code, amendment_id=ended.amendment_id, on=ended.on),
                pockets[code],
            )
            for code in total_by_pocket(known.funding)
        },
    )


def pockets_of(known: increase.Increase) -> tuple[str, ...]:
    """The pockets that hold an increase."""
    return tuple(total_by_pocket(known.funding)) if isinstance(known, increase.Held) else ()
