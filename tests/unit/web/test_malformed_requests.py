import re
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from shared.web.interoperable import MOST_VALUES
from shared.web.schemas import Request
from shared.web.validation import TEXTS, every_text, field_of
from tests.support.toy import JarBody, PutBody, Toy


def put(toy: Toy, **body: Any) -> dict[str, dict[str, Any]]:
    """What is wrong with putting this into a jar, by field."""
    response = toy.client.put(
        f"{toy.open_jar()}/money", json={"amount": {"cents": 1}} | body, headers=toy.headers()
    )
    if response.status_code == 200:
        return {}
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "request-invalid"), problem
    return {error["field"]: error for error in problem["errors"]}


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"amount": {"cents": "1"}}, "amount.cents", "not-a-whole-number"),
        ({"amount": {"cents": True}}, "amount.cents", "not-a-whole-number"),
        ({"amount": {"cents": 10**15 + 1}}, "amount.cents", "too-large"),
        ({"amount": {"cents": 1, "currency": "USD"}}, "amount.currency", "not-one-of"),
        ({"amount": None}, "amount", "not-an-object"),
        ({"amount": {}}, "amount.cents", "missing"),
        ({"note": 7}, "note", "not-text"),
        ({"note": "x" * 10_001}, "note", "too-long"),
        ({"seen_on": "yesterday"}, "seen_on", "not-a-date"),
        ({"seen_on": "0001-01-01"}, "seen_on", "too-small"),
        ({"seen_on": "9999-12-31"}, "seen_on", "too-large"),
        ({"quarter": "2024-T5"}, "quarter", "not-a-quarter"),
        ({"quarter": "0000-T1"}, "quarter", "not-a-quarter"),
        ({"quarter": 20241}, "quarter", "not-a-quarter"),
        ({"kind": "COINS"}, "kind", "wrong-pattern"),
        ({"count": "1"}, "count", "not-a-whole-number"),
        ({"cells": {}}, "cells", "not-a-list"),
        ({"cells": [7]}, "cells[0]", "not-an-object"),
        ({"cells": [{"participant_id": "x"}]}, "cells[0].participant_id", "not-a-uuid"),
        ({"cells": [{}]}, "cells[0].pocket", "missing"),
        ({"colour": "red"}, "colour", "unexpected"),
    ],
)
def test_one_mistake_is_named_where_it_is(
    toy: Toy, body: dict[str, Any], field: str, code: str
) -> None:
    """Each mistake says its place, what it is in both languages, and what would be accepted."""
    error = put(toy, **body)[field]
    assert error["code"] == code
    assert error["messages"]["en"] != error["messages"]["fr"]
    assert error["accepted"] is not None


def test_every_mistake_is_named_at_once(toy: Toy) -> None:
    """Someone who fills in a form learns everything in one answer."""
    wrong = put(toy, amount={"cents": "x"}, note=1, seen_on="x", colour="red")
    assert set(wrong) == {"amount.cents", "note", "seen_on", "colour"}


