"""Event types: stable names, and a chain of upcasters without a gap."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from shared.eventstore.codec import EventType, EventTypes, Undecodable, UnknownEventType


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    effective_on: date
    town: str
    province: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    effective_on: date


def with_town(old: dict[str, Any]) -> dict[str, Any]:
    return {"effective_on": old["effective_on"], "town": old["place"]}


def with_province(old: dict[str, Any]) -> dict[str, Any]:
    return {**old, "province": "QC"}


class TestEventTypes:
    def test_an_old_version_is_brought_to_the_present_one(self) -> None:
        """Version 1 passes through every upcaster, in order."""
        upcasters = {1: with_town, 2: with_province}
        types = EventTypes(EventType("person.moved", Moved, 3, upcasters))

        event = types.decode("person.moved", 1, '{"effective_on":"2023-04-01","place":"Laval"}')

        assert event == Moved(effective_on=date(2023, 4, 1), town="Laval", province="QC")

    def test_the_present_version_round_trips(self) -> None:
        """An event is read as it was written."""
        types = EventTypes(EventType("person.left", Left))
        left = Left(effective_on=date(2023, 4, 1))

        assert types.decode(*types.encode(left)) == left

    @pytest.mark.parametrize("upcasters", [{}, {1: with_town}, {2: with_province}])
    def test_a_gap_in_the_chain_stops_the_process(self, upcasters: dict[int, Any]) -> None:
        """A version that could not be read is found when the process starts."""
        with pytest.raises(ValueError, match="every earlier version"):
            EventTypes(EventType("person.moved", Moved, 3, upcasters))

    def test_a_name_belongs_to_one_class(self) -> None:
        """Two classes under one name could not be told apart."""
        with pytest.raises(ValueError, match="share a name"):
            EventTypes(EventType("person.moved", Moved), EventType("person.moved", Left))

    @pytest.mark.parametrize(("name", "version"), [("person.flew", 1), ("person.left", 2)])
    def test_what_cannot_be_read_is_an_alarm(self, name: str, version: int) -> None:
        """A type or version from the future is never skipped."""
        types = EventTypes(EventType("person.left", Left))

        with pytest.raises(UnknownEventType):
            types.decode(name, version, "{}")

    @pytest.mark.parametrize(
        ("version", "data"),
        [(1, "{}"), (2, '{"effective_on": "2023-04-01"}'), (3, "?"), (3, '{"effective_on": 7}')],
    )
    def test_what_does_not_fit_its_version_is_one_too(self, version: int, data: str) -> None:
        """Whatever an upcaster or a reader makes of it, it is said in one way, with its version."""
        types = EventTypes(EventType("person.moved", Moved, 3, {1: with_town, 2: with_province}))

        with pytest.raises(Undecodable, match=f"person.moved version {version}"):
            types.decode("person.moved", version, data)
