"""
The end of a fiscal year for a pocket with a yearly ceiling.

    unused  = ceiling − what the year used, never below zero
    carried = unused at the agreement's rate;  lapsed = unused − carried
"""

from dataclasses import dataclass

from services.finance.domain.events import PocketYearEnd
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import RuleBroken


class MoreLapsesThanIsAvailable(RuleBroken):
    """What is promised cannot lapse: it must be released first, or the ceilings changed."""

    en = "{lapsed} of the pocket {pocket} would lapse, and only {available} is available."
    fr = (
        "{lapsed} de l’enveloppe {pocket} deviendraient caducs, mais {available} seulement y sont "
        "disponibles."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketYear:
    """What the pocket and the ledger say of a year."""

    pocket: str
    ceiling: Money
    used: Money
    """Reserved, committed or spent in the year, less what came back in it."""
    available: Money
    """Of the pocket in all, promised to nobody in any year."""


def end_of(year: PocketYear, carry_over_bp: int) -> PocketYearEnd:
    """What is carried over and what lapses. Raises ``MoreLapsesThanIsAvailable``."""
    unused = max(year.ceiling - year.used, ZERO)
    carried = unused.at_rate(carry_over_bp)
    lapsed = unused - carried
    if lapsed and lapsed > year.available:
        raise MoreLapsesThanIsAvailable(
            pocket=year.pocket, lapsed=lapsed, available=year.available, field="pockets"
        )
    return PocketYearEnd(
        pocket=year.pocket, ceiling=year.ceiling, used=year.used, carried=carried, lapsed=lapsed
    )
