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


def played(portfolio: dict[str, Any], folder: Path) -> tuple[int, Any, str]:
    """Exit status, the written tables and what was printed, for a portfolio on a fresh stack."""
    said = StringIO()
    file = folder / "tables.json"
    with LocalStack(folder / "data", simulated_clock=True) as stack:
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


@pytest.mark.parametrize(
    "portfolio",
    [
        pytest.param(small(), id="small"),
        pytest.param(random_portfolio(3, projects=12), id="random"),
    ],
)
def test_the_services_agree_with_an_independent_sum(
    portfolio: dict[str, Any], tmp_path: Path
) -> None:
    """All three bases of the five tables equal, to the cent, a sum made straight from the file."""
    status, tables, said = played(portfolio, tmp_path)
    assert status == 0, said
    assert tables == five_tables(portfolio)
    assert "all tables as of their day are unchanged" in said
