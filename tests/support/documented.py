"""
Every endpoint of a service, fuzzed by its own OpenAPI document.

The document says what may be sent and what may be answered; Schemathesis makes requests of both
kinds, right and wrong, and holds the answers against it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid5

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, CheckContext, GenerationMode, Response
from schemathesis.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient


def no_defect(_context: CheckContext, answer: Response, _case: Case) -> None:
    """Nothing broke; a view that has not yet seen the position asked for may say so."""
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        assert answer.json()["code"] == "view-is-behind", answer.text


CHECKS = (
    no_defect,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
_KEYS = UUID("00000000-0000-4000-8000-000000000000")


def operations(app: FastAPI) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    """What the document offers to clients; the supervisor's doors are tested by themselves."""
    schema = schemathesis.openapi.from_dict(app.openapi())
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.startswith("/v1/"):
            yield operation


def fuzzed(
    client: TestClient,
    operation: APIOperation[Any, Any, Any, Any],
    *,
    callers: Sequence[Mapping[str, str]],
    known: Mapping[str, Sequence[str]],
    examples: int,
) -> Counter[int]:
    """
    Whatever is sent to the operation, the answer is as documented; how often each status came.

    ``callers`` are headers of those who ask, each in turn until one is let in; ``known`` gives,
    by name, values of parameters that exist, so that not every request ends at "there is no such
    thing". Raises a failure of Schemathesis that shows the request and what was wrong.
    """
    count = 0
    answers: Counter[int] = Counter()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    )
    def property_of(case: Case) -> None:
        nonlocal count
        count += 1
        for name in case.path_parameters or {}:
            if known.get(name) and count % 4:
                case.path_parameters[name] = known[name][count % len(known[name])]
        sent = case.as_transport_kwargs(base_url="http://testserver")
        headers = dict(sent["headers"])
        if case.method != "GET" and count % 10:
            headers["Idempotency-Key"] = str(uuid5(_KEYS, f"{operation.label} {count}"))
        for caller in callers:
            answer = client.request(
                sent["method"],
                sent["url"],
                params=sent.get("params"),
                json=sent.get("json"),
                content=sent.get("data"),
                headers={
                    name: value.encode("latin-1")
                    for name, value in (headers | dict(caller)).items()
                },
            )
            case.validate_response(answer, checks=list(CHECKS))
            answers[answer.status_code] += 1
            if answer.status_code != HTTPStatus.FORBIDDEN:
                break

    property_of()
    return answers
