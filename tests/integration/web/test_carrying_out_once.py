from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx2

from shared.eventstore.store import EventStore
from tests.support.toy import Toy

ONE_CENT = {"amount": {"cents": 1}}


def at_once(count: int, ask: Any) -> list[httpx2.Response]:
    """The answers to ``count`` requests that are under way at the same time."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


def test_one_command_sent_many_times_at_once(toy: Toy, store: EventStore) -> None:
    """Clients that lose patience and send again, all at once, are carried out once."""
    jar, headers = toy.open_jar(), toy.headers()
    answers = at_once(8, lambda _: toy.client.put(f"{jar}/money", json=ONE_CENT, headers=headers))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.text for answer in answers} == {answers[0].text}
    assert store.head() == 2


def test_different_commands_at_once_are_all_carried_out(toy: Toy, store: EventStore) -> None:
    """Each is decided on what the others left, or is told to ask again; none is lost."""
    jar = toy.open_jar(cents=5)

    def put_in(_number: int) -> httpx2.Response:
        headers = toy.headers()
        while True:
            answer = toy.client.put(f"{jar}/money", json=ONE_CENT, headers=headers)
            if answer.status_code != 503:
                return answer

    answers = at_once(8, put_in)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [409] * 3
    assert sorted(answer.json().get("version", 0) for answer in answers)[3:] == [2, 3, 4, 5, 6]
    assert store.head() == 6
    assert toy.client.get(jar, headers=toy.headers()).json()["held"]["cents"] == 5


def test_a_key_raced_by_two_requests_serves_one_of_them(toy: Toy, store: EventStore) -> None:
    """When two different requests arrive at once under one key, one is refused."""
    jar, headers = toy.open_jar(), toy.headers(key=uuid4())
    answers = at_once(
        2,
        lambda number: toy.client.put(
            f"{jar}/money", json={"amount": {"cents": number + 1}}, headers=headers
        ),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    assert store.head() == 2


def test_repeating_a_command_answers_the_same(toy: Toy, store: EventStore) -> None:
    """The answer of a repeated command is that of the first time, from the store's memory."""
    jar, headers = toy.open_jar(), toy.headers()
    first = toy.client.put(f"{jar}/money", json=ONE_CENT, headers=headers)
    toy.client.put(f"{jar}/money", json=ONE_CENT, headers=toy.headers())
    again = toy.client.put(f"{jar}/money", json=ONE_CENT, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["X-Jalon-Position"] == "2"
    other = toy.client.put(f"{jar}/money", json={"amount": {"cents": 2}}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "command-id-reused")
    assert store.head() == 3


def test_the_version_that_was_seen(toy: Toy) -> None:
    """A decision on what has changed since is refused."""
    jar = toy.open_jar()
    seen = toy.client.get(jar, headers=toy.headers()).headers["ETag"]
    toy.client.put(f"{jar}/money", json=ONE_CENT, headers=toy.headers())
    stale = toy.client.put(f"{jar}/money", json=ONE_CENT, headers=toy.headers(If_Match=seen))
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
