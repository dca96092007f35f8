"""
Folding: many deltas of the same row become one write.

``fold`` is pure and keeps at most one pending write per table and key. Writing what it gives
leaves the tables as writing every delta by itself would have.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from typing import Any, assert_never, cast

import psycopg
from psycopg import sql
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.projecting.projection import Add, Change, Delta, Extend, Insert, Put, Remove

Row = dict[str, Any]
Key = tuple[Any, ...]


class DeltaRefused(Exception):  # the projection is wrong, not the database
    """A delta contradicts the rows it meets: a defect of the projection. Names tables alone."""

    says_no_data = True


class Write(Enum):
    """What to do with a row, given that it may be there."""

    INSERT = auto()
    """It is new."""
    REPLACE = auto()
    """It is removed if it is there, then it is new."""
    MERGE = auto()
    """It is inserted or updated."""
    UPDATE = auto()
    """It is there."""
    DELETE = auto()
    """It goes if it is there."""


_IS_NEW = (Write.INSERT, Write.REPLACE)


@dataclass(slots=True)
class Pending:
    """The one write of a row that the deltas so far amount to."""

    write: Write
    values: Row = field(default_factory=dict)
    """Columns whose value is known."""
    amounts: dict[str, int] = field(default_factory=dict)
    """Columns of which only the difference is known."""

    def set(self, values: Mapping[str, Any]) -> None:
        """These columns have these values, whatever was there."""
        self.values.update(values)
        for column in values:
            self.amounts.pop(column, None)

    def add(self, amounts: Mapping[str, int]) -> None:
        """These columns grow by so much, from what is known of them."""
        for column, amount in amounts.items():
            if column in self.values or self.write in _IS_NEW:
                self.values[column] = (self.values.get(column) or 0) + amount
            else:
                self.amounts[column] = self.amounts.get(column, 0) + amount


class Folded:
    """The pending writes of a batch, by table and key."""

    def __init__(self) -> None:
        self.rows: dict[Table, dict[Key, Pending]] = defaultdict(dict)
        self.unkeyed: dict[Table, list[Row]] = defaultdict(list)
        """Inserted rows whose primary key the database gives."""
        self.extended: dict[Table, list[tuple[Any, ...]]] = defaultdict(list)
        """Rows of tables that only grow."""

    def take(self, delta: Delta) -> None:
        """Fold in one more delta. Raises ``DeltaRefused``."""
        match delta:
            case Put(table, key, values):
                self._existing_or_new(table, key).set(values)
            case Add(table, key, amounts, values):
                pending = self._existing_or_new(table, key)
                pending.add(amounts)
                pending.set(values)
            case Change(table, key, values):
                self._existing(table, key).set(values)
            case Insert(table, row):
                self._insert(table, row)
            case Extend(table, rows):
                self.extended[table] += rows
            case Remove(table, key):
                self.rows[table][_key(table, key)] = Pending(Write.DELETE)
            case unreachable:
                assert_never(unreachable)

    def _existing_or_new(self, table: Table, key: Mapping[str, Any]) -> Pending:
        rows, at = self.rows[table], _key(table, key)
        if at not in rows:
            rows[at] = Pending(Write.MERGE)
        elif rows[at].write is Write.DELETE:
            rows[at] = Pending(Write.REPLACE)
        return rows[at]

    def _existing(self, table: Table, key: Mapping[str, Any]) -> Pending:
        pending = self.rows[table].setdefault(_key(table, key), Pending(Write.UPDATE))
        if pending.write is Write.DELETE:
            raise DeltaRefused(f"a row of {table.name} is changed after its removal")
        return pending

    def _insert(self, table: Table, row: Mapping[str, Any]) -> None:
        names = [column.name for column in table.primary_key]
        if not names or any(name not in row for name in names):
            self.unkeyed[table].append(dict(row))
            return
        rows, at = self.rows[table], tuple(row[name] for name in names)
        before = rows.get(at)
        if before is not None and before.write is not Write.DELETE:
            raise DeltaRefused(f"a row of {table.name} is inserted twice")
        values = {name: value for name, value in row.items() if name not in names}
        rows[at] = Pending(Write.INSERT if before is None else Write.REPLACE, values)


def fold(deltas: Iterable[Delta]) -> Folded:
    """Merge deltas, oldest first. Raises ``DeltaRefused``."""
    folded = Folded()
    for delta in deltas:
        folded.take(delta)
    return folded


def _key(table: Table, key: Mapping[str, Any]) -> Key:
    names = [column.name for column in table.primary_key]
    if set(names) != key.keys():
        raise DeltaRefused(f"a key of {table.name} has {names}, not {sorted(key)}")
    return tuple(key[name] for name in names)


def write(
    connection: Connection,
    folded: Folded,
    *,
    translate: dict[str | None, str | None] | None = None,
) -> None:
    """
    Write a folded batch: one statement per table, kind of write and set of columns.

    Raises ``DeltaRefused`` when a changed row does not exist, and when a table that only grows is
    also written otherwise.
    """
    options = {"schema_translate_map": translate} if translate else {}
    bound = _Bound(connection, options)
    for table, rows in folded.rows.items():
        _write_rows(bound, table, rows)
    for table, new in folded.unkeyed.items():
        for same in _by_columns(new):
            bound.execute(insert(table), same)
    for table, added in folded.extended.items():
        if table in folded.rows or table in folded.unkeyed:
            raise DeltaRefused(f"{table.name} only grows, and is written otherwise")
        _copy(connection, table, added, (translate or {}).get(table.schema, table.schema))


def _copy(
    connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]], schema: str | None
) -> None:
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(*filter(None, (schema, table.name))),
        sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
    )
    with driver.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row(row)


@dataclass(frozen=True, slots=True)
class _Bound:
    connection: Connection
    options: dict[str, Any]

    def execute(self, statement: Any, rows: Sequence[Row]) -> int:
        result = self.connection.execute(statement, rows, execution_options=self.options)
        return result.rowcount


def _write_rows(bound: _Bound, table: Table, rows: Mapping[Key, Pending]) -> None:
    names = [column.name for column in table.primary_key]

    def keyed(at: Key, prefix: str = "") -> Row:
        return {f"{prefix}{name}": value for name, value in zip(names, at, strict=True)}

    required = _required_columns(table)
    of = defaultdict[Write, list[tuple[Key, Pending]]](list)
    for at, pending in rows.items():
        # PostgreSQL checks NOT NULL before it looks for a conflict. What could not be inserted
        # anyway is a change of a row that is there.
        could_be_new = required <= pending.values.keys() | pending.amounts.keys()
        as_update = pending.write is Write.MERGE and not could_be_new
        of[Write.UPDATE if as_update else pending.write].append((at, pending))

    gone = [keyed(at, "key_") for at, _ in of[Write.DELETE] + of[Write.REPLACE]]
    if gone:
        bound.execute(_delete(table), gone)
    new = [keyed(at) | pending.values for at, pending in of[Write.REPLACE] + of[Write.INSERT]]
    for same in _by_columns(new):
        bound.execute(insert(table), same)
    for (values, amounts), same_columns in _by_shape(of[Write.MERGE]).items():
        bound.execute(
            _merge(table, values, amounts),
            [keyed(at) | pending.values | pending.amounts for at, pending in same_columns],
        )
    for (values, amounts), same_columns in _by_shape(of[Write.UPDATE]).items():
        if not values and not amounts:
            continue
        changed = bound.execute(
            _update(table, values, amounts),
            [
                keyed(at, "key_")
                | {f"new_{n}": value for n, value in (pending.values | pending.amounts).items()}
                for at, pending in same_columns
            ],
        )
        if changed != len(same_columns):
            missing = len(same_columns) - changed
            raise DeltaRefused(f"{missing} changed rows of {table.name} do not exist")


# Statements are made once, for making them takes longer than what most of them do.


@cache
def _delete(table: Table) -> Any:
    return delete(table).where(_at_key(table))


@cache
def _update(table: Table, values: tuple[str, ...], amounts: tuple[str, ...]) -> Any:
    changes: Row = {name: bindparam(f"new_{name}") for name in values}
    for name in amounts:
        difference = bindparam(f"new_{name}", type_=table.c[name].type)
        changes[name] = func.coalesce(table.c[name], 0) + difference
    return update(table).where(_at_key(table)).values(changes)


def _at_key(table: Table) -> ColumnElement[bool]:
    return and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key))


@cache
def _merge(table: Table, values: tuple[str, ...], amounts: tuple[str, ...]) -> Any:
    names = [column.name for column in table.primary_key]
    statement = upsert(table)
    if not values and not amounts:
        return statement.on_conflict_do_nothing(index_elements=names)
    changes: Row = {name: statement.excluded[name] for name in values}
    for name in amounts:
        changes[name] = func.coalesce(table.c[name], 0) + statement.excluded[name]
    return statement.on_conflict_do_update(index_elements=names, set_=changes)


@cache
def _required_columns(table: Table) -> frozenset[str]:
    """The columns without which no row can be inserted, besides its key."""
    return frozenset(
        column.name
        for column in table.columns
        if not (
            column.nullable
            or column.primary_key
            or column.default is not None
            or column.server_default is not None
        )
    )


def _by_columns(rows: Iterable[Row]) -> list[list[Row]]:
    groups = defaultdict[frozenset[str], list[Row]](list)
    for row in rows:
        groups[frozenset(row)].append(row)
    return list(groups.values())


def _by_shape(
    pendings: Iterable[tuple[Key, Pending]],
) -> dict[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[Key, Pending]]]:
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[Key, Pending]]] = {}
    for at, pending in pendings:
        shape = (tuple(sorted(pending.values)), tuple(sorted(pending.amounts)))
        groups.setdefault(shape, []).append((at, pending))
    return groups
