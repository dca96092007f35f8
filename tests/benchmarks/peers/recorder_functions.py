"""The same recorder with ``POSTGRES_ENABLE_DB_FUNCTIONS``, which inserts without a table lock."""

from collections.abc import Callable

from tests.benchmarks.peers import Append, recorder
from tests.benchmarks.peers.recorder import EVERY, READ, prepare

__all__ = ["EVERY", "READ", "connect", "prepare"]


def connect(url: str, writers: int) -> Callable[[], Append]:
    """One recorder with a pool of ``writers`` connections."""
    return recorder.connect(url, writers, functions=True)
