"""What finance publishes: the envelopes that funders open and change."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Contract
from shared.kernel.money import Money


class YearlyCeiling(BaseModel):
    """The most that a pocket may be promised for one fiscal year."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    fiscal_year: int
    """The calendar year in which it ends."""
    ceiling: Money


class PocketChanged(Contract):
    """A funder opened or changed one of its envelopes. The amount is the new total."""

    contract_type: ClassVar[str] = "finance.pocket-changed.v1"

    pocket: str
    funder: str
    """Code of the funder, e.g. ``ISED``."""
    funder_agreement: str
    """Code of the funder agreement, e.g. ``ISED-P1``."""
    authority: Money
    """What the funder has granted in all."""
    yearly: tuple[YearlyCeiling, ...] = ()
    """All ceilings there are; a fiscal year without one is bounded by ``authority`` alone."""

    @property
    def key(self) -> str:
        """The pocket."""
        return self.pocket
