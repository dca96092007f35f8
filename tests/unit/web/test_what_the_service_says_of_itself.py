import io
import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from shared.eventstore.memory import MemoryEventStore
from shared.kernel.clock import FixedClock
from shared.kernel.refusals import Refusal
from shared.observability.logs import JsonFormatter, correlation, log_as_json
from shared.observability.metrics import REQUESTS, show_metrics
from tests.support.toy import Toy, running_toy


def _fails() -> None:
    raise RuntimeError("the password is hunter2")


def _passes() -> None:
    """Nothing is wrong."""


@pytest.mark.parametrize("well", [True, False])
def test_readiness(store: MemoryEventStore, clock: FixedClock, tmp_path: Path, well: bool) -> None:
    """Ready is when every check passes; which one fails is said, but not why."""
    checks = {"moon": _passes, "stars": _passes if well else _fails}
    with running_toy(store, clock, tmp_path / "keys", checks=checks) as toy:
        response = toy.client.get("/ready")
    assert response.status_code == (200 if well else 503)
    assert response.json() == {
        "service": "toy",
        "ready": well,
        "checks": {"moon": "ok", "stars": "ok" if well else "failed"},
    }


def test_health_asks_nothing(store: MemoryEventStore, clock: FixedClock, tmp_path: Path) -> None:
    """A process is alive even when what it stands on is not."""
    with running_toy(store, clock, tmp_path / "keys", checks={"stars": _fails}) as toy:
        assert toy.client.get("/health").json() == {"service": "toy", "alive": True}


def test_positions(store: MemoryEventStore, clock: FixedClock, tmp_path: Path) -> None:
    """The head of the store, beside what the service reports of its worker."""

    def reached() -> dict[str, object]:
        return {
            "relayed": 1,
            "consumed": {"intake": 3},
            "lag": 2,
            "projections": {"pipeline": 1},
            "timers_due": 0,
        }

    with running_toy(store, clock, tmp_path / "keys", positions=reached) as toy:
        toy.open_jar()
        progress = toy.client.get("/positions").json()
    assert progress == {
        "service": "toy",
        "head": 1,
        "relayed": 1,
        "consumed": {"intake": 3},
        "lag": 2,
        "projections": {"pipeline": 1},
        "timers": None,
        "timers_due": 0,
    }


def test_the_clock_is_nobodys_where_it_is_not_simulated(toy: Toy) -> None:
    """Without a simulated clock there is no endpoint to move it."""
    assert toy.client.get("/clock").status_code == 404


def test_every_refusal_has_a_page(toy: Toy) -> None:
    """Each code that a problem may carry leads to its explanation, in both languages."""
    codes = {each["code"] for each in toy.client.get("/problems").json()}
    assert {"jar-holds-only-so-much", "not-found", "too-busy", "request-invalid"} <= codes
    for code in codes:
        meaning = toy.client.get(f"/problems/{code}")
        assert meaning.status_code == 200
        assert all(meaning.json()["titles"][language] for language in ("en", "fr"))
        assert all(meaning.json()["messages"][language] for language in ("en", "fr"))


def test_pages_for_people(toy: Toy) -> None:
    """A browser gets a page, in the reader's language first, and nothing runs on it."""
    headers = {"Accept": "text/html", "Accept-Language": "fr"}
    page = toy.client.get("/problems/jar-holds-only-so-much", headers=headers)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.text.index("Le bocal contient") < page.text.index("The jar holds")
    assert "not-a-quarter" in toy.client.get("/problems/request-invalid", headers=headers).text
    assert "/problems/stale-version" in toy.client.get("/problems", headers=headers).text


