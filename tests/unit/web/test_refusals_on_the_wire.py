from uuid import UUID, uuid4

import pytest

from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import CommandIdReused, VersionConflict
from shared.kernel.refusals import Invalid, NotAllowed, NotFound, Refusal, RuleBroken, StaleVersion
from shared.web import refusals
from shared.web.problems import status_of, title_of
from tests.support.toy import JarHoldsOnlySoMuch, Toy


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (NotFound, 404),
        (RuleBroken, 409),
        (JarHoldsOnlySoMuch, 409),
        (Invalid, 422),
        (CommandIdReused, 422),
        (NotAllowed, 403),
        (StaleVersion, 412),
        (refusals.TokenExpired, 401),
        (refusals.BodyTooLarge, 413),
        (refusals.ContentTypeUnknown, 415),
        (refusals.TooBusy, 503),
        (refusals.SomethingBroke, 500),
    ],
)
def test_the_status_of_a_kind_of_refusal(kind: type[Refusal], status: int) -> None:
    """The nearest ancestor that has a status gives it."""
    assert status_of(kind) == status


def test_a_refusal_as_an_english_problem(toy: Toy) -> None:
    """A refusal is a problem with its rule, its sentence, and what would be accepted."""
    response = toy.client.put(
        f"{toy.open_jar()}/money", json={"amount": {"cents": 100_00}}, headers=toy.headers()
    )
    sentence = (
        "The jar holds at most $61.60 until March 31, 2024 (Q1 2023-2024); $100.00 was asked."
    )
    problem = response.json()
    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Content-Language"] == "en"
    assert problem["type"] == "/problems/jar-holds-only-so-much"
    assert problem["title"] == "A jar holds no more than was agreed."
    assert problem["status"] == 409
    assert problem["detail"] == problem["messages"]["en"] == sentence
    assert problem["errors"][0]["field"] == "amount"
    assert problem["errors"][0]["accepted"] == {"at_most": {"cents": 61_60, "currency": "CAD"}}


def test_a_refusal_as_a_french_problem(toy: Toy) -> None:
    """A reader who wants French reads French, with amounts and dates as French writes them."""
    response = toy.client.put(
        f"{toy.open_jar()}/money",
        json={"amount": {"cents": 100_00}},
        headers=toy.headers(Accept_Language="fr-CA,fr;q=0.9,en;q=0.5"),
    )
    problem = response.json()
    assert response.headers["Content-Language"] == "fr"
    assert problem["detail"] == (
        "Le bocal contient au plus 61,60\u202f$ jusqu’au 31 mars 2024 (T1 2023-2024); "
        "100,00\u202f$ est demandé."
    )
    assert problem["title"] == title_of(JarHoldsOnlySoMuch, "fr")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "path-unknown"),
        ("GET", "/v1/jars/%00", 404, "path-unknown"),
        ("PATCH", "/v1/jars", 405, "method-unknown"),
        ("GET", f"/v1/jars/{UUID(int=1)}", 404, "not-found"),
        ("GET", "/v1/jars/not-a-uuid", 422, "request-invalid"),
        ("GET", "/v1/jars?limit=201", 422, "request-invalid"),
        ("GET", "/v1/jars?cursor=%00", 422, "text-unstorable"),
    ],
)
def test_what_http_itself_refuses(toy: Toy, method: str, path: str, status: int, code: str) -> None:
    """Every refusal of the framework has the same shape as ours."""
    response = toy.client.request(method, path, headers=toy.headers())
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == response.json()["messages"]["en"]


def test_a_method_that_is_not_answered_says_which_are(toy: Toy) -> None:
    """405 names the methods that are (RFC 9110, 15.5.6)."""
    assert "GET" in toy.client.patch("/v1/jars/x", headers=toy.headers()).headers["Allow"]


def test_a_defect_tells_nothing_of_our_insides(toy: Toy, caplog: pytest.LogCaptureFixture) -> None:
    """An unanticipated exception is logged, and answered without its text."""
    chain = uuid4()
    response = toy.client.get("/v1/jars/broken/defect", headers={"X-Correlation-Id": str(chain)})
    assert response.status_code == 500
    assert "secret" not in response.text
    assert str(chain) in response.json()["detail"]
    assert "the secret of the house" in caplog.text


def test_a_command_that_others_keep_overtaking(
    toy: Toy, store: MemoryEventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When deciding again does not help, the client is told when to ask again."""

    def overtaken(*_args: object, **_kwargs: object) -> int:
        raise VersionConflict("always")

    jar = toy.open_jar()
    monkeypatch.setattr(store, "append", overtaken)
    response = toy.client.put(f"{jar}/money", json={"amount": {"cents": 1}}, headers=toy.headers())
    assert (response.status_code, response.json()["code"]) == (503, "contended")
    assert response.headers["Retry-After"] == "1"
