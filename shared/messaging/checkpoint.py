"""The relay's checkpoint in PostgreSQL, fenced by an epoch."""

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert

from shared.messaging.leadership import NoLongerLeading
from shared.messaging.tables import RELAY
from shared.postgres.database import Database

# It does not wait for the disk: what a failing machine forgets is sent again, and readers know it.
_MOVE = text("""
UPDATE messaging.relay SET position = :position, at = now()
FROM (SELECT set_config('synchronous_commit', 'off', true)) AS asynchronous
WHERE service = :service AND epoch = :epoch
""")

_EPOCH = text("SELECT epoch FROM messaging.relay WHERE service = :service")


class PostgresCheckpoint:
    """One row in the service's own database."""

    def __init__(self, service: str, database: Database) -> None:
        self._service = service
        self._database = database

    def take_over(self) -> tuple[int, int]:
        """See ``publishing.Checkpoint.take_over``."""
        statement = (
            insert(RELAY)
            .values(service=self._service, epoch=1, position=0, at=func.now())
            .on_conflict_do_update(
                index_elements=[RELAY.c.service],
                set_={"epoch": RELAY.c.epoch + 1, "at": func.now()},
            )
            .returning(RELAY.c.epoch, RELAY.c.position)
        )
        with self._database.engine.begin() as connection:
            epoch, position = connection.execute(statement).one()
        return epoch, position

    def move(self, epoch: int, position: int) -> None:
        """See ``publishing.Checkpoint.move``."""
        moved = {"service": self._service, "epoch": epoch, "position": position}
        with self._database.autocommit.connect() as connection:
            if connection.execute(_MOVE, moved).rowcount != 1:
                raise NoLongerLeading(f"{self._service}.relay of epoch {epoch}")

    def confirm(self, epoch: int) -> None:
        """See ``publishing.Checkpoint.confirm``."""
        asked = {"service": self._service}
        with self._database.autocommit.connect() as connection:
            if connection.execute(_EPOCH, asked).scalar_one_or_none() != epoch:
                raise NoLongerLeading(f"{self._service}.relay of epoch {epoch}")
