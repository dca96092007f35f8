import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends

from shared.eventstore.memory import MemoryEventStore
from shared.kernel.clock import FixedClock
from shared.web.desk import Desk, at_file_desk
from shared.web.edge import Limits
from tests.support.toy import Toy, running_toy

router = APIRouter()
inside, leave = threading.Semaphore(0), threading.Event()


@router.post("/v1/pictures/{name}")
def keep(
    name: str,
    desk: Annotated[
        Desk, Depends(at_file_desk("applicant", body_bytes=2_000, media_types=("image/png",)))
    ],
) -> str:
    """Keep a picture."""
    return f"{name} {hashlib.sha256(desk.body).hexdigest()}"


@router.post("/v1/anything")
def wait(
    desk: Annotated[Desk, Depends(at_file_desk("applicant", body_bytes=2_000))],
) -> int:
    """Take anything, slowly."""
    inside.release()
    leave.wait(10)
    return len(desk.body)


@pytest.fixture
def gallery(store: MemoryEventStore, clock: FixedClock, tmp_path: Path) -> Iterator[Toy]:
    """A toy that takes files, with small limits for everything else."""
    limits = Limits(body_bytes=100, concurrent_files=1)
    with running_toy(store, clock, tmp_path / "issuer", limits=limits, routers=[router]) as toy:
        yield toy


def sent(toy: Toy, **headers: str) -> dict[str, str]:
    return toy.headers(**headers) | {"Content-Type": "image/png"}


def test_a_file_is_taken_as_it_is(gallery: Toy) -> None:
    """Bytes that would make no sense as JSON arrive unchanged, beyond the limit of JSON."""
    picture = b"\x00\xff" * 1_000
    response = gallery.client.post("/v1/pictures/p", content=picture, headers=sent(gallery))
    assert response.json() == f"p {hashlib.sha256(picture).hexdigest()}"


def test_a_file_that_is_too_large(gallery: Toy) -> None:
    """The endpoint says how much it takes."""
    response = gallery.client.post("/v1/pictures/p", content=b"x" * 2_001, headers=sent(gallery))
    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
    assert "2000 bytes" in response.json()["detail"]


@pytest.mark.parametrize(
    "headers", [{"Content-Type": "image/gif"}, {"Content-Encoding": "gzip"}, {"Content-Type": ""}]
)
def test_a_file_of_another_type(gallery: Toy, headers: dict[str, str]) -> None:
    """A file is of a type that the endpoint names, and never compressed on the way."""
    response = gallery.client.post("/v1/pictures/p", content=b"x", headers=sent(gallery) | headers)
    assert (response.status_code, response.json()["code"]) == (415, "file-type-unknown")
    assert response.json()["errors"][0]["accepted"] == ["image/png"]


def test_other_methods_and_places_take_no_files(gallery: Toy) -> None:
    """Everywhere else a body is JSON."""
    for method, path in (("PUT", "/v1/pictures/p"), ("POST", "/v1/pictures/p/q")):
        response = gallery.client.request(method, path, content=b"x", headers=sent(gallery))
        assert (response.status_code, response.json()["code"]) == (415, "content-type-unknown")


def test_who_may_bring_a_file(gallery: Toy) -> None:
    """A file is a command: it needs a key and somebody in the right role."""
    headers = sent(gallery)
    del headers["Idempotency-Key"]
    response = gallery.client.post("/v1/pictures/p", content=b"x", headers=headers)
    assert response.json()["code"] == "idempotency-key-missing"


def test_more_files_than_are_taken_at_once(gallery: Toy) -> None:
    """Files are held in memory, so that only few come in together; other requests still do."""
    with ThreadPoolExecutor(1) as pool:
        headers = sent(gallery)
        first = pool.submit(gallery.client.post, "/v1/anything", content=b"x", headers=headers)
        assert inside.acquire(timeout=10)
        refused = gallery.client.post("/v1/anything", content=b"x", headers=sent(gallery))
        other = gallery.client.get("/health")
        leave.set()
        assert (refused.status_code, refused.json()["code"]) == (503, "too-busy")
        assert (first.result().json(), other.status_code) == (1, 200)


def test_it_is_documented(gallery: Toy) -> None:
    """OpenAPI says that the body is a file, and of which types."""
    paths = gallery.client.get("/openapi.json").json()["paths"]
    content = paths["/v1/pictures/{name}"]["post"]["requestBody"]["content"]
    assert content == {"image/png": {"schema": {"type": "string", "format": "binary"}}}
