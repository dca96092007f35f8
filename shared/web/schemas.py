"""What requests are made of, with limits that hold everywhere."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell

FIRST_DAY, LAST_DAY = date(1900, 4, 1), date(2899, 3, 31)
"""Dates outside are slips of the pen; inside, no date arithmetic of ours leaves the calendar."""
LARGEST_NUMBER = 10**15
"""Ten trillion dollars in cents: sums over all of history stay within 64 bits."""
LONGEST_TEXT = 10_000
MOST_MISTAKES = 1_000
"""Nobody corrects more at once, and naming a million takes seconds."""

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
"""A civil date, for query and path parameters; dates in a ``Request`` are bounded anyway."""
FiscalYear = Annotated[int, Field(ge=1901, le=2899)]
"""The calendar year in which a fiscal year ends."""


_BOUNDS: dict[str, dict[str, Any]] = {
    "date": {"ge": FIRST_DAY, "le": LAST_DAY},
    "datetime": {
        "ge": datetime.combine(FIRST_DAY, time(), UTC),
        "le": datetime.combine(LAST_DAY, time(), UTC),
        "tz_constraint": "aware",
    },
    "int": {"ge": -LARGEST_NUMBER, "le": LARGEST_NUMBER, "strict": True},
    "str": {"max_length": LONGEST_TEXT, "strict": True},
    "bool": {"strict": True},
    "float": {"strict": True},
}
_CURRENCY = {"type": "literal", "expected": ["CAD"]}


def _bounded(schema: Any) -> Any:
    """
    A copy of a core schema in which every scalar has the bounds that it did not have.

    Amounts are in Canadian dollars: elsewhere, mixing currencies is a defect and not an input.
    """
    if isinstance(schema, list | tuple):
        return type(schema)(_bounded(part) for part in schema)
    if not isinstance(schema, dict):
        return schema
    copy = {name: part if name == "metadata" else _bounded(part) for name, part in schema.items()}
    if copy.get("name") == "currency" and schema["schema"]["schema"].get("pattern") == "^[A-Z]{3}$":
        copy["schema"]["schema"] = _CURRENCY
    return _BOUNDS.get(copy.get("type", ""), {}) | copy


class Request(BaseModel):
    """
    A request's body or a part of one.

    Unknown fields are refused. Scalars are strict (``"1"`` and ``true`` are not numbers), and
    where a field says no bound of its own, dates and instants are between ``FIRST_DAY`` and
    ``LAST_DAY``, whole numbers within ±``LARGEST_NUMBER``, and texts at most ``LONGEST_TEXT``
    characters. Instants have a time zone. Amounts are Canadian dollars. The parts of a request
    must be requests too: other models in it keep their own rules.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The usual schema, with bounds."""
        schema: CoreSchema = _bounded(handler(source))
        return schema

    @model_validator(mode="wrap")
    @classmethod
    def _few_mistakes(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(value)
        except ValidationError as invalid:
            if invalid.error_count() <= MOST_MISTAKES:
                raise
        raise PydanticCustomError("too_many_mistakes", "too many mistakes")


class FundingCellIn(Request):
    """Public money for one participant from one pocket, planned for one fiscal quarter."""

    participant_id: UUID
    pocket: str = Field(min_length=1, max_length=100)
    quarter: Quarter
    amount: Money

    def to_domain(self) -> FundingCell:
        """As the domain speaks of it."""
        return FundingCell(
            participant_id=self.participant_id,
            pocket=self.pocket,
            quarter=self.quarter,
            amount=self.amount,
        )


class MatchCellIn(Request):
    """What one participant contributes itself in one fiscal quarter."""

    participant_id: UUID
    quarter: Quarter
    cash: Money
    in_kind: Money = ZERO

    def to_domain(self) -> MatchCell:
        """As the domain speaks of it."""
        return MatchCell(
            participant_id=self.participant_id,
            quarter=self.quarter,
            cash=self.cash,
            in_kind=self.in_kind,
        )
