"""Hearing of news, on PostgreSQL."""

import time

import pytest

from shared.postgres.database import Database
from shared.postgres.news import News

pytestmark = pytest.mark.postgres


def test_one_look_for_all_that_is_told_meanwhile(database: Database) -> None:
    """What is told until somebody looks does not make them look again; what is told later does."""
    with database.listening("news") as ours, database.connect() as theirs:
        news = News(ours, gather_seconds=0.05)
        news.gather()
        for _ in range(3):
            theirs.execute("NOTIFY news")
        began = time.monotonic()
        news.wait(10)
        assert time.monotonic() - began < 5

        began = time.monotonic()
        news.wait(0.2)
        assert time.monotonic() - began >= 0.2  # nothing is left to hear of

        theirs.execute("NOTIFY news")
        began = time.monotonic()
        news.wait(10)
        assert time.monotonic() - began < 5
