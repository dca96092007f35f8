"""What a programme may say to a rule: numbers, words, lists of words and days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from shared.kernel.refusals import Invalid

Parameter: TypeAlias = int | str | tuple[str, ...]
"""A day is written as ISO 8601 writes it; an amount is in cents, a share in basis points."""
Parameters: TypeAlias = Mapping[str, Parameter]

LONGEST_WORD = 200


class ParameterNotAcceptable(Invalid):
    """A rule is given parameters of the kinds that it knows."""

    en = "The parameter {parameter} of the rule {rule} cannot be this."
    fr = "Le paramètre {parameter} de la règle {rule} ne peut pas avoir cette valeur."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A whole number, bounds included."""

    lowest: int
    highest: int

    def takes(self, value: Parameter) -> bool:
        """It is a number within the bounds."""
        return isinstance(value, int) and self.lowest <= value <= self.highest

    def accepted(self) -> object:
        """What would be accepted, as JSON."""
        return {"minimum": self.lowest, "maximum": self.highest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A text that names something else in the definition."""

    def takes(self, value: Parameter) -> bool:
        """It says something, and not too much."""
        return isinstance(value, str) and 0 < len(value.strip()) <= len(value) <= LONGEST_WORD

    def accepted(self) -> object:
        """What would be accepted, as JSON."""
        return {"type": "string", "maximum_length": LONGEST_WORD}


@dataclass(frozen=True, slots=True, kw_only=True)
class SomeOf:
    """A list of one or more of these, each once."""

    known: tuple[str, ...]

    def takes(self, value: Parameter) -> bool:
        """It is a list of some of those that are known."""
        return (
            isinstance(value, tuple)
            and 0 < len(value) == len(set(value))
            and set(value) <= set(self.known)
        )

    def accepted(self) -> object:
        """What would be accepted, as JSON."""
        return list(self.known)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A civil date of this century, as ``2023-10-31``."""

    def takes(self, value: Parameter) -> bool:
        """It is a day, written as ISO 8601 writes it."""
        if not isinstance(value, str) or len(value) != len("2023-10-31"):
            return False
        try:
            return date.fromisoformat(value).year // 100 == 20
        except ValueError:
            return False

    def accepted(self) -> object:
        """What would be accepted, as JSON."""
        return {"type": "string", "format": "date"}


Kind: TypeAlias = Bounds | Word | SomeOf | CalendarDay
"""What a parameter may be; a definition is published only with parameters that it takes."""


def number(parameters: Parameters, name: str) -> int:
    """A parameter that is a whole number; anything else is a defect, not an input."""
    value = parameters[name]
    if not isinstance(value, int):
        raise TypeError(f"{name} is not a number: {value!r}")
    return value


def word(parameters: Parameters, name: str) -> str:
    """A parameter that is a text."""
    value = parameters[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is not a text: {value!r}")
    return value


def words(parameters: Parameters, name: str) -> tuple[str, ...]:
    """A parameter that is a list of texts."""
    value = parameters[name]
    if not isinstance(value, tuple):
        raise TypeError(f"{name} is not a list: {value!r}")
    return value


def day(parameters: Parameters, name: str) -> date:
    """A parameter that is a civil date."""
    return date.fromisoformat(word(parameters, name))
