"""Writing a folded batch leaves what writing every delta by itself would have left."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    select,
)
from sqlalchemy.schema import CreateSchema

from shared.postgres.database import Database
from shared.projecting.folding import DeltaRefused, fold, write
from shared.projecting.projection import (
    Add,
    Change,
    Delta,
    Extend,
    Insert,
    Projection,
    Put,
    Remove,
)

pytestmark = pytest.mark.postgres

METADATA = MetaData()
THING = Table(
    "thing",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("state", Text),
    Column("count", BigInteger, nullable=False, server_default="0"),
    Column("cents", BigInteger),
    schema="things",
)
THINGS = Projection("things", 1, METADATA, lambda _: ())

KEYS = st.fixed_dictionaries({"kind": st.sampled_from("ab"), "number": st.integers(1, 2)})
TITLE = {"title": st.sampled_from(["one", "two"])}
OTHERS = {
    "state": st.sampled_from(["new", "old", None]),
    "count": st.integers(-5, 5),
    "cents": st.none() | st.integers(-5, 5),
}
WHOLE = st.fixed_dictionaries(TITLE, optional=OTHERS)
SOME = st.fixed_dictionaries({}, optional=TITLE | OTHERS)
AMOUNTS = st.fixed_dictionaries(
    {}, optional={"count": st.integers(-5, 5), "cents": st.integers(-5, 5)}
)


@st.composite
def histories(draw: st.DrawFn) -> list[Delta]:
    """Deltas that a sound projection could give: each fits the rows that the others left."""
    there: set[tuple[Any, ...]] = set()
    deltas: list[Delta] = []
    for _ in range(draw(st.integers(0, 12))):
        key = draw(KEYS)
        at = (key["kind"], key["number"])
        if at in there:
            kind = draw(st.sampled_from(["put", "change", "add", "remove"]))
            values = draw(SOME)
        else:
            kind = draw(st.sampled_from(["put", "add", "insert", "remove"]))
            values = draw(WHOLE)
        match kind:
            case "put":
                deltas.append(Put(THING, key, values))
            case "change":
                deltas.append(Change(THING, key, values))
            case "add":
                amounts = draw(AMOUNTS)
                rest = {name: value for name, value in values.items() if name not in amounts}
                deltas.append(Add(THING, key, amounts, rest))
            case "insert":
                deltas.append(Insert(THING, key | values))
            case _:
                deltas.append(Remove(THING, key))
        there = there - {at} if kind == "remove" else there | {at}
    return deltas


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """A transaction in which two generations of the things exist, both empty."""
    engine = create_engine(database.url)
    with engine.connect() as connection:
        for generation in (1, 2):
            connection.execute(CreateSchema(f"things_{generation}"))
            connection.execution_options(schema_translate_map=THINGS.placed_in(generation))
            METADATA.create_all(connection)
        connection.execution_options(schema_translate_map={})
        yield connection
    engine.dispose()


def rows(connection: Connection, generation: int) -> list[Any]:
    query = select(THING).order_by(THING.c.kind, THING.c.number)
    options = {"schema_translate_map": THINGS.placed_in(generation)}
    return list(connection.execute(query, execution_options=options))


@given(history=histories(), cut=st.integers(0, 12))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_folded_batch_equals_one_by_one(
    connection: Connection, history: list[Delta], cut: int
) -> None:
    """However a history is cut into batches, the rows are those of writing it delta by delta."""
    savepoint = connection.begin_nested()
    try:
        for delta in history:
            write(connection, fold([delta]), translate=THINGS.placed_in(1))
        for batch in (history[:cut], history[cut:]):
            write(connection, fold(batch), translate=THINGS.placed_in(2))
        assert rows(connection, 2) == rows(connection, 1)
    finally:
        savepoint.rollback()


def test_changing_what_is_not_there(connection: Connection) -> None:
    """A change of a row that does not exist is refused, and says which."""
    here, nowhere = {"kind": "a", "number": 1}, {"kind": "b", "number": 2}
    write(connection, fold([Insert(THING, here | {"title": "one"})]), translate=THINGS.placed_in(1))
    change = {"state": "new"}
    changes = fold([Change(THING, here, change), Change(THING, nowhere, change)])
    with pytest.raises(DeltaRefused, match="1 changed rows of thing do not exist"):
        write(connection, changes, translate=THINGS.placed_in(1))


def test_a_table_that_grows(connection: Connection) -> None:
    """Rows of several events arrive as they are, whatever is in their text."""
    rows = [
        ("a", 1, "tab\t, line\n, \\N and é", None, 3, -4),
        ("b", 2, "", "new", 0, None),
        ("a", 2, "\\", "\\.", 0, 0),
    ]
    batch = fold([Extend(THING, rows[:1]), Extend(THING, rows[1:])])
    write(connection, batch, translate=THINGS.placed_in(1))
    placed = {"schema_translate_map": THINGS.placed_in(1)}
    written = connection.execute(select(THING), execution_options=placed).all()
    assert sorted(map(tuple, written)) == sorted(rows)


def test_a_table_that_grows_is_not_written_otherwise(connection: Connection) -> None:
    """What is copied is not folded: which came first would be lost."""
    key = {"kind": "a", "number": 1}
    batch = fold([Extend(THING, [("a", 1, "one", None, 0, 0)]), Remove(THING, key)])
    with pytest.raises(DeltaRefused, match="only grows"):
        write(connection, batch, translate=THINGS.placed_in(1))
