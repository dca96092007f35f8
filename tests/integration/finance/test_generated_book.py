"""A made-up book, folded twice: by the projection in Python, and by SQL over the facts alone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from services.finance.domain.ledger import EntryKind
from services.finance.projections.identities import identities
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import PROJECTION
from services.finance.use_cases.event_types import EVENT_TYPES
from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.clock import SystemClock
from shared.postgres.database import Database
from shared.projecting.projector import Projector
from shared.projecting.reading import ReadModels
from tests.book.book import book, store
from tests.book.folds import END, LAST_DAY, OF_FACTS, differences, digest, of_lines
from tests.support.postgres import Databases

pytestmark = pytest.mark.postgres

EVENTS = 2_000
DAYS = [date(2008, 3, 31), date(2009, 6, 30), date(2010, 12, 31)]


@pytest.fixture(scope="module")
def kept(databases: Databases) -> Iterator[Database]:
    """A database whose ledger has caught up with a made-up book."""
    url = databases.migrated()
    database = Database(databases.as_administrator(url))
    assert store(database, book(EVENTS, years=4)) >= EVENTS
    log = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    projector = Projector(database, log, [PROJECTION])
    projector.prepare()
    projector.catch_up()
    yield database
    database.close()
    databases.drop(url)


def test_the_same_seed_gives_the_same_book() -> None:
    """A measurement can be repeated: nothing in a book comes from the clock or the machine."""
    once, again = (list(book(300, years=2, seed=7)) for _ in range(2))
    assert once == again
    assert once != list(book(300, years=2, seed=8))


def test_every_kind_of_entry_is_in_the_book(kept: Database) -> None:
    """What is never told is never checked."""
    with ReadModels(kept.engine).reading(PROJECTION) as connection:
        kinds = set(connection.execute(text("SELECT DISTINCT entry FROM ledger_1.line")).scalars())
    assert kinds == {str(kind) for kind in EntryKind}


@pytest.mark.parametrize("as_of", [None, *DAYS])
def test_every_identity_holds(kept: Database, as_of: date | None) -> None:
    """Of the whole book, and as of any day."""
    with ReadModels(kept.engine).reading(PROJECTION) as connection:
        found = identities(connection, Knowledge(as_of=as_of))
    assert [identity.name for identity in found if not identity.ok] == []
    empty = {identity.name for identity in found if not identity.checked}
    assert empty == {"closed-periods-do-not-move"}  # the book closes no quarter


@pytest.mark.parametrize("until", [LAST_DAY, *DAYS])
@pytest.mark.parametrize(
    "as_of", [END, *(datetime(day.year, day.month, 1, tzinfo=UTC) for day in DAYS)]
)
def test_sql_and_python_give_the_same_balances(
    kept: Database, as_of: datetime, until: date
) -> None:
    """Two folds that share no code agree on every balance, known then and happened by then."""
    with kept.engine.connect() as connection:
        if as_of == END and until == LAST_DAY:
            assert differences(connection, OF_FACTS, of_lines(1)) == []
            assert differences(connection, of_lines(1), OF_FACTS) == []
        by_sql = digest(connection, OF_FACTS, as_of=as_of, until=until)
        by_python = digest(connection, of_lines(1), as_of=as_of, until=until)
    assert by_sql == by_python
    assert by_sql.balances > 10
