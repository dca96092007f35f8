"""Hearing of news, on PostgreSQL."""

import time
from threading import Timer

import pytest

from shared.postgres.database import Database
from shared.postgres.news import News

pytestmark = pytest.mark.postgres


def test_one_look_for_all_that_is_told_meanwhile(database: Database) -> None:
    """What is told while news gathers does not make anybody look again; what is told later does."""
    with database.listening("news") as ours, database.connect() as theirs:
        news = News(ours, gather_seconds=0.6)
        news.gather()
        theirs.execute("NOTIFY news")
        meanwhile = Timer(0.2, theirs.execute, ["NOTIFY news"])
        meanwhile.start()
        news.wait(10)
        meanwhile.join()

        began = time.monotonic()
        news.wait(1.0)
        assert time.monotonic() - began >= 1.0  # nothing is left to hear of

        theirs.execute("NOTIFY news")
        began = time.monotonic()
        news.wait(30)
        assert time.monotonic() - began < 10
