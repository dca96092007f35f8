"""Budgets: the government sources as they are sent, and the grid as it is answered."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.intake.api.words import Name
from services.intake.domain.budget import Budget
from services.intake.domain.grid import Grid, PocketShare, Sum
from services.intake.domain.sources import GOVERNMENTS, STATUSES, GovernmentSource
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.web.openapi import ProblemError
from shared.web.schemas import Request

MOST_SOURCES = 50


class SourceIn(Request):
    """One programme of another Canadian government that gives to the same activity."""

    government: Annotated[Name, Field(description=" · ".join(GOVERNMENTS))]
    programme: Name
    amount: Money
    status: Annotated[Name, Field(description=" · ".join(STATUSES))]
    is_tax_credit: bool = False

    def to_domain(self) -> GovernmentSource:
        """As the domain speaks of it."""
        return GovernmentSource(
            government=self.government,
            programme=self.programme.strip(),
            amount=self.amount,
            status=self.status,
            is_tax_credit=self.is_tax_credit,
        )


Sources = Annotated[tuple[SourceIn, ...], Field(max_length=MOST_SOURCES)]


class SourceOut(BaseModel):
    """One programme of another Canadian government that gives to the same activity."""

    government: str
    programme: str
    amount: Money
    status: str
    is_tax_credit: bool

    @classmethod
    def of(cls, source: GovernmentSource) -> "SourceOut":
        """As it is answered."""
        return cls(
            government=source.government,
            programme=source.programme,
            amount=source.amount,
            status=source.status,
            is_tax_credit=source.is_tax_credit,
        )


class CostSumOut(BaseModel):
    """What some costs add up to."""

    cash: Money
    in_kind: Money


class SumOut(CostSumOut):
    """What some lines add up to: cash = requested + match in cash."""

    requested: Money
    match_cash: Money


class ParticipantSumOut(SumOut):
    """One participant's lines."""

    organisation_id: UUID


class CategorySumOut(CostSumOut):
    """One category's costs."""

    category: str


class QuarterSumOut(SumOut):
    """The lines of one fiscal quarter."""

    quarter: Quarter


class YearSumOut(SumOut):
    """The lines of one fiscal year, April to March, named for the year in which it ends."""

    fiscal_year: int


class YearAmountOut(BaseModel):
    """An amount in one fiscal year."""

    fiscal_year: int
    amount: Money


class PocketShareOut(BaseModel):
    """What one pocket would pay by the programme's own split."""

    pocket: str
    amount: Money
    fiscal_years: list[YearAmountOut]


class GridOut(BaseModel):
    """A budget added up in every direction; every direction adds up to ``whole``."""

    participants: list[ParticipantSumOut]
    categories: list[CategorySumOut]
    quarters: list[QuarterSumOut]
    fiscal_years: list[YearSumOut]
    whole: SumOut
    other_governments: Money
    """What every other government gives, each source and the sum given without sources."""
    sources: list[SourceOut]
    pockets: list[PocketShareOut] | None
    """A preview that adds up to the request; null where no pocket may fund a participant."""
    unfundable: list[ProblemError]
    """Why there is no preview."""

    @classmethod
    def of(
        cls,
        budget: Budget,
        grid: Grid,
        organisations: dict[UUID, UUID],
        pockets: tuple[PocketShare, ...] | None,
        unfundable: list[ProblemError],
    ) -> "GridOut":
        """As it is answered; ``organisations`` by participant."""
        return cls(
            participants=[
                ParticipantSumOut(organisation_id=organisations[each], **_of(added))
                for each, added in grid.by_participant.items()
            ],
            categories=[
                CategorySumOut(category=each, cash=added.cash, in_kind=added.in_kind)
                for each, added in grid.by_category.items()
            ],
            quarters=[
                QuarterSumOut(quarter=each, **_of(added)) for each, added in grid.by_quarter.items()
            ],
            fiscal_years=[
                YearSumOut(fiscal_year=each, **_of(added))
                for each, added in grid.by_fiscal_year.items()
            ],
            whole=SumOut(**_of(grid.whole)),
            other_governments=budget.from_governments,
            sources=[SourceOut.of(each) for each in budget.sources],
            pockets=None if pockets is None else [_pocket(each) for each in pockets],
            unfundable=unfundable,
        )


def _of(added: Sum) -> dict[str, Money]:
    return {
        "cash": added.cash,
        "in_kind": added.in_kind,
        "requested": added.requested,
        "match_cash": added.match_cash,
    }


def _pocket(share: PocketShare) -> PocketShareOut:
    return PocketShareOut(
        pocket=share.pocket,
        amount=share.amount,
        fiscal_years=[
            YearAmountOut(fiscal_year=year, amount=amount)
            for year, amount in share.by_fiscal_year.items()
        ],
    )
