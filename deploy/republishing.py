"""
Publishing a history again, for listeners that came later or for whom the topic kept too little.

A listener that lacks messages must not read later ones first, or those of a key would take effect
out of order. So everybody who listens goes on at the end of the topic, and there the whole history
begins again. Whoever received a message before knows it by its id.
"""

from collections.abc import Mapping
from typing import Final

import psycopg
from sqlalchemy import make_url

from shared.messaging.leadership import LOCK
from shared.messaging.message import topic_of
from shared.messaging.transports.base import Transport

RELAY_ENDS_SECONDS: Final = 60
"""How long a relay that is at work may take to notice that it no longer leads."""


class RelayGoesOn(RuntimeError):
    """The relay still holds its lock: publishing again under its hands would mix the order."""


def republish(owners: Mapping[str, str], service: str, transport: Transport) -> None:
    """
    Let a service publish its history again, and everybody who listens read it from its beginning.

    ``owners`` are URLs of all services that may change their tables. A relay and consumers that
    are at work end, and go on when they are started again. Cut off anywhere it can be done again:
    nobody skips anything before the history is sure to follow. Raises ``RelayGoesOn`` and
    ``TransportFailed``.
    """
    topic = topic_of(service)
    with psycopg.connect(_dsn(owners[service]), autocommit=True) as relay:
        relay.execute("UPDATE messaging.relay SET epoch = epoch + 1")
        relay.execute(f"SET lock_timeout = '{RELAY_ENDS_SECONDS}s'")
        try:
            # While it is held nothing is published, so that the end is where the history begins.
            relay.execute(f"SELECT pg_advisory_lock({LOCK})", ["relay"])
        except psycopg.errors.LockNotAvailable as error:
            raise RelayGoesOn(f"the relay of {service} does not end; stop its worker") from error
        ends = transport.ends([topic])
        relay.execute("UPDATE messaging.relay SET position = 0, epoch = epoch + 1")
        for owner in owners.values():
            with psycopg.connect(_dsn(owner)) as listener, listener.cursor() as cursor:
                cursor.executemany(
                    "UPDATE messaging.consumed SET next_offset = %s, at = now()"
                    " WHERE topic = %s AND partition = %s",
                    [(end, partition.topic, partition.number) for partition, end in ends.items()],
                )


def publish_again(owner: str) -> None:
    """Let a service whose processes are not running publish from its first event when they do."""
    with psycopg.connect(_dsn(owner), autocommit=True) as connection:
        connection.execute("UPDATE messaging.relay SET position = 0, epoch = epoch + 1")


def _dsn(owner: str) -> str:
    return make_url(owner).set(drivername="postgresql").render_as_string(hide_password=False)
