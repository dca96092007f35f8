"""What finance is told of funders, and what it answers."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.finance.api.schemas import Code, Names, NamesOut
from services.finance.domain.events import (
    ClaimFrequency,
    FunderTerms,
    FunderYearEnded,
    PocketAmount,
    YearlyCeiling,
)
from services.finance.domain.funder_years import FunderYear
from services.finance.projections.knowledge import Moment
from shared.kernel.money import Money
from shared.web.schemas import FiscalYear, Request

Period = Annotated[
    str, StringConstraints(pattern=r"^2[0-8][0-9]{2}(-(T[1-4]|H[12]|0[1-9]|1[0-2]))?$")
]
"""A month ``2023-07``, a fiscal quarter ``2024-T2``, half a year ``2024-H1``, a year ``2024``."""


class YearlyCeilingIn(Request):
    """The most that an envelope may be promised for one fiscal year."""

    fiscal_year: FiscalYear
    ceiling: Money

    def to_domain(self) -> YearlyCeiling:
        """As the domain speaks of it."""
        return YearlyCeiling(fiscal_year=self.fiscal_year, ceiling=self.ceiling)


class PocketIn(Request):
    """An envelope that a funder grants."""

    code: Code
    names: Names
    authority: Money
    yearly: Annotated[list[YearlyCeilingIn], Field(max_length=50)] = Field(default_factory=list)
    """Years without a ceiling are bounded by ``authority`` alone."""


class TermsIn(Request):
    """What an agreement says of claiming; null where it says nothing."""

    claim_frequency: ClaimFrequency | None = None
    """Drawdowns then name a period of that length, each once."""
    share_bp: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """The funder's share of eligible spending, in basis points."""
    carry_over_bp: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Which part of a year's unused pocket ceilings is carried into the next; the rest lapses."""
    yearly: Annotated[list[YearlyCeilingIn], Field(max_length=50)] = Field(default_factory=list)
    """The most that may be claimed in a fiscal year."""

    def to_domain(self) -> FunderTerms:
        """As the domain speaks of it."""
        return FunderTerms(
            claim_frequency=self.claim_frequency,
            share_bp=self.share_bp,
            carry_over_bp=self.carry_over_bp,
            yearly=tuple(each.to_domain() for each in self.yearly),
        )


class NewTermsIn(Request):
    """All terms, in place of those before."""

    terms: TermsIn
    effective_on: date


class FunderAgreementIn(Request):
    """An agreement that a funder signed, with its envelopes."""

    code: Code
    funder: Code
    names: Names
    opened_on: date
    pockets: Annotated[list[PocketIn], Field(max_length=100)]
    terms: TermsIn = Field(default_factory=TermsIn)
    """What it says of claiming; what is left out is not said."""


class AuthorityIn(Request):
    """What an envelope holds from a day on."""

    authority: Money
    effective_on: date
    yearly: Annotated[list[YearlyCeilingIn], Field(max_length=50)] | None = None
    """All ceilings per fiscal year; null leaves them as they are."""


class PocketAmountIn(Request):
    """One pocket's part of a drawdown."""

    pocket: Code
    amount: Money

    def to_domain(self) -> PocketAmount:
        """As the domain speaks of it."""
        return PocketAmount(pocket=self.pocket, amount=self.amount)


class DrawdownIn(Request):
    """A claim to a funder."""

    funder_agreement: Code
    submitted_on: date
    pockets: Annotated[list[PocketAmountIn], Field(min_length=1, max_length=100)]
    period: Period | None = None
    """Which spending it is for; needed where the terms of the agreement name a frequency."""


class ReceiptIn(Request):
    """What a funder paid of a drawdown."""

    received_on: date
    amount: Money


class YearlyCeilingOut(BaseModel):
    """The ceiling of one fiscal year."""

    fiscal_year: int
    ceiling: Money


class TermsOut(BaseModel):
    """What an agreement says of claiming; null where it says nothing."""

    claim_frequency: ClaimFrequency | None
    share_bp: int | None
    carry_over_bp: int | None
    yearly: list[YearlyCeilingOut]

    @classmethod
    def of(cls, terms: FunderTerms) -> "TermsOut":
        """Of the terms of the domain."""
        return cls(
            claim_frequency=terms.claim_frequency,
            share_bp=terms.share_bp,
            carry_over_bp=terms.carry_over_bp,
            yearly=[
                YearlyCeilingOut(fiscal_year=each.fiscal_year, ceiling=each.ceiling)
                for each in terms.yearly
            ],
        )


class PocketYearEndOut(BaseModel):
    """What became of a pocket's ceiling: what was not used was carried over, or lapsed."""

    pocket: str
    ceiling: Money
    used: Money
    carried: Money
    lapsed: Money


class YearEndOut(BaseModel):
    """The end of a fiscal year."""

    fiscal_year: int
    carry_over_bp: int
    pockets: list[PocketYearEndOut]

    @classmethod
    def of(cls, ended: FunderYearEnded) -> "YearEndOut":
        """Of what happened."""
        return cls(
            fiscal_year=ended.fiscal_year,
            carry_over_bp=ended.carry_over_bp,
            pockets=[
                PocketYearEndOut(
                    pocket=each.pocket,
                    ceiling=each.ceiling,
                    used=each.used,
                    carried=each.carried,
                    lapsed=each.lapsed,
                )
                for each in ended.pockets
            ],
        )


class FunderAgreementOut(BaseModel):
    """A funder agreement."""

    code: str
    funder: str
    names: NamesOut
    opened_on: date
    pockets: list[str]
    terms: TermsOut
    year_ends: list[YearEndOut]
    """Oldest first."""


class PocketAmountOut(BaseModel):
    """One pocket's part of a drawdown."""

    pocket: str
    amount: Money


class DrawdownOut(BaseModel):
    """A drawdown, and what is still to come of it."""

    id: UUID
    funder_agreement: str
    submitted_on: date
    claimed: list[PocketAmountOut]
    due: list[PocketAmountOut]
    period: str | None


class FunderYearOut(BaseModel):
    """
    One fiscal year of an agreement; null where its terms say nothing.

    ``room`` = ceiling − claimed; ``claimable`` = share − claimed, where ``share`` is the funder's
    share of ``spent``.
    """

    fiscal_year: int
    ceiling: Money | None
    claimed: Money
    room: Money | None
    spent: Money
    """Owed or paid out of its pockets in the year, less what came back."""
    share: Money | None
    claimable: Money | None
    carried: Money | None
    """Null while the year has not been ended."""
    lapsed: Money | None

    @classmethod
    def of(cls, year: FunderYear) -> "FunderYearOut":
        """Of a year of the domain."""

        def money(cents: int | None) -> Money | None:
            return None if cents is None else Money(cents)

        return cls(
            fiscal_year=year.fiscal_year,
            ceiling=money(year.ceiling),
            claimed=Money(year.claimed),
            room=money(year.room),
            spent=Money(year.spent),
            share=money(year.share),
            claimable=money(year.claimable),
            carried=money(year.carried),
            lapsed=money(year.lapsed),
        )


class FunderYearsOut(BaseModel):
    """Every fiscal year that something is said of, oldest first."""

    as_of: Moment | None
    until: date | None
    items: list[FunderYearOut]
