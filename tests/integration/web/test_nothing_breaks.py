"""Whatever is sent, the answer is ours: never 500, and always something that a client can read."""

import json
import string
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.eventstore.store import EventStore
from tests.support.toy import Toy

fuzz = settings(
    max_examples=150,
    deadline=None,
    # The store goes on growing between examples, as it does in life.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.text(max_size=30) | st.sampled_from(["", "\x00", "\ud800", "1", "2024-T1", "null"])
numbers = (
    st.integers()
    | st.floats()
    | st.sampled_from([0, -1, 2**31, 2**53, 2**63, 10**15, 10**15 + 1, 10**30, 1e308])
)
days = st.dates().map(str) | st.sampled_from(["0001-01-01", "9999-12-31", "2024-02-30"])
scalars = st.none() | st.booleans() | numbers | texts | days | st.uuids().map(str)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
amounts = st.fixed_dictionaries({"cents": numbers}, optional={"currency": texts}) | anything
nearly_right = st.fixed_dictionaries(
    {"amount": st.just({"cents": 1}) | amounts},
    optional={
        "note": texts | anything,
        "seen_on": days | anything,
        "quarter": st.sampled_from(["2024-T1", "0000-T1", "2999-T4", "1900-T1"]) | anything,
        "kind": texts,
        "count": numbers,
        "cells": st.lists(
            st.fixed_dictionaries(
                {"participant_id": st.uuids().map(str) | texts, "amount": amounts},
                optional={"pocket": texts, "quarter": st.just("2024-T1") | texts},
            ),
            max_size=2,
        ),
    },
)
bodies = (
    (nearly_right | anything).map(lambda body: json.dumps(body).encode())
    | st.binary(max_size=50)
    | st.sampled_from([b"", b"[" * 100_000, b"9" * 10_000, b'{"amount": {"cents": 1e9999}}'])
)
header_texts = st.text(
    alphabet=st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"),
    max_size=40,
).map(str.strip)
headers = st.dictionaries(
    st.sampled_from(
        [
            "Accept",
            "Accept-Language",
            "Authorization",
            "Content-Encoding",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "Range",
            "Traceparent",
            "X-Correlation-Id",
            "X-Forwarded-For",
            "X-Jalon-Min-Position",
        ]
    ),
    header_texts
    | st.sampled_from(
        ["application/json; charset=utf-16", "application/json; charset=nonsense", "gzip", '"1"']
    ),
    max_size=4,
)
methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
paths = (
    st.sampled_from(["/v1/jars", "/clock", "/problems/x", "/ready", "/positions", "/openapi.json"])
    | st.uuids().map(lambda jar_id: f"/v1/jars/{jar_id}/money")
    | st.text(max_size=20).map(lambda name: "/v1/jars/" + quote(name, errors="replace"))
)
queries = st.dictionaries(
    st.sampled_from(["limit", "cursor"]) | st.text(string.ascii_letters, min_size=1, max_size=5),
    texts.map(lambda text: text.replace("\ud800", "?")) | st.integers().map(str),
    max_size=3,
)


def must_be_ours(response: httpx2.Response) -> None:
    """An answer of the kinds that we promise."""
    assert response.status_code not in {500, 503}, response.text
    UUID(response.headers["X-Correlation-Id"])
    if response.status_code >= 400 and response.request.method != "HEAD":
        assert response.headers["Content-Type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["detail"] in problem["messages"].values()
        assert all(error["messages"]["fr"] for error in problem["errors"])


@fuzz
@given(body=bodies)
def test_whatever_the_body(toy: Toy, store: EventStore, body: bytes) -> None:
    """A body is carried out or refused, and what is carried out can be read again."""
    jar = toy.open_jar(cents=10**15)
    before = store.head()
    sent = toy.headers("applicant", "payer") | {"Content-Type": "application/json"}
    response = toy.client.put(f"{jar}/money", content=body, headers=sent)
    must_be_ours(response)
    assert store.head() - before == (1 if response.status_code == 200 else 0)
    must_be_ours(toy.client.get(jar, headers=toy.headers()))


@fuzz
@given(sent=headers, body=nearly_right)
def test_whatever_the_headers(toy: Toy, sent: dict[str, str], body: Any) -> None:
    """Headers are understood, refused or ignored."""
    raw = {name: value.encode("latin-1") for name, value in sent.items()}
    right = {name: value.encode() for name, value in toy.headers("applicant", "payer").items()} | {
        "Content-Type": b"application/json"
    }
    content = json.dumps(body).encode()
    path = f"/v1/jars/{UUID(int=1)}"
    for method, place in (("PUT", f"{path}/money"), ("GET", path), ("GET", "/v1/jars")):
        must_be_ours(
            toy.client.request(
                method, place, content=content if method == "PUT" else b"", headers=right | raw
            )
        )


@fuzz
@given(method=methods, path=paths, query=queries, body=bodies)
def test_whatever_the_address(
    toy: Toy, method: str, path: str, query: dict[str, str], body: bytes
) -> None:
    """Paths, methods and queries that nobody thought of are refused like the others."""
    sent = toy.headers("applicant", "payer", "operator") | {"Content-Type": "application/json"}
    must_be_ours(toy.client.request(method, path, params=query, content=body, headers=sent))


@pytest.mark.parametrize("body", [b"\x00", b'{"amount":{"cents":1},"note":"\\u0000"}', b"\xed\xa0"])
def test_null_characters_do_not_reach_the_database(toy: Toy, body: bytes) -> None:
    """PostgreSQL would refuse them with an error of its own."""
    sent = toy.headers() | {"Content-Type": "application/json"}
    must_be_ours(toy.client.put(f"{toy.open_jar()}/money", content=body, headers=sent))
