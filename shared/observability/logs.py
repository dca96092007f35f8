"""
Log lines as JSON: a constant phrase, everything variable as a field, the correlation id always.

No personal data: ids only, and of an exception what ``errors`` tells.
"""

import json
import logging
import sys
import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import IO
from uuid import UUID

from shared.observability.errors import told, traceback_of

log = logging.getLogger(__name__)

correlation: ContextVar[UUID | None] = ContextVar("correlation", default=None)
"""The chain of commands that the present work belongs to."""

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One line of JSON per record, with what was given as ``extra``."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _phrase_of(record),
            "logger": record.name,
            "service": self._service,
        }
        chain = correlation.get()
        if chain is not None:
            line["correlation_id"] = str(chain)
        line |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        if record.exc_info:
            error = record.exc_info[1]
            line["traceback"] = "" if error is None else traceback_of(error)
        return json.dumps(line, default=_plain)


def _phrase_of(record: logging.LogRecord) -> str:
    """The first line of the message; libraries put what an exception says into it or below."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            told(each) if isinstance(each, BaseException) else each for each in record.args
        )
    return record.getMessage().partition("\n")[0]


def _plain(value: object) -> str:
    return told(value) if isinstance(value, BaseException) else str(value)


def log_as_json(service: str, *, level: str = "INFO", stream: IO[str] | None = None) -> None:
    """
    Let every logger of this process write JSON lines, to standard error by default.

    So does what nobody has caught: Python would print it whole.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # uvicorn brings handlers of its own; the edge already writes one line per request.
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").disabled = True
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("process failed", exc_info=(kind, error, trace))


def _uncaught_in_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and not issubclass(failed.exc_type, SystemExit):
        name = None if failed.thread is None else failed.thread.name
        log.critical("thread failed", exc_info=failed.exc_value, extra={"thread_name": name})
