"""
Text and numbers that every system on the way can keep (RFC 7493, I-JSON).

JSON allows what PostgreSQL and other readers cannot hold: null characters, halves of surrogate
pairs, numbers beyond 2^53, and (in Python) NaN and Infinity. Such a body is refused at the door,
so that nothing behind it needs to think of them.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from shared.kernel.refusals import Reason
from shared.web.refusals import BodyNotJson, TextUnstorable, TooManyValues

LARGEST = 2**53 - 1

MOST_VALUES = 30_000
"""A body of this many values has some thousand lines; reading a million would hold up others."""

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|[0-9]{16}|[eE]\+?[0-9]{3}|NaN|Infinity")


def must_be_interoperable(body: bytes) -> None:
    """
    Refuse a JSON body that cannot be kept. Raises ``TextUnstorable`` and ``TooManyValues``.

    A quick look at the bytes settles nearly every body; only a suspect one is read again.
    """
    if body.count(b",") > MOST_VALUES:
        raise TooManyValues(limit=MOST_VALUES, accepted={"at_most": MOST_VALUES})
    if _SUSPECT.search(body) is None:
        return
    try:
        paths = list(_unstorable(json.loads(body), ""))
    except (ValueError, RecursionError):
        raise BodyNotJson from None
    if paths:
        sentence = TextUnstorable()
        raise TextUnstorable(
            reasons=[
                Reason(code=sentence.code(), en=sentence.en, fr=sentence.fr, field=path or None)
                for path in paths[:100]
            ]
        )


def _unstorable(value: Any, path: str) -> Iterator[str]:
    match value:
        case str() if not is_storable(value):
            yield path
        case dict():
            for name, each in value.items():
                below = f"{path}.{name}" if path else name
                if not is_storable(name):
                    yield below
                yield from _unstorable(each, below)
        case list():
            for index, each in enumerate(value):
                yield from _unstorable(each, f"{path}[{index}]")
        case bool() | None:
            return
        case int() if abs(value) > LARGEST:
            yield path
        case float() if not math.isfinite(value):
            yield path


def is_storable(text: str) -> bool:
    """Has it neither null characters nor halves of characters?"""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
