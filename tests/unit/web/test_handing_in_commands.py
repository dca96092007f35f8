from uuid import UUID, uuid4

import pytest

from shared.eventstore.memory import MemoryEventStore
from shared.kernel.identifiers import derived_id
from tests.support.toy import Toy

ONE_CENT = {"amount": {"cents": 1}}


def test_what_a_command_answers(toy: Toy, store: MemoryEventStore) -> None:
    """The thing, its version and the service's position; also as headers, and where it is."""
    key = uuid4()
    body = {"organisation_id": str(toy.organisation_id), "limit": {"cents": 1}}
    response = toy.client.post("/v1/jars", json=body, headers=toy.headers(key=key))
    jar_id = str(derived_id("jar", key))
    assert response.status_code == 201
    assert response.json() == {"id": jar_id, "version": 1, "position": store.head()}
    assert response.headers["ETag"] == '"1"'
    assert response.headers["X-Jalon-Position"] == "1"
    assert response.headers["Location"] == f"/v1/jars/{jar_id}"


def test_asking_twice_is_asking_once(toy: Toy, store: MemoryEventStore) -> None:
    """The same key and request carry out once and answer the same, later changes or not."""
    jar, key = toy.open_jar(), uuid4()
    first = toy.client.put(f"{jar}/money", json=ONE_CENT, headers=toy.headers(key=key))
    toy.client.put(f"{jar}/money", json=ONE_CENT, headers=toy.headers())
    again = toy.client.put(f"{jar}/money", json=ONE_CENT, headers=toy.headers(key=key))
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["ETag"] == first.headers["ETag"] == '"2"'
    assert store.head() == 3


def test_one_key_is_for_one_request(toy: Toy) -> None:
    """Another body, path, method or caller under the same key is refused."""
    jar, other, key = toy.open_jar(), toy.open_jar(), uuid4()
    headers = toy.headers(key=key)
    assert toy.client.put(f"{jar}/money", json=ONE_CENT, headers=headers).status_code == 200
    stranger = toy.issuer.token("person-2", ["applicant"], toy.organisation_id)
    refused = [
        toy.client.put(f"{jar}/money", json={"amount": {"cents": 2}}, headers=headers),
        toy.client.put(f"{other}/money", json=ONE_CENT, headers=headers),
        toy.client.put(f"{jar}/money?again", json=ONE_CENT, headers=headers),
        toy.client.put(
            f"{jar}/money",
            json=ONE_CENT,
            headers=headers | {"Authorization": f"Bearer {stranger}"},
        ),
    ]
    assert {response.status_code for response in refused} == {422}
    assert {response.json()["code"] for response in refused} == {"command-id-reused"}


def test_a_refused_command_may_be_asked_again(toy: Toy) -> None:
    """A refusal is not remembered: what was not possible may be possible later."""
    jar, headers = toy.open_jar(cents=1), toy.headers()
    toy.client.put(f"{jar}/money", json=ONE_CENT, headers=toy.headers())
    for _ in range(2):
        response = toy.client.put(f"{jar}/money", json=ONE_CENT, headers=headers)
        assert (response.status_code, response.json()["code"]) == (409, "jar-holds-only-so-much")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency-key-missing"),
        ("", "header-unreadable"),
        ("one", "header-unreadable"),
        ("{e2d0bcd0-6c4f-495c-9079-dfb3d936fde5}", "header-unreadable"),
        ("e2d0bcd06c4f495c9079dfb3d936fde5", "header-unreadable"),
    ],
)
def test_every_command_has_an_id(toy: Toy, key: str | None, code: str) -> None:
    """A command without a UUID of the client's making is refused."""
    headers = toy.headers()
    del headers["Idempotency-Key"]
    headers |= {} if key is None else {"Idempotency-Key": key}
    response = toy.client.put(f"{toy.open_jar()}/money", json=ONE_CENT, headers=headers)
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"


def test_who_asks_is_settled_before_what_is_asked(toy: Toy) -> None:
    """A stranger learns nothing of what a right request would look like."""
    response = toy.client.put(f"{toy.open_jar()}/money", json={"amount": "x"})
    assert response.status_code == 401


def test_the_version_that_was_seen(toy: Toy) -> None:
    """If-Match refuses a decision on what has changed since it was read."""
    jar = toy.open_jar()
    etag = toy.client.get(jar, headers=toy.headers()).headers["ETag"]
    seen = toy.headers(If_Match=etag)
    assert toy.client.put(f"{jar}/money", json=ONE_CENT, headers=seen).status_code == 200
    assert toy.client.put(f"{jar}/money", json=ONE_CENT, headers=seen).status_code == 200
    stale = toy.client.put(f"{jar}/money", json=ONE_CENT, headers=toy.headers(If_Match=etag))
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")


@pytest.mark.parametrize(
    "tag", ["1", 'W/"1"', '"1", "2"', "*", '"x"', '"-1"', '"' + "9" * 40 + '"']
)
def test_only_one_strong_version_is_understood(toy: Toy, tag: str) -> None:
    """A decision stands on one version."""
    headers = toy.headers(If_Match=tag)
    response = toy.client.put(f"{toy.open_jar()}/money", json=ONE_CENT, headers=headers)
    assert (response.status_code, response.json()["code"]) == (422, "header-unreadable")


def test_what_belongs_to_another_organisation_does_not_exist(toy: Toy) -> None:
    """People from outside cannot tell another's thing from nothing."""
    jar = toy.open_jar()
    stranger = toy.issuer.token("person-2", ["applicant"], UUID(int=1))
    headers = {"Authorization": f"Bearer {stranger}"}
    others = toy.client.get(jar, headers=headers)
    nothing = toy.client.get(f"/v1/jars/{uuid4()}", headers=headers)
    assert others.status_code == nothing.status_code == 404
    assert others.json()["code"] == nothing.json()["code"]


@pytest.mark.parametrize("position", ["-1", "x", "1.5", "9" * 30, ""])
def test_a_position_that_is_none(toy: Toy, position: str) -> None:
    """What a view must have seen is a position."""
    headers = toy.headers() | {"X-Jalon-Min-Position": position}
    response = toy.client.get("/v1/jars", headers=headers)
    assert (response.status_code, response.json()["code"]) == (422, "header-unreadable")
