"""Copies of frozen values differ in what was changed, and in nothing else."""

from dataclasses import FrozenInstanceError, dataclass

import pytest

from shared.kernel.frozen import made, replace


@dataclass(frozen=True, kw_only=True)
class Wide:
    name: str
    size: int = 1


@dataclass(frozen=True, kw_only=True)
class Checked(Wide):
    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    name: str
    size: int = 1


@dataclass(frozen=True, kw_only=True)
class Both(Narrow):
    weight: int = 2


class TestReplace:
    @pytest.mark.parametrize("cls", [Wide, Narrow, Checked, Both])
    def test_changes_what_is_said_and_keeps_the_rest(
        self, cls: type[Wide | Narrow | Checked | Both]
    ) -> None:
        """The copy has the changes, the original does not, whatever the class is made of."""
        before = cls(name="a", size=3)

        assert replace(before, name="b") == cls(name="b", size=3)
        assert before == cls(name="a", size=3)

    @pytest.mark.parametrize("cls", [Wide, Narrow])
    def test_refuses_a_field_that_is_not_there(self, cls: type[Wide | Narrow]) -> None:
        """A misspelt change is a defect."""
        with pytest.raises(TypeError):
            replace(cls(name="a"), sise=3)  # type: ignore[call-arg]

    def test_gives_a_value_as_frozen_as_the_first(self) -> None:
        """A copy cannot be changed either."""
        with pytest.raises(FrozenInstanceError):
            replace(Wide(name="a"), size=2).size = 3  # type: ignore[misc]

    def test_still_checks_what_checks_itself(self) -> None:
        """A class that looks at itself when it is made does so when it is copied."""
        with pytest.raises(ValueError, match="negative"):
            replace(Checked(name="a"), size=-1)


class TestMade:
    @pytest.mark.parametrize("cls", [Wide, Narrow, Checked, Both])
    def test_is_as_if_it_were_called(self, cls: type[Wide | Narrow | Checked | Both]) -> None:
        """A value is the same whether its fields come in a call or in a dictionary."""
        assert made(cls, {"name": "a", "size": 3}) == cls(name="a", size=3)
        assert made(cls, {"name": "a"}) == cls(name="a")

    @pytest.mark.parametrize("parts", [{}, {"name": "a", "sise": 3}, {"size": 1, "sise": 3}])
    def test_refuses_what_a_call_refuses(self, parts: dict[str, object]) -> None:
        """A field that is missing or not there is a defect."""
        with pytest.raises(TypeError):
            made(Wide, parts)
