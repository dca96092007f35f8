"""What an agreement and its drawdowns, or its pockets, decide together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.finance.domain import drawdown, funder_agreement, pocket
from services.finance.domain.ceilings import ceiling_of
from services.finance.domain.events import FunderYearEnded
from services.finance.domain.year_end import PocketYear
from services.finance.use_cases import streams
from services.finance.use_cases.together import carry_out_together
from shared.eventstore.commands import Outcome
from shared.eventstore.store import Append, Context, EventStore
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import fiscal_year_ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class YearUse:
    """What the ledger says of a pocket at the end of a year."""

    used: Money = ZERO
    """Reserved, committed or spent in the year."""
    available: Money = ZERO
    """In all."""


def submit_drawdown(
    store: EventStore,
    command: drawdown.SubmitDrawdown,
    context: Context,
    *,
    request_hash: bytes,
    expected_version: int | None,
) -> Outcome:
    """
    Submit a drawdown and count it against its agreement's terms, or neither.

    Raises the refusals of either decider and those of ``carry_out_together``.
    """
    stream = streams.drawdown(command.drawdown_id)
    of_agreement = streams.funder_agreement(command.funder_agreement)
    count = funder_agreement.CountDrawdown(
        drawdown_id=command.drawdown_id,
        period=command.period,
        submitted_on=command.submitted_on,
        amount=total(part.amount for part in command.pockets),
    )

    def decide(history: Sequence[Any]) -> list[Append]:
        submitted = drawdown.DECIDER.decide(command, drawdown.DECIDER.fold(history))
        earlier = store.events(of_agreement)
        counted = funder_agreement.DECIDER.decide(count, funder_agreement.DECIDER.fold(earlier))
        return [
            Append(stream, len(history), submitted),
            Append(of_agreement, len(earlier), counted),
        ]

    return carry_out_together(
        store, stream, decide, context, request_hash=request_hash, expected_version=expected_version
    )


def end_year(
    store: EventStore,
    code: str,
    fiscal_year: int,
    context: Context,
    *,
    use: Mapping[str, YearUse],
    on: date,
    request_hash: bytes,
    expected_version: int | None,
) -> Outcome:
    """
    Carry over and lapse what the pockets of an agreement did not use of a year, all at once.

    ``use`` is per pocket; one that the ledger does not know has used nothing and holds nothing.
    Raises the refusals of either decider and those of ``carry_out_together``.
    """
    stream = streams.funder_agreement(code)

    def decide(history: Sequence[Any]) -> list[Append]:
        state = funder_agreement.DECIDER.fold(history)
        codes = state.pockets if isinstance(state, funder_agreement.Opened) else ()
        histories = {each: store.events(streams.pocket(each)) for each in codes}
        pockets = {each: pocket.DECIDER.fold(told) for each, told in histories.items()}
        command = funder_agreement.EndYear(
            fiscal_year=fiscal_year, pockets=_years(pockets, fiscal_year, use), on=on
        )
        ended = funder_agreement.DECIDER.decide(command, state)
        appends = [Append(stream, len(history), ended)]
        years = [event for event in ended if isinstance(event, FunderYearEnded)]
        for end in (end for year in years for end in year.pockets):
            changed = pocket.DECIDER.decide(
                pocket.EndYear(
                    fiscal_year=fiscal_year,
                    end=end,
                    effective_on=fiscal_year_ends_on(fiscal_year),
                ),
                pockets[end.pocket],
            )
            told = histories[end.pocket]
            appends.append(Append(streams.pocket(end.pocket), len(told), changed))
        return appends

    return carry_out_together(
        store, stream, decide, context, request_hash=request_hash, expected_version=expected_version
    )


def _years(
    pockets: Mapping[str, pocket.Pocket], fiscal_year: int, use: Mapping[str, YearUse]
) -> tuple[PocketYear, ...]:
    years = []
    for code, state in pockets.items():
        if not isinstance(state, pocket.Opened):
            continue
        ceiling = ceiling_of(state.yearly, fiscal_year)
        if ceiling is not None:
            said = use.get(code, YearUse())
            years.append(
                PocketYear(pocket=code, ceiling=ceiling, used=said.used, available=said.available)
            )
    return tuple(years)
