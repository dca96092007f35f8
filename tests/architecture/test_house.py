"""The habits of the house that a linter does not know."""

import ast
import re
from pathlib import Path

import pytest

from deploy.services import PORTS
from tests.contracts.corpus import event_types

ROOT = Path(__file__).parents[2]
ROOMS = {"domain", "use_cases", "projections", "api"}
MAY_HAVE = {"gateways", "migrations"}
"""Rooms of services that keep more than events, or speak with systems outside."""
DOORS = {"settings.py", "main.py", "worker.py", "README.md", "__init__.py"}
PARTICIPLE = re.compile(
    r"[A-Z][a-z]*"
    r"(ed|Given|Set|Held|Put|Paid|Withdrawn|Told|Sent|Overridden|Written|Met|Left|Frozen|Cast)"
    r"(?=[A-Z]|$)"
)


def modules() -> list[Path]:
    return [
        path
        for folder in ("services", "shared", "deploy")
        for path in (ROOT / folder).rglob("*.py")
        if "__pycache__" not in path.parts
    ]


class TestRooms:
    @pytest.mark.parametrize("service", PORTS)
    def test_every_service_has_the_same_rooms_and_doors(self, service: str) -> None:
        """Who knows one service knows all of them."""
        present = {
            path.name
            for path in (ROOT / "services" / service).iterdir()
            if path.name != "__pycache__"
        }
        assert present - MAY_HAVE == ROOMS | DOORS

    @pytest.mark.parametrize("service", PORTS)
    def test_the_readme_of_a_service_is_one_screen(self, service: str) -> None:
        """A README says the job, streams, contracts and endpoints, within sixty lines."""
        text = (ROOT / "services" / service / "README.md").read_text("utf-8")
        assert 10 < len(text.splitlines()) <= 60


class TestWords:
    @pytest.mark.parametrize("service", PORTS)
    def test_events_are_facts_in_the_past_tense(self, service: str) -> None:
        """An event is named for what has happened."""
        for each in event_types(service):
            assert PARTICIPLE.search(each.cls.__name__), each.cls.__name__


class TestPurity:
    @pytest.mark.parametrize(
        "path",
        [path for path in modules() if "domain" in path.parts or "kernel" in path.parts],
        ids=lambda path: str(path.relative_to(ROOT)),
    )
    def test_the_domain_asks_no_clock_and_no_chance(self, path: Path) -> None:
        """Time and ids come in on the command; only the kernel's system clock asks the time."""
        text = path.read_text("utf-8")
        forbidden = r"datetime\.now\(|date\.today\(|uuid4\(|import random|time\.time\("
        if path != ROOT / "shared" / "kernel" / "clock.py":
            assert not re.search(forbidden, text)

    def test_nothing_is_swallowed(self) -> None:
        """No exception is caught and forgotten."""
        for path in modules():
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ExceptHandler):
                    assert not all(isinstance(each, ast.Pass) for each in node.body), path
