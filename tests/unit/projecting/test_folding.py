"""Folding deltas: what many changes of one row amount to."""

import pytest
from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

from shared.projecting.folding import DeltaRefused, Pending, Write, fold
from shared.projecting.projection import Add, Change, Delta, Insert, Projection, Put, Remove

METADATA = MetaData()
JAR = Table(
    "jar",
    METADATA,
    Column("owner", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("label", Text),
    Column("cents", BigInteger, server_default="0"),
    schema="jars",
)
FIRST = {"owner": "ada", "number": 1}
SECOND = {"owner": "ada", "number": 2}


def folded(*deltas: Delta) -> list[tuple[str, dict[str, object], dict[str, int]]]:
    rows = fold(deltas).rows[JAR].values()
    return [(each.write.name, each.values, each.amounts) for each in rows]


class TestFoldingDeltas:
    def test_amounts_of_one_row_add_up_to_one_write(self) -> None:
        """However many events add to a row, it is written once."""
        deltas = [Add(JAR, FIRST, {"cents": 1_00}) for _ in range(500)]
        assert folded(*deltas) == [("MERGE", {}, {"cents": 500_00})]

    def test_rows_stay_apart(self) -> None:
        """Only deltas of the same key are merged."""
        assert folded(Add(JAR, FIRST, {"cents": 1}), Add(JAR, SECOND, {"cents": 2})) == [
            ("MERGE", {}, {"cents": 1}),
            ("MERGE", {}, {"cents": 2}),
        ]

    def test_adding_after_a_value_is_known(self) -> None:
        """An amount added to a column that was just set is added to what was set."""
        assert folded(Put(JAR, FIRST, {"cents": 5}), Add(JAR, FIRST, {"cents": 2})) == [
            ("MERGE", {"cents": 7}, {})
        ]

    def test_setting_after_adding(self) -> None:
        """A value set later forgets what was added before."""
        assert folded(Add(JAR, FIRST, {"cents": 2}), Put(JAR, FIRST, {"cents": 5})) == [
            ("MERGE", {"cents": 5}, {})
        ]

    def test_a_change_of_a_row_inserted_before(self) -> None:
        """A row inserted and changed in one batch is inserted as changed."""
        assert folded(
            Insert(JAR, FIRST | {"label": "a", "cents": 1}),
            Change(JAR, FIRST, {"label": "b"}),
            Add(JAR, FIRST, {"cents": 1}),
        ) == [("INSERT", {"label": "b", "cents": 2}, {})]

    def test_a_row_put_after_its_removal(self) -> None:
        """A row that comes back after a removal keeps nothing of what it was."""
        assert folded(Remove(JAR, FIRST), Add(JAR, FIRST, {"cents": 3})) == [
            ("REPLACE", {"cents": 3}, {})
        ]

    def test_a_row_removed_after_all(self) -> None:
        """Only the removal is left of a row that ends removed."""
        assert folded(Put(JAR, FIRST, {"label": "a"}), Remove(JAR, FIRST)) == [("DELETE", {}, {})]

    def test_changing_what_was_removed_is_refused(self) -> None:
        """A change needs a row; one that was just removed has none."""
        with pytest.raises(DeltaRefused, match="after its removal"):
            fold([Remove(JAR, FIRST), Change(JAR, FIRST, {"label": "a"})])

    def test_inserting_twice_is_refused(self) -> None:
        """An insert says that the row is new; twice cannot both be true."""
        with pytest.raises(DeltaRefused, match="inserted twice"):
            fold([Insert(JAR, FIRST), Insert(JAR, FIRST)])

    def test_a_key_that_is_not_the_primary_key_is_refused(self) -> None:
        """A delta is about one row, so its key is the whole primary key."""
        with pytest.raises(DeltaRefused, match="owner"):
            fold([Remove(JAR, {"owner": "ada"})])

    def test_a_pending_write_starts_from_nothing(self) -> None:
        """Two pending writes never share what they gather."""
        one, other = Pending(Write.MERGE), Pending(Write.MERGE)
        one.set({"label": "a"})
        assert other.values == {}


class TestDeclaringAProjection:
    def test_its_name_names_schemas(self) -> None:
        """A name that could not name a PostgreSQL schema is refused when the code is loaded."""
        with pytest.raises(ValueError, match="names PostgreSQL schemas"):
            Projection("Jars!", 1, METADATA, lambda _: ())

    def test_its_tables_carry_its_name(self) -> None:
        """Tables without the projection's schema would never be created: refused at once."""
        with pytest.raises(ValueError, match="schema='bottles'"):
            Projection("bottles", 1, METADATA, lambda _: ())

    def test_a_generation_has_its_own_schema(self) -> None:
        """Two generations of one projection never share a table."""
        jars = Projection("jars", 1, METADATA, lambda _: ())
        assert jars.placed_in(2) == {"jars": "jars_2"}
