"""What a rule of a claim's form is, and what it is asked about."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from services.claims.domain.state import Agreement, AnyClaim
from services.claims.domain.values import ClaimForm
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A form before the rules, with what they compare it to."""

    claim_id: UUID
    form: ClaimForm
    agreement: Agreement
    on: date

    def others(self) -> list[AnyClaim]:
        """The participant's other claims."""
        claims = self.agreement.claims_of(self.form.participant_id)
        return [claim for claim in claims if claim.claim_id != self.claim_id]

    def can_be_added_up(self) -> bool:
        """No amount is negative or in another currency, so that sums mean something."""
        return all(
            amount.currency == ZERO.currency and amount >= ZERO for _, amount in self.amounts()
        )

    def amounts(self) -> Iterator[tuple[str, Money]]:
        """Every amount of the form, with its field."""
        for index, line in enumerate(self.form.lines):
            yield f"lines[{index}].cash", line.cash
            yield f"lines[{index}].in_kind", line.in_kind
            yield f"lines[{index}].sales_tax", line.sales_tax
        for index, expected in enumerate(self.form.forecast or ()):
            yield f"forecast[{index}].amount", expected.amount
        yield "other_government", self.form.other_government


Rule: TypeAlias = Callable[[Asked], Iterable[Refusal]]
"""Everything that a form does wrong by one rule."""