def test_what_was_sent_is_not_repeated(toy: Toy) -> None:
    """A refusal may be logged by whoever receives it; what was sent may be personal."""
    response = toy.client.put(
        f"{toy.open_jar()}/money",
        json={"amount": {"cents": "Jeanne Tremblay"}, "seen_on": "Jeanne Tremblay"},
        headers=toy.headers(),
    )
    assert response.status_code == 422
    assert "Jeanne" not in response.text


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"[" * 50_000, b"1" * 5_000, b"", b'{"amount": {"cents": 1}} x'],
    ids=["cut", "not-utf-8", "deep", "long-number", "empty", "more"],
)
def test_a_body_that_is_not_json(toy: Toy, body: bytes) -> None:
    """What cannot be read as JSON is refused as that, however it fails."""
    headers = toy.headers() | {"Content-Type": "application/json"}
    response = toy.client.put(f"{toy.open_jar()}/money", content=body, headers=headers)
    expected = (422, "request-invalid") if body == b"" else (400, "body-not-json")
    assert (response.status_code, response.json()["code"]) == expected


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"amount": {"cents": 1}, "note": "a\\u0000b"}', "note"),
        (b'{"amount": {"cents": 1}, "note": "\\ud800"}', "note"),
        (b'{"amount": {"cents": 9007199254740992}}', "amount.cents"),
        (b'{"amount": {"cents": 1}, "cells": [NaN]}', "cells[0]"),
        (b'{"amount": {"cents": 1e999}}', "amount.cents"),
        (b'{"\\u0000": 1}', "\x00"),
    ],
)
def test_what_no_database_can_keep(toy: Toy, body: bytes, field: str) -> None:
    """Null characters, half characters and numbers that others cannot read are refused."""
    headers = toy.headers() | {"Content-Type": "application/json"}
    response = toy.client.put(f"{toy.open_jar()}/money", content=body, headers=headers)
    assert response.status_code == 422
    assert response.json()["code"] == "text-unstorable"
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize("size", [300, 20_000, 300_000])
def test_a_million_mistakes_are_not_named(toy: Toy, size: int) -> None:
    """What would take seconds to explain is refused at once: others are waiting."""
    body = b'{"amount": {"cents": 1}, "cells": [' + b"{}," * size + b"{}]}"
    headers = toy.headers() | {"Content-Type": "application/json"}
    path = f"{toy.open_jar()}/money"
    response = toy.client.put(path, content=body, headers=headers)
    problem = response.json()
    if size > MOST_VALUES:
        assert (response.status_code, problem["code"]) == (413, "too-many-values")
    else:
        assert response.status_code == 422
        assert "too-many-mistakes" in {error["code"] for error in problem["errors"]}


def test_a_backslash_before_u0000_is_only_text(toy: Toy) -> None:
    """A suspect body is read again before it is refused."""
    assert put(toy, note="C:\\u0000") == {}
    assert put(toy, note="1234567890123456789") == {}


def test_the_texts_of_pydantics_mistakes_are_complete() -> None:
    """Each kind of mistake has both sentences, over the same particulars."""
    for kind, text in TEXTS.items():
        names = [set(re.findall(r"{(\w+)}", sentence)) for sentence in (text.en, text.fr)]
        assert names[0] == names[1], kind
    assert len({code for code, _, _ in every_text()}) == len(every_text())


def test_the_place_of_a_mistake_is_a_path_into_what_was_sent() -> None:
    """Where pydantic names the branch of a union, the reader is spared it."""
    assert field_of(("body", "cells", 1, "quarter", "is-instance[Quarter]")) == "cells[1].quarter"
    assert field_of(("query", "limit")) == "limit"
    assert field_of(("body",)) is None


def test_bounds_hold_in_requests_only() -> None:
    """A model that a request contains keeps its own rules, there and elsewhere."""

    class Plain(BaseModel):
        count: int

    class Containing(Request):
        plain: Plain
        counts: list[int | None]
        by_name: dict[str, int]

    good = {"plain": {"count": "1"}, "counts": [1, None], "by_name": {"a": 1}}
    assert Containing.model_validate(good).plain == Plain(count=1)
    assert Plain.model_validate({"count": 10**20}).count == 10**20
    for wrong in ({"counts": [10**20]}, {"by_name": {"a": 10**20}}, {"by_name": {"a" * 10_001: 1}}):
        with pytest.raises(ValidationError):
            Containing.model_validate(good | wrong)


def test_requests_within_bounds_are_read_as_they_are() -> None:
    """Bounds refuse nothing that a person would send."""
    body = {"amount": {"cents": -5}, "seen_on": "2024-03-31", "quarter": "2024-T4"}
    assert str(PutBody.model_validate(body).quarter) == "2024-T4"
    with pytest.raises(ValidationError):
        JarBody.model_validate({"organisation_id": "x"})
