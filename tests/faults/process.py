"""
A relay or a consumer as a process of its own.

Forked from a server that has imported everything, so that it works within a fraction of a second
and most kills hit it at work.
"""

import logging
import os
import sys
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import text

from shared.eventstore.effects import Effects
from shared.kernel.clock import SystemClock
from shared.messaging import leadership
from shared.messaging.consumer import Consumer
from shared.messaging.transports.kafka import KafkaTransport
from shared.postgres.database import Database
from shared.worker.worker import Loop, Worker
from tests.integration.messaging.town import NumberCounted, Receiver, Sender, topic_of

EFFECTS = """
CREATE SCHEMA heard;
CREATE TABLE heard.effect (
    nth bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL, number integer NOT NULL
)
"""
_KEEP = text("INSERT INTO heard.effect (name, number) VALUES (:name, :number)")


def keep(fact: NumberCounted, effects: Effects) -> None:
    """The effect: a row that nothing but the inbox keeps from being written twice."""
    effects.connection.execute(_KEEP, {"name": fact.name, "number": fact.number})


_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__, "shared.messaging.transports.kafka"])


def started(seat: str, role: str, log: Path, *arguments: str) -> BaseProcess:
    """A new process in a role; the database knows it by its ``seat``."""
    process = _PROCESSES.Process(target=main, args=(seat, role, log, *arguments), daemon=True)
    process.start()
    return process


def main(seat: str, role: str, log: Path, database_url: str, bootstrap: str, sender: str) -> None:
    """Run one loop until killed."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, sys.stdout.fileno())
    os.dup2(descriptor, sys.stderr.fileno())
    logging.basicConfig(level=logging.WARNING)
    os.environ["PGAPPNAME"] = seat
    leadership.STANDBY_SECONDS = 0.1  # type: ignore[misc]  # the next kill is not far
    database = Database(database_url)
    transport = KafkaTransport(bootstrap)
    clock = SystemClock()
    loop: Loop
    if role == "relay":
        loop = Sender(sender, database, clock).relay(transport.publisher())
    else:
        store = Receiver(database, clock).store
        topics = [topic_of(sender)]
        handlers = {NumberCounted: keep}
        loop = Consumer("receiver", database, store, clock, topics, handlers, transport)
    sys.exit(Worker([loop]).run())
