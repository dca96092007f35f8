"""
How events become JSON and come back.

Event types have our own stable names, never a Python path. An old version of a type is brought to
the present one by pure upcasters, checked as a chain when the process starts.

Pydantic writes every event. Where its class is a dataclass msgspec reads it back, in half the
time: what is written once is read by decisions, projections, the relay and timers.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass
from functools import cache, lru_cache
from typing import Any

import msgspec
from pydantic import TypeAdapter

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class Undecodable(Exception):  # an alarm, never skipped
    """A stored fact that this code cannot read: newer code wrote it, or it is damaged."""


class UnknownEventType(Undecodable):
    """This code has no such event, or not in this version."""

    says_no_data = True


@dataclass(frozen=True, slots=True)
class EventType:
    """
    The stored name and version of one event class.

    ``upcasters[n]`` turns the JSON of version n into that of version n + 1.
    """

    name: str
    cls: type
    version: int = 1
    upcasters: Mapping[int, Upcaster] = field(default_factory=dict)


class EventTypes:
    """
    All event types of one service.

    Raises ``ValueError`` at construction when two share a name or a class, or when a chain of
    upcasters has a gap or a step too many.
    """

    def __init__(self, *types: EventType) -> None:
        self._by_name = {each.name: each for each in types}
        self._by_class = {each.cls: each for each in types}
        if not len(self._by_name) == len(self._by_class) == len(types):
            raise ValueError("two event types share a name or a class")
        for each in types:
            if set(each.upcasters) != set(range(1, each.version)):
                raise ValueError(
                    f"{each.name} is at version {each.version} and has upcasters from"
                    f" {sorted(each.upcasters)}: one from every earlier version is needed"
                )
        self._adapters = {each.name: _adapter(each.cls) for each in types}
        self._readers = {each.name: _reader(each.cls) for each in types}

    def __iter__(self) -> Any:
        return iter(self._by_name.values())

    def encode(self, event: object) -> tuple[str, int, bytes]:
        """The stored name, version and JSON of an event."""
        each = self._by_class.get(type(event))
        if each is None:
            raise UnknownEventType(type(event).__qualname__)
        return each.name, each.version, self._adapters[each.name].dump_json(event)

    def decode(self, name: str, version: int, data: str | bytes) -> Any:
        """
        The event of a stored name, version and JSON, at its present version.

        Raises ``Undecodable``.
        """
        each = self._by_name.get(name)
        if each is None or version > each.version:
            raise UnknownEventType(f"{name} version {version}")
        try:
            if version < each.version:
                value = json.loads(data)
                for step in range(version, each.version):
                    value = each.upcasters[step](value)
                data = json.dumps(value)
            return self._readers[name](data)
        except Exception as error:  # whatever an upcaster or a reader raises
            raise Undecodable(f"{name} version {version}") from error


def _reader(cls: type) -> Callable[[str | bytes], Any]:
    """
    What makes an event of its JSON: msgspec's decoder where it can, else pydantic's.

    Pydantic reads its own models, and dataclasses that hold one of several others: msgspec tells
    those apart by a tag of its own, which stored events do not have.
    """
    if not is_dataclass(cls):
        return _adapter(cls).validate_json
    try:
        return msgspec.json.Decoder(cls, dec_hook=_value).decode
    except TypeError:
        return _adapter(cls).validate_json


@lru_cache(maxsize=4096, typed=True)
def _value(kind: type, written: Any) -> Any:
    """
    A value that has a JSON form of its own, such as a quarter, as its pydantic schema reads it.

    Remembered, for a history names the same few a thousand times; so they must be immutable.
    """
    return _adapter(kind).validate_python(written)


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
