"""What other Canadian governments give to the same activity, source by source."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.kernel.money import Money

GOVERNMENTS = ("federal", "provincial", "territorial", "municipal")
STATUSES = ("confirmed", "requested")


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernmentSource:
    """One programme of a government that gives, or is asked to give, to the same activity."""

    government: str
    """One of ``GOVERNMENTS``."""
    programme: str
    """Its name, as that government calls it."""
    amount: Money
    status: str
    """One of ``STATUSES``: what is only asked for counts as well, for it may be given."""
    is_tax_credit: bool = False
    """It comes as a tax credit; Québec adds those to the other aid, and so does a limit here."""


def cents_of(sources: Iterable[GovernmentSource]) -> int:
    """What all sources give together, tax credits and what is only asked for included."""
    return sum(source.amount.cents for source in sources)
