"""
A projection answers one question: pure deltas of events, and the tables they fill.

``deltas(recorded)`` says what one event changes; the projector folds the deltas of many events
and writes them (``folding``). The same function is used live, in a rebuild and in tests.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import MetaData, Table

from shared.eventstore.store import Recorded

_NAME = re.compile(r"[a-z][a-z_]{0,49}")


@dataclass(frozen=True, slots=True)
class Put:
    """The row under ``key`` has these values: insert it, or overwrite those columns."""

    table: Table
    key: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """The row under ``key`` now has these values. It must exist: otherwise the projection fails."""

    table: Table
    key: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Add:
    """
    The amounts under ``key`` grow (or shrink) by these; ``values`` are set beside them.

    The row is inserted when it does not exist. An amount that is not there counts as zero.
    """

    table: Table
    key: Mapping[str, Any]
    amounts: Mapping[str, int]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Insert:
    """A new row. One with its primary key must not exist."""

    table: Table
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Extend:
    """
    New rows of a table that only ever grows, each with a value for every column, in their order.

    The quickest way in (``COPY``), for tables of millions of rows. No other delta may name the
    table. All rows of a batch arrive in one statement.
    """

    table: Table
    rows: Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Remove:
    """No row under ``key`` any more."""

    table: Table
    key: Mapping[str, Any]


Delta = Put | Change | Add | Insert | Extend | Remove


@dataclass(frozen=True, slots=True)
class Projection:
    """
    One question, its tables and how events fill them.

    The tables of ``metadata`` are declared with ``schema=name``. Raise ``version`` when the tables
    or the deltas change: the projector then builds the next generation beside the live one.
    Every key is the whole primary key of its table.
    """

    name: str
    version: int
    metadata: MetaData
    deltas: Callable[[Recorded], Iterable[Delta]]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a projection's name names PostgreSQL schemas: {self.name!r}")
        if not self.tables:
            raise ValueError(f"no table of {self.name} is declared with schema={self.name!r}")

    @property
    def tables(self) -> list[Table]:
        """Its tables, those that others refer to first."""
        return [table for table in self.metadata.sorted_tables if table.schema == self.name]

    def placed_in(self, generation: int) -> dict[str | None, str | None]:
        """The ``schema_translate_map`` that leads to the tables of a generation."""
        return {self.name: schema_of(self.name, generation)}


def schema_of(name: str, generation: int) -> str:
    """The PostgreSQL schema that holds one generation of a projection."""
    return f"{name}_{generation}"
