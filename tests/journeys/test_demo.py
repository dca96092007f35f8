"""Whole portfolios through the running services: what they answer is what independent sums say."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from deploy.demo import checks
from deploy.demo.command import run_demo
from deploy.local import LocalStack
from tests.unit.demo.oracle import five_tables
from tests.unit.demo.portfolios import random_portfolio, small

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = [
    command
    for command in dict.fromkeys(re.findall(r"`(jalon [^`]+)`", README))
    # They need a stack of their own (tests/unit/test_readme.py reads them), or only name a verb.
    if command.split()[1] not in {"up", "demo", "serve", "work"}
]


@dataclass
class Played:
    """A portfolio that was played, on services that are still up."""

    stack: LocalStack
    folder: Path
    status: int
    tables: Any
    said: str


def play(portfolio: dict[str, Any], stack: LocalStack, folder: Path) -> Played:
    said = StringIO()
    file = folder / "tables.json"
    status = run_demo(
        stack.urls,
        stack.issuer,
        checks.parse(json.dumps(portfolio)),
        console=Console(file=said, width=160),
        built_in=False,
        json_file=file,
    )
    tables = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return Played(stack, folder / "data", status, tables, said.getvalue())


def test_the_services_agree_with_an_independent_sum(tmp_path: Path) -> None:
    """All three bases of the five tables equal, to the cent, a sum made straight from the file."""
    portfolio = random_portfolio(3, projects=12)
    with LocalStack(tmp_path / "data", simulated_clock=True, fresh=True) as stack:
        played = play(portfolio, stack, tmp_path)

    assert played.status == 0, played.said
    assert played.tables == five_tables(portfolio)


@pytest.fixture(scope="module")
def played(
    tmp_path_factory: pytest.TempPathFactory,
    kafka_bootstrap: str,  # noqa: ARG001  # skips where Kafka cannot be had
) -> Iterator[Played]:
    """A small portfolio, from application to the last survey, every contract by Kafka."""
    folder = tmp_path_factory.mktemp("kafka")
    stack = LocalStack(folder / "data", transport="kafka", simulated_clock=True, fresh=True)
    with stack:
        yield play(small(), stack, folder)


@pytest.mark.kafka
class TestOnKafka:
    def test_the_services_agree_with_an_independent_sum(self, played: Played) -> None:
        """All three bases of the five tables, to the cent; and as of their day for ever."""
        assert played.status == 0, played.said
        assert played.tables == five_tables(small())
        assert "all tables as of their day are unchanged" in played.said

    @pytest.mark.parametrize("command", COMMANDS)
    def test_the_commands_of_the_readme_work(self, played: Played, command: str) -> None:
        """What the README says can be typed, can be typed."""
        done = jalon(played, *shlex.split(command)[1:])

        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()

    def test_a_token_of_the_command_line_opens_a_view(self, played: Played) -> None:
        """What `jalon token` prints is what finance lets in; a stranger is told what is missing."""
        token = jalon(played, "token", "--role", "finance-officer").stdout.strip()
        url = f"{played.stack.urls['finance']}/v1/pockets"

        pockets = httpx.get(url, headers={"Authorization": f"Bearer {token}"}).json()["items"]
        refused = httpx.get(url)

        assert {pocket["code"] for pocket in pockets} == {
            pocket["code"]
            for funder in small()["funder_agreements"]
            for pocket in funder["pockets"]
        }
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("basis", ["plan", "forecast", "actual"])
    def test_tables_prints_what_the_demo_wrote(self, played: Played, basis: str) -> None:
        """The command line and the API give the same figures, as of the same day."""
        written = played.tables[basis]
        done = jalon(
            played, "tables", "--json", "--basis", basis,
            "--fiscal-year", str(written["fiscal_year"]), "--as-of", written["as_of"],
        )  # fmt: skip

        assert json.loads(done.stdout)["tables"] == written["tables"], done.stderr


def jalon(played: Played, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command against the stack that is up."""
    verbs = arguments[:2] if arguments[0] == "parked" else arguments[:1]
    rest = arguments[len(verbs) :]
    return subprocess.run(
        [sys.executable, "-m", "services", *verbs, "--data", str(played.folder), *rest],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