def test_a_code_that_does_not_exist(toy: Toy) -> None:
    """An unknown code is not found, and not repeated on a page."""
    response = toy.client.get("/problems/%3Cscript%3E", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


def test_every_refusal_of_ours_speaks_french() -> None:
    """No class leaves the French to its parent while changing the English."""
    for kind in Refusal.__subclasses__():
        assert ("en" in vars(kind)) == ("fr" in vars(kind)), kind


def test_openapi_describes_what_all_endpoints_share(toy: Toy) -> None:
    """Who may come in, which headers are needed, and that refusals are problems."""
    document = toy.client.get("/openapi.json").json()
    command = document["paths"]["/v1/jars/{jar_id}/money"]["put"]
    question = document["paths"]["/v1/jars/{jar_id}"]["get"]
    headers = {each["name"]: each["required"] for each in command["parameters"]}
    assert headers["Idempotency-Key"] is True
    assert headers["If-Match"] is False
    assert "X-Jalon-Min-Position" in {each["name"] for each in question["parameters"]}
    assert "For: applicant, payer (second factor)." in command["description"]
    assert command["security"] == question["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for operations in document["paths"].values():
        for operation in operations.values():
            problem = operation["responses"]["422"]["content"]["application/problem+json"]
            assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert {"409", "412", "413", "415"} <= set(command["responses"])
    assert "409" not in question["responses"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    yield root
    sys.excepthook, threading.excepthook = hooks
    root.handlers[:], root.level = handlers, level
    logging.getLogger("uvicorn.access").disabled = False


def test_log_lines_are_json(root_logger: logging.Logger) -> None:
    """A constant phrase, everything variable as a field, and the chain it belongs to."""
    stream, chain = io.StringIO(), uuid4()
    log_as_json("toy", stream=stream)
    token = correlation.set(chain)
    try:
        root_logger.info("events relayed", extra={"count": 3, "id": chain})
    finally:
        correlation.reset(token)
    line = json.loads(stream.getvalue())
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "event": "events relayed",
        "logger": "root",
        "service": "toy",
        "correlation_id": str(chain),
        "count": 3,
        "id": str(chain),
    }


def _record(phrase: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    trace = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord("toy", logging.ERROR, __file__, 1, phrase, args, trace)


def test_what_a_library_says_of_an_exception(root_logger: logging.Logger) -> None:
    """Neither as an argument, nor below its phrase, nor as a field: the class is enough."""
    error = ValueError("canary")
    told = JsonFormatter("toy").format(_record("export failed: %s\n%r", error, error))
    assert json.loads(told)["event"] == "export failed: ValueError"
    stream = io.StringIO()
    log_as_json("toy", stream=stream)
    root_logger.warning("noted", extra={"because": error})
    assert json.loads(stream.getvalue())["because"] == "ValueError"
    assert "canary" not in stream.getvalue()


def test_what_nobody_caught_is_a_line_as_well(root_logger: logging.Logger) -> None:
    """Python would print it whole, in the main thread and in any other."""
    stream = io.StringIO()
    log_as_json("toy", stream=stream)
    name = "Jane"

    def fail() -> None:
        raise ValueError(name)

    thread = threading.Thread(target=fail, name="errand")
    thread.start()
    thread.join()
    try:
        fail()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["event"], first["thread_name"]) == ("thread failed", "errand")
    assert (second["event"], second["level"]) == ("process failed", "critical")
    assert all("in fail" in each["traceback"] for each in (first, second))
    assert name not in stream.getvalue()
    assert root_logger.handlers


def test_a_traceback_is_one_field() -> None:
    """A log line stays one line, whatever went wrong, and says where."""
    try:
        _fails()
    except RuntimeError as error:
        line = JsonFormatter("toy").format(_record("request failed", error=error))
    assert "\n" not in line
    assert "in _fails" in json.loads(line)["traceback"]
    assert json.loads(line)["traceback"].endswith("\nRuntimeError")


def test_one_line_per_request(toy: Toy, caplog: pytest.LogCaptureFixture) -> None:
    """Each answer is noted with its status and time, and without who asked or what was sent."""
    with caplog.at_level(logging.INFO, logger="shared.web.edge"):
        toy.client.get("/v1/jars?limit=1", headers=toy.headers())
    lines = [record for record in caplog.records if record.message == "request answered"]
    assert [(vars(line)["path"], vars(line)["status"]) for line in lines] == [("/v1/jars", 200)]
    assert vars(lines[0])["milliseconds"] > 0


def test_of_a_path_the_log_keeps_what_is_ours(toy: Toy, caplog: pytest.LogCaptureFixture) -> None:
    """Words of the route, ids and numbers; somebody may write anything into an address."""
    jar = f"/v1/jars/{uuid4()}"
    with caplog.at_level(logging.INFO, logger="shared.web.edge"):
        for path in (jar, "/v1/jars/jane@example.org", "/v1/jane/7", "/jane?name=jane"):
            toy.client.get(path, headers=toy.headers())
    lines = [record for record in caplog.records if record.message == "request answered"]
    assert [vars(line)["path"] for line in lines] == [jar, "/v1/jars/…", "/…/…/7", "/…"]


def test_refusals_are_counted_by_code(toy: Toy) -> None:
    """By the code of the answer, which is a class of ours: nothing that was sent is a label."""
    before = _refused("jar-holds-only-so-much")
    jar = toy.open_jar(cents=1)
    for _ in range(2):
        body = {"amount": {"cents": 2}, "note": "canary"}
        answer = toy.client.put(f"{jar}/money", json=body, headers=toy.headers())
        assert answer.json()["code"] == "jar-holds-only-so-much"
    toy.client.get("/v1/jars")
    assert _refused("jar-holds-only-so-much") == before + 2
    assert _refused("token-missing") >= 1
    known = {each["code"] for each in toy.client.get("/problems").json()}
    [family] = [each for each in REQUESTS.collect() if each.name == "jalon_refusals"]
    assert {sample.labels["code"] for sample in family.samples} <= known


def _refused(code: str) -> float:
    return REQUESTS.get_sample_value("jalon_refusals_total", {"code": code}) or 0.0


def test_requests_are_counted_by_route(toy: Toy) -> None:
    """By the pattern of the path: no id becomes a label, and a path of nobody's is one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    show_metrics(REQUESTS, "127.0.0.1", port)
    jar = toy.open_jar()
    toy.client.get(jar, headers=toy.headers())
    toy.client.get("/v1/nowhere")
    shown = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert jar not in shown
    assert 'method="GET",route="none",status="404"' in shown
    assert 'jalon_http_request_seconds_count{method="GET",route="/v1/jars/{jar_id}"' in shown
