"""What is told of errors: enough to mend them, and nothing of what they met."""

import errno
import re
from collections.abc import Callable
from datetime import date
from typing import ClassVar
from uuid import UUID

import msgspec
import pytest
from kafka.errors import KafkaTimeoutError
from pydantic import BaseModel, ConfigDict

from shared.kernel.money import Money
from shared.kernel.refusals import RuleBroken
from shared.messaging.transports.base import TransportFailed
from shared.observability.errors import told, traceback_of

CANARY = "canary-jane"


class Stricter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: int
    by_person: dict[str, int] = {}


class Looser(msgspec.Struct):
    email: int


class NameTaken(RuleBroken):
    """Somebody is called so."""

    en = "{name} has {amount} on {day} under {number} for {id}, like {others}."
    fr = "…"


class Unknown(Exception):
    says_no_data: ClassVar[bool] = True


def error_of(act: Callable[[], object]) -> Exception:
    """What it raises."""
    with pytest.raises(Exception) as raised:  # noqa: PT011  # whatever it is
        act()
    found: Exception = raised.value
    return found


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda: int(CANARY), "ValueError"),
        (lambda: {}[CANARY], "KeyError"),
        (lambda: getattr(date, CANARY), "AttributeError"),
        (lambda: open(f"/nowhere/{CANARY}"), "FileNotFoundError: No such file or directory"),  # noqa: PTH123, SIM115
        (
            lambda: Stricter.model_validate({"name": CANARY, "by_person": {CANARY: "x"}}),
            "ValidationError: Stricter: int_parsing at name; int_parsing at by_person.…",
        ),
        (
            lambda: Stricter.model_validate({"name": 1, CANARY.replace("-", "_"): 1}),
            "ValidationError: Stricter: extra_forbidden",
        ),
        (
            lambda: msgspec.json.decode(f'{{"email": "{CANARY}"}}', type=Looser),
            "ValidationError: at $.email",
        ),
    ],
)
def test_what_an_error_met_is_not_told(act: Callable[[], object], expected: str) -> None:
    """The class, and where it is about a field of ours, which one."""
    error = error_of(act)
    assert told(error) == expected
    assert CANARY not in traceback_of(error)


def test_a_refusal_keeps_its_sentence_without_texts() -> None:
    """Amounts, days, numbers and ids are ours; a text may have been typed by anybody."""
    refusal = NameTaken(
        name=CANARY, amount=Money(100), day=date(2024, 3, 31), number=3, id=UUID(int=1),
        others=[CANARY],
    )  # fmt: skip
    assert told(refusal) == (
        f"NameTaken: … has $1.00 on March 31, 2024 under 3 for {UUID(int=1)}, like …."
    )


def test_our_own_sentences_are_told() -> None:
    """Where a class of ours says no data, and of the broker."""
    assert told(Unknown("topic jalon.claims.v1")) == "Unknown: topic jalon.claims.v1"
    assert told(TransportFailed("reading")) == "TransportFailed: reading"
    assert "no brokers" in told(KafkaTimeoutError("no brokers"))
    assert told(OSError(errno.ECONNREFUSED, "x")) == "ConnectionRefusedError: Connection refused"


def test_a_traceback_leads_through_causes_and_groups() -> None:
    """What came first is shown first, every error once, each with its lines of code."""

    def deep() -> None:
        raise LookupError(CANARY)

    def group() -> None:
        try:
            deep()
        except LookupError as error:
            raise ExceptionGroup(CANARY, [error, ValueError(CANARY)]) from error

    def above() -> None:
        try:
            group()
        except ExceptionGroup as error:
            error.add_note(CANARY)
            raise RuntimeError(CANARY) from error

    shown = traceback_of(error_of(above))
    assert re.findall(r"^\w+$", shown, re.MULTILINE) == [
        "LookupError",
        "ValueError",
        "ExceptionGroup",
        "RuntimeError",
    ]
    assert "in deep" in shown
    assert CANARY not in shown


def test_what_is_hidden_by_from_none_stays_hidden() -> None:
    """As Python would have it."""

    def quiet() -> None:
        try:
            {}[CANARY]
        except LookupError:
            raise RuntimeError from None

    assert "KeyError" not in traceback_of(error_of(quiet)).splitlines()
