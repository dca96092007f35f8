"""OpenAPI: what every endpoint has in common is said once, here."""

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from starlette.routing import compile_path

from shared.web.desk import AtCounter, AtDesk, AtFileDesk, AtOpenDoor
from shared.web.edge import FilePlace
from shared.web.problems import MEDIA_TYPE


class Messages(BaseModel):
    """One sentence in both languages."""

    en: str
    fr: str


class ProblemError(BaseModel):
    """One thing that is wrong."""

    code: str
    field: str | None
    """Path of the offending value in what was sent, e.g. ``participants[1].business_number``."""
    messages: Messages
    accepted: Any
    """What would be accepted."""


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    """Where the problem is explained, e.g. ``/problems/claim-exceeds-balance``."""
    title: str
    status: int
    detail: str
    """The sentence in the reader's language (``Accept-Language``: French or English)."""
    instance: str
    code: str
    messages: Messages
    errors: list[ProblemError]


Door: TypeAlias = AtDesk | AtCounter | AtOpenDoor

_EVERYWHERE = {
    "422": "What was sent cannot be right in any state.",
    "500": "A defect of ours.",
    "503": "Ask again shortly; commands with the same Idempotency-Key.",
}
_BEHIND_A_DOOR = {
    "401": "Who asks is not known.",
    "403": "Who asks may not do this.",
    "404": "There is no such thing, or it is not yours to see.",
}
_AT_THE_DESK = {
    "400": "The body is not JSON.",
    "409": "The rules of the domain do not allow it in the present state.",
    "412": "It has changed since you saw it.",
    "413": "The body is too large.",
    "415": "The body is not of a type understood here.",
}


_AT_THE_OPEN_DOOR = {
    "400": "The body is not JSON.",
    "404": "There is no such thing.",
    "413": "The body is too large.",
    "415": "The body is not of a type understood here.",
}


def describe(app: FastAPI) -> None:
    """Let the application's OpenAPI document say what every endpoint has in common."""
    plain = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            _add_problem_schema(document)
            doors = _doors(app)
            for path, operations in document["paths"].items():
                for method, operation in operations.items():
                    _complete(operation, doors.get((path, method.upper())))
        return app.openapi_schema or {}

    app.openapi = complete  # type: ignore[method-assign]  # as FastAPI's documentation does it


def file_places(app: FastAPI) -> list[FilePlace]:
    """The endpoints whose body is a file."""
    return [
        FilePlace(path=path, body_bytes=door.body_bytes, media_types=door.media_types)
        for path, _, _, door in _doors_in(app)
        if isinstance(door, AtFileDesk)
    ]


def _doors(app: FastAPI) -> dict[tuple[str, str], Door]:
    return {
        (path_format, method): door
        for _, path_format, methods, door in _doors_in(app)
        for method in methods
    }


def _doors_in(
    app: FastAPI,
) -> Iterator[tuple[re.Pattern[str], str, set[str], Door]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and context.path_format is not None:
            for dependency in route.dependant.dependencies:
                if isinstance(dependency.call, AtDesk | AtCounter | AtOpenDoor):
                    path, _, _ = compile_path(context.path_format)
                    yield path, context.path_format, route.methods or set(), dependency.call


def _add_problem_schema(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schema.pop("$defs")
    schemas["Problem"] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)


def _complete(operation: dict[str, Any], door: Door | None) -> None:
    said = dict(_EVERYWHERE)
    parameters = operation.setdefault("parameters", [])
    parameters.append(_header("Accept-Language", "`fr` or `en`; English when nothing is said."))
    parameters.append(_header("X-Correlation-Id", "A UUID that follows the request everywhere."))
    if door is not None:
        if isinstance(door, AtOpenDoor):
            said |= _AT_THE_OPEN_DOOR
        else:
            said |= _BEHIND_A_DOOR | dict(door.also_answers)
        description = operation.get("description", "")
        operation["description"] = f"{description}\n\n{door.sentence}".strip()
    if isinstance(door, AtDesk):
        said |= _AT_THE_DESK
        parameters.append(
            _header("Idempotency-Key", "A UUID of your making, one per command.", required=True)
        )
        parameters.append(_header("If-Match", 'The version you saw, as in `ETag`: `"7"`.'))
    if isinstance(door, AtFileDesk):
        file = {"schema": {"type": "string", "format": "binary"}}
        types = door.media_types or ("*/*",)
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(types, file)}
    if isinstance(door, AtCounter):
        parameters.append(
            _header("X-Jalon-Min-Position", "The position the answer must have seen.")
        )
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses = operation.setdefault("responses", {})
    for status, description in sorted(said.items()):
        if status == "422" or status not in responses:
            responses[status] = {"description": description, "content": content}


def _header(name: str, description: str, *, required: bool = False) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if name in {"Idempotency-Key", "X-Correlation-Id"}:
        schema["format"] = "uuid"
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": schema,
    }
