"""
What may be told of an error: what kind it is and where it happened, not what it says.

Exceptions repeat what they met: PostgreSQL the key of a row, SQLAlchemy the parameters of a
statement, pydantic its input, and ``int("…")`` the text. Any of it may be about a person, and a
log is read by more people, and kept longer, than the tables it comes from.
"""

import os
import re
import traceback
from collections.abc import Iterator
from datetime import date
from uuid import UUID

import msgspec
import psycopg
import pydantic
from pydantic_core import ErrorDetails
from sqlalchemy.exc import DBAPIError

from shared.kernel.language import said as sentence_of
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Refusal

SAFE = "says_no_data"
"""A class of ours with this attribute says nothing but our own names, ids and numbers."""

_SURROUNDINGS = ("08", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE that are about the server and not about a value."""

_FIELD = re.compile(r"[a-z][a-z0-9_]{0,60}")
_PLACE = re.compile(r" - at `(\$[^`]*)`")


def told(error: BaseException) -> str:
    """One line for a person who has to mend it: the class, and what is safe of the rest."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    name, more = type(error).__name__, _safe_part_of(error)
    return f"{name}: {more}" if more else name


def traceback_of(error: BaseException) -> str:
    """The lines of code that led to an error and to those before it, each with what is told."""
    parts: list[str] = []
    for each in _chain(error):
        parts += ["Traceback (most recent call last):\n"] if each.__traceback__ else []
        parts += [*traceback.format_tb(each.__traceback__), f"{told(each)}\n"]
    return "".join(parts).rstrip("\n")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """What came before an error and what it is made of, as Python shows them: it comes last."""
    seen: set[int] = set()
    waiting: list[tuple[BaseException, bool]] = [(error, False)]
    while waiting:
        each, is_due = waiting.pop()
        if is_due:
            yield each
        elif id(each) not in seen:
            seen.add(id(each))
            waiting.append((each, True))
            if isinstance(each, BaseExceptionGroup):
                waiting += [(member, False) for member in reversed(each.exceptions)]
            before = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
            if before is not None:
                waiting.append((before, False))


def _safe_part_of(error: BaseException) -> str:  # noqa: PLR0911  # one way out for each kind
    match error:
        case Refusal():
            return without_texts(error)
        case psycopg.Error():
            return _of_postgresql(error)
        case pydantic.ValidationError():
            found = [_problem(each) for each in error.errors(include_input=False)]
            return f"{error.title}: {'; '.join(found)}"
        case msgspec.MsgspecError():
            place = _PLACE.search(str(error))
            return f"at {place[1]}" if place else ""
        case OSError() if error.errno is not None:
            return os.strerror(error.errno)  # not with the name of a file
        case _ if getattr(error, SAFE, False) or type(error).__module__.startswith("kafka."):
            return str(error)  # of Kafka: brokers, topics and sizes, never a record
        case _:
            return ""


def without_texts(refusal: Refusal) -> str:
    """The English sentence without the texts in it: those may have been typed by anybody."""
    shown = {
        name: value if isinstance(value, int | Money | date | Quarter | UUID) else "…"
        for name, value in refusal.parameters.items()
    }
    return sentence_of(refusal.en, shown, "en")


def _of_postgresql(error: psycopg.Error) -> str:
    if error.sqlstate is None:
        # Of the connection: a host that does not answer, a server that has gone.
        return str(error) if isinstance(error, psycopg.OperationalError) else ""
    about = error.diag
    names = (about.schema_name, about.table_name, about.column_name, about.constraint_name)
    parts = [error.sqlstate, *filter(None, names)]
    if error.sqlstate.startswith(_SURROUNDINGS) and about.message_primary:
        parts.append(about.message_primary)
    return " ".join(parts)


def _problem(error: ErrorDetails) -> str:
    """What is wrong and where; of a name that only the sender knows, nothing."""
    if error["type"] == "extra_forbidden":
        return str(error["type"])
    place = [
        str(part) if isinstance(part, int) or _FIELD.fullmatch(part) else "…"
        for part in error["loc"]
    ]
    return f"{error['type']} at {'.'.join(place)}" if place else str(error["type"])
