"""Whole portfolios through the running services: what they answer is what independent sums say."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from deploy.demo import checks
from deploy.demo.command import run_demo
from deploy.local import LocalStack
from tests.unit.demo.oracle import five_tables
from tests.unit.demo.portfolios import random_portfolio, small

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def played(portfolio: dict[str, Any], folder: Path, transport: str) -> tuple[int, Any, str]:
    """Exit status, the written tables and what was printed, for a portfolio on a fresh stack."""
    said = StringIO()
    file = folder / "tables.json"
    stack = LocalStack(folder / "data", transport=transport, simulated_clock=True, fresh=True)
    with stack:
        status = run_demo(
            stack.urls,
            stack.issuer,
            checks.parse(json.dumps(portfolio)),
            console=Console(file=said, width=160),
            built_in=False,
            json_file=file,
        )
    tables = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return status, tables, said.getvalue()


def agrees(portfolio: dict[str, Any], folder: Path, transport: str) -> None:
    status, tables, said = played(portfolio, folder, transport)

    assert status == 0, said
    assert tables == five_tables(portfolio)
    assert "all tables as of their day are unchanged" in said


def test_the_services_agree_with_an_independent_sum(tmp_path: Path) -> None:
    """All three bases of the five tables equal, to the cent, a sum made straight from the file."""
    agrees(random_portfolio(3, projects=12), tmp_path, "postgres")


@pytest.mark.kafka
@pytest.mark.usefixtures("kafka_bootstrap")
def test_the_services_agree_with_an_independent_sum_on_kafka(tmp_path: Path) -> None:
    """The same, from application to the last survey, with every contract carried by Kafka."""
    agrees(small(), tmp_path, "kafka")
