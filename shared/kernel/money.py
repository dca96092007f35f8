"""
Money in integer cents with its currency.

Nothing here rounds for display: amounts are rounded once, where they are shown.
The only lossy operation in accounting is division, and it is done by largest remainder.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

BASIS_POINTS = 10_000


def split_cents(total: int, weights: Sequence[int]) -> list[int]:
    """
    Apportion ``total`` cents by non-negative integer ``weights``, by largest remainder.

    The parts add up to ``total`` exactly; each is within one cent of its exact share;
    a weight of zero gets nothing; ties go to the earlier weight; a negative total mirrors
    the positive one. Raises ``ValueError`` when a weight is negative or all are zero.
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError(f"weights must be non-negative and not all zero: {list(weights)}")
    if total < 0:
        return [-part for part in split_cents(-total, weights)]
    quotients, remainders = zip(*(divmod(total * weight, whole) for weight in weights), strict=True)
    parts = list(quotients)
    by_remainder = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


class CurrencyMismatch(TypeError):
    """Two amounts of different currencies cannot be added or compared: a defect, not an input."""


@total_ordering
@dataclass(frozen=True, slots=True, init=False)
class Money:
    """
    An amount of one currency in its smallest unit.

    Ten dollars is ``Money(10_00)``. The JSON form is ``{"cents": 1000, "currency": "CAD"}``.
    """

    cents: int
    currency: str = "CAD"

    def __init__(self, cents: int, currency: str = "CAD") -> None:
        # As the dataclass would, in half the time: sums make amounts by the thousand.
        _set_cents(self, cents)
        _set_currency(self, currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.cents, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.cents < self._same(other)

    def __bool__(self) -> bool:
        return self.cents != 0

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} with {other.currency}")
        return other.cents

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> dict[str, Any]:
        # As pydantic would read this dataclass, but strictly: no cents in strings or as true,
        # no unknown field. Core schemas are plain dictionaries: the kernel needs no pydantic.
        def field(name: str, schema: dict[str, Any]) -> dict[str, Any]:
            return {"type": "dataclass-field", "name": name, "schema": schema}

        code = {"type": "str", "strict": True, "pattern": "^[A-Z]{3}$"}
        return {
            "type": "dataclass",
            "cls": cls,
            "fields": ["cents", "currency"],
            "slots": True,
            "schema": {
                "type": "dataclass-args",
                "dataclass_name": "Money",
                "extra_behavior": "forbid",
                "fields": [
                    field("cents", {"type": "int", "strict": True}),
                    field("currency", {"type": "default", "schema": code, "default": "CAD"}),
                ],
            },
        }

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Apportion by largest remainder; see ``split_cents``."""
        return [Money(part, self.currency) for part in split_cents(self.cents, weights)]

    def at_rate(self, basis_points: int) -> "Money":
        """
        The share of this amount at a rate in basis points (4 000 is 40 %).

        It is the first part of a split between the rate and the rest,
        so that the share and the rest always add up to the amount.
        """
        return self.split([basis_points, BASIS_POINTS - basis_points])[0]


_set_cents = vars(Money)["cents"].__set__
_set_currency = vars(Money)["currency"].__set__

ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """Add amounts of one currency; nothing at all is zero dollars."""
    result = None
    for amount in amounts:
        result = amount if result is None else result + amount
    return ZERO if result is None else result
