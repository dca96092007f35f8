"""The PostgreSQL recorder of ``eventsourcing``, set up by its environment variables."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresFactory

from tests.benchmarks.addresses import environment
from tests.benchmarks.peers import DATA, Append

EVERY = "SELECT notification_id FROM stored_events"
READ = (
    "SELECT notification_id FROM stored_events WHERE notification_id > %s"
    " ORDER BY notification_id LIMIT 1000"
)
_STATE = DATA.encode()


def prepare(url: str) -> None:
    """Make its table, and append what an append that is to be undone conflicts with."""
    _recorder(url, create=True).insert_events([_stored(_TAKEN, 1)])


def connect(url: str, writers: int, *, functions: bool = False) -> Callable[[], Append]:
    """One recorder with a pool of ``writers`` connections."""
    recorder = _recorder(url, pool=writers, functions=functions)

    def append(events: int, undo: bool) -> None:
        if not undo:
            stream = uuid4()
            recorder.insert_events([_stored(stream, number + 1) for number in range(events)])
            return
        # It commits by itself, so that only a conflict is ever rolled back.
        with suppress(IntegrityError):
            recorder.insert_events([_stored(_TAKEN, 1)])

    return lambda: append


_TAKEN = UUID(int=1)


def _stored(stream: UUID, version: int) -> StoredEvent:
    return StoredEvent(stream, version, "jar.deposited", _STATE)


def _recorder(
    url: str, *, pool: int = 1, create: bool = False, functions: bool = False
) -> PostgresApplicationRecorder:
    settings = {
        "POSTGRES_POOL_SIZE": str(pool),
        "CREATE_TABLE": "yes" if create else "no",
        "POSTGRES_ENABLE_DB_FUNCTIONS": "yes" if functions else "no",
    }
    recorder = PostgresFactory(environment(url) | settings).application_recorder()
    assert isinstance(recorder, PostgresApplicationRecorder)
    return recorder
