"""What a request for an amendment says: one body per kind, told apart by ``kind``."""

from datetime import date
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import Field

from services.claims.api.agreement_schemas import BudgetLineIn, Text
from services.claims.api.claim_schemas import Reason
from services.claims.domain.changes import (
    BudgetMove,
    Change,
    Increase,
    ParticipantAddition,
    ParticipantWithdrawal,
    Reduction,
    ScopeChange,
    TimeExtension,
)
from services.claims.domain.values import BudgetLine, Party
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell
from shared.web.schemas import FundingCellIn, MatchCellIn, Request

MOST_CELLS = 2_000


class _ProposalIn(Request):
    effective_on: date
    """The day from which it counts, once approved."""
    reason: Reason | None = None


class _MoneyIn(_ProposalIn):
    """Differences; ``budget`` only where the agreement has one."""

    funding: Annotated[tuple[FundingCellIn, ...], Field(max_length=MOST_CELLS)] = ()
    match: Annotated[tuple[MatchCellIn, ...], Field(max_length=MOST_CELLS)] = ()
    budget: Annotated[tuple[BudgetLineIn, ...], Field(max_length=MOST_CELLS)] = ()

    def _amounts(self) -> dict[str, Any]:
        return {
            "funding": tuple(cell.to_domain() for cell in self.funding),
            "match": tuple(cell.to_domain() for cell in self.match),
            "budget": tuple(line.to_domain() for line in self.budget),
        }


class BudgetMoveIn(_MoneyIn):
    """Money moves between categories, participants or periods; the end stays."""

    kind: Literal["budget-moved", "reprofile"]
    """``reprofile`` is what it was called before."""
    ends_on: None = None
    """A move leaves it; earlier callers send null."""

    def to_domain(self) -> Change:
        """As the domain speaks of it."""
        return BudgetMove(**self._amounts())


class TimeExtensionIn(_MoneyIn):
    """A later end; money may move."""

    kind: Literal["time-extension"]
    ends_on: date

    def to_domain(self) -> Change:
        """As the domain speaks of it."""
        return TimeExtension(ends_on=self.ends_on, **self._amounts())


class ReductionIn(_MoneyIn):
    """Public money is taken, and released to its pockets."""

    kind: Literal["reduction"]
    ends_on: date | None = None
    """Null: it stays."""

    def to_domain(self) -> Change:
        """As the domain speaks of it."""
        return Reduction(ends_on=self.ends_on, **self._amounts())


class IncreaseIn(_MoneyIn):
    """Public money is added, once its pockets have reserved it."""

    kind: Literal["increase"]
    ends_on: date | None = None
    """Null: it stays."""

    def to_domain(self) -> Change:
        """As the domain speaks of it."""
        return Increase(ends_on=self.ends_on, **self._amounts())


class OwnFundingIn(Request):
    """What the newcomer gets from one pocket in one planned quarter."""

    pocket: str = Field(min_length=1, max_length=100)
    quarter: Quarter
    amount: Money


class OwnMatchIn(Request):
    """What the newcomer contributes itself in one quarter."""

    quarter: Quarter
    cash: Money
    in_kind: Money = ZERO


class OwnBudgetIn(Request):
    """What the newcomer budgets in one category."""

    category: str = Field(min_length=1, max_length=100)
    cash: Money
    in_kind: Money = ZERO


class PartyIn(Request):
    """An organisation that is to take part, with what it gets and contributes."""

    organisation_id: UUID
    role: Literal["lead", "adopter", "ai-provider", "research", "other"]
    name: str = Field(min_length=1, max_length=300)
    """Name of the organisation."""
    province: str = Field(pattern="^[A-Z]{2}$")
    sme: bool
    funding: Annotated[tuple[OwnFundingIn, ...], Field(max_length=MOST_CELLS)] = ()
    match: Annotated[tuple[OwnMatchIn, ...], Field(max_length=MOST_CELLS)] = ()
    budget: Annotated[tuple[OwnBudgetIn, ...], Field(max_length=MOST_CELLS)] = ()


class ParticipantAdditionIn(_MoneyIn):
    """Another party, which signs before the approval; the amounts outside it are the others'."""

    kind: Literal["participant-added"]
    party: PartyIn

    def to_domain_of(self, project_id: UUID) -> Change:
        """As the domain speaks of it; the id follows from the project and the organisation."""
        asked, others = self.party, self._amounts()
        one = derived_id("participant", project_id, asked.organisation_id)
        return ParticipantAddition(
            party=Party(
                participant_id=one,
                organisation_id=asked.organisation_id,
                role=asked.role,
                name=asked.name,
                province=asked.province,
                sme=asked.sme,
            ),
            funding=(
                *others["funding"],
                *(
                    FundingCell(
                        participant_id=one,
                        pocket=own.pocket,
                        quarter=own.quarter,
                        amount=own.amount,
                    )
                    for own in asked.funding
                ),
            ),
            match=(
                *others["match"],
                *(
                    MatchCell(
                        participant_id=one, quarter=own.quarter, cash=own.cash, in_kind=own.in_kind
                    )
                    for own in asked.match
                ),
            ),
            budget=(
                *others["budget"],
                *(
                    BudgetLine(
                        participant_id=one,
                        category=own.category,
                        cash=own.cash,
                        in_kind=own.in_kind,
                    )
                    for own in asked.budget
                ),
            ),
        )


class ParticipantWithdrawalIn(_MoneyIn):
    """A participant leaves; the amounts are what named others get, the rest is released."""

    kind: Literal["participant-withdrawn"]
    participant_id: UUID

    def to_domain(self) -> Change:
        """As the domain speaks of it."""
        return ParticipantWithdrawal(participant_id=self.participant_id, **self._amounts())


class ScopeChangeIn(_ProposalIn):
    """Other work for the same money."""

    kind: Literal["scope"]
    text_en: Text
    text_fr: Text

    def to_domain(self) -> Change:
        """As the domain speaks of it."""
        return ScopeChange(text_en=self.text_en, text_fr=self.text_fr)


AmendmentIn: TypeAlias = Annotated[
    BudgetMoveIn
    | TimeExtensionIn
    | ReductionIn
    | IncreaseIn
    | ParticipantAdditionIn
    | ParticipantWithdrawalIn
    | ScopeChangeIn,
    Field(discriminator="kind"),
]


class RefusalIn(Request):
    """Why a proposal is rejected or taken back."""

    reason: Reason
