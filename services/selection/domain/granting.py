"""
What a decision grants, from which pockets, and on which conditions.

What was asked is granted as it was asked where the pockets can hold it. Where they cannot, the
decision says what then: it is refused, other pockets of the programme stand in as far as its
definition allows, or the item waits for money.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.selection.domain import award, pocket, promises
from services.selection.domain.application import Waiting
from services.selection.domain.award import AwardNotValid
from services.selection.domain.conditions import Condition
from services.selection.domain.meeting import Outcome
from services.selection.domain.programme import PocketTerms
from services.selection.domain.promises import Consequences
from services.selection.domain.spreading import Room, Spread, spread
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO
from shared.kernel.refusals import Reason, RuleBroken
from shared.kernel.schedule import FundingCell, total_by_pocket


class WhenShort(StrEnum):
    """What becomes of a decision to fund when a pocket has less left than is asked of it."""

    REFUSE = "refuse"
    """It is not recorded."""
    SPREAD = "spread"
    """Other pockets of the programme stand in; where they cannot, it is not recorded."""
    WAITLIST = "waitlist"
    """Other pockets stand in; where they cannot, the item goes on the waiting list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCondition:
    """What the committee asks before the award may stand."""

    text_en: str
    text_fr: str
    due_on: date
    confirmed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a decision comes to."""

    outcome: Outcome
    funding: tuple[FundingCell, ...] = ()
    over_other_pockets: bool = False


class MoneyIsThere(RuleBroken):
    """The waiting list is for what the pockets cannot hold."""

    en = "The pockets hold what is asked: the waiting list is for what they cannot hold."
    fr = "Les enveloppes suffisent : la liste d’attente est pour ce qui les dépasse."


def misplaced(
    outcome: Outcome,
    *,
    funding: bool,
    conditions: bool,
    deferred: bool,
    rank: bool,
) -> Iterable[Reason]:
    """What was said that the outcome has no use for: it is not passed over in silence."""
    if funding and outcome not in {Outcome.FUND, Outcome.WAITLIST}:
        yield Reason(
            code="funding-without-award",
            en="Amounts are granted only when the outcome is to fund.",
            fr="Des montants ne s’accordent que si la décision est de financer.",
            field="funding",
        )
    if conditions and outcome is not Outcome.FUND:
        yield Reason(
            code="conditions-without-award",
            en="Conditions are set only when the outcome is to fund.",
            fr="Des conditions ne se posent que si la décision est de financer.",
            field="conditions",
        )
    if deferred and outcome is not Outcome.DEFER:
        yield Reason(
            code="meeting-without-deferral",
            en="A meeting is named only when the item is deferred.",
            fr="Une réunion n’est nommée que si le point est reporté.",
            field="defer_to",
        )
    if rank and outcome not in {Outcome.WAITLIST, Outcome.FUND}:
        yield Reason(
            code="rank-without-waiting",
            en="A rank is given only to what may have to wait for money.",
            fr="Un rang ne se donne qu’à ce qui peut devoir attendre des fonds.",
            field="rank",
        )


def asked_of(item: Waiting, given: tuple[FundingCell, ...] | None) -> tuple[FundingCell, ...]:
    """What would be granted: what the decision says, or all that was asked."""
    # Cells of nothing say nothing: an application split over pockets may hold some.
    cells = item.proposal.funding if given is None else given
    return tuple(cell for cell in cells if cell.amount != ZERO)


def allowed_for(item: Waiting, terms: tuple[PocketTerms, ...]) -> Spread:
    """Which pockets may fund whom."""
    provinces = {each.participant_id: each.province for each in item.proposal.participants}
    return Spread(terms=terms, provinces=provinces)


def pockets_of(
    outcome: Outcome,
    when_short: WhenShort,
    asked: Iterable[FundingCell],
    terms: tuple[PocketTerms, ...],
) -> tuple[str, ...]:
    """The pockets whose state a decision depends on."""
    if outcome not in {Outcome.FUND, Outcome.WAITLIST}:
        return ()
    codes = dict.fromkeys(total_by_pocket(asked))
    if when_short is not WhenShort.REFUSE:
        codes |= dict.fromkeys(each.code for each in terms)
    return tuple(codes)


def granted(
    outcome: Outcome,
    when_short: WhenShort,
    asked: tuple[FundingCell, ...],
    *,
    allowed: Spread,
    pockets: Mapping[str, pocket.Pocket],
) -> Grant:
    """What the decision comes to with what the pockets hold. See ``MoneyIsThere``."""
    alone = Spread(provinces=allowed.provinces)
    if outcome is Outcome.WAITLIST:
        if asked and spread(asked, Room(pockets), alone) is not None:
            raise MoneyIsThere(field="outcome", accepted=[Outcome.FUND.value])
        return Grant(outcome=outcome, funding=asked)
    if outcome is not Outcome.FUND:
        return Grant(outcome=outcome)
    if when_short is WhenShort.REFUSE or spread(asked, Room(pockets), alone) is not None:
        # Where it does not fit after all, reserving says which pocket is short of how much.
        return Grant(outcome=outcome, funding=asked)
    moved = spread(asked, Room(pockets), allowed)
    if moved is not None:
        return Grant(outcome=outcome, funding=moved, over_other_pockets=True)
    if when_short is WhenShort.WAITLIST:
        return Grant(outcome=Outcome.WAITLIST, funding=asked)
    return Grant(outcome=outcome, funding=asked)


def conditions_of(award_id: UUID, asked: Iterable[AskedCondition]) -> tuple[Condition, ...]:
    """The conditions of an award, each with its id."""
    return tuple(
        Condition(
            condition_id=derived_id("condition", award_id, number),
            text_en=each.text_en,
            text_fr=each.text_fr,
            due_on=each.due_on,
            confirmed_by=each.confirmed_by,
        )
        for number, each in enumerate(asked)
    )


def freed_by(
    standing: award.Award,
    command: award.ReplaceAward | award.LapseAward,
    pockets: Mapping[str, pocket.Pocket],
) -> Consequences:
    """
    What the award that stood until now gives back.

    Nothing where there is none or it has fallen; ``AwardNoLongerStands`` where its agreement was
    executed meanwhile.
    """
    if isinstance(standing, award.Committed):
        award.standing(standing)
    if not isinstance(standing, award.Approved):
        return Consequences()
    return promises.end(standing, pockets, command)


def after(
    pockets: Mapping[str, pocket.Pocket], events: promises.PocketEvents
) -> dict[str, pocket.Pocket]:
    """The pockets after these events."""
    moved = dict(pockets)
    for code, happened in events.items():
        for event in happened:
            moved[code] = pocket.evolve(moved[code], event)
    return moved


def together(first: promises.PocketEvents, then: promises.PocketEvents) -> promises.PocketEvents:
    """The events of both, in that order, per pocket."""
    return {code: [*first.get(code, ()), *then.get(code, ())] for code in {**first, **then}}


def lapse_day(lapses_on: date | None) -> date:
    """The day on which the award lapses; an award needs it."""
    if lapses_on is None:
        missing = Reason(
            code="lapses-on-missing",
            en="An award needs the day on which it lapses.",
            fr="Une décision de financement demande le jour où elle devient caduque.",
            field="lapses_on",
        )
        raise AwardNotValid(reasons=[missing])
    return lapses_on
