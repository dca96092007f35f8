"""
What ``jalon demo`` does once everything is up: plays a portfolio and shows what it came to.

``portfolio`` reads and checks a file before anything starts; ``run_demo`` needs running services
with a simulated clock and no data.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.demo import checks, tables
from deploy.demo.checks import PortfolioRefused
from deploy.demo.days import actual_day, forecast_day
from deploy.demo.driver import FINANCE, MANAGER, Driver
from deploy.demo.plan_2024 import plan_2024
from deploy.demo.portfolio import Portfolio
from deploy.demo.wire import DemoStopped, Wire
from shared.web.development import DevelopmentIssuer

REFUSED = 2
"""Exit status when the file does not fit."""
STOPPED = 3
"""Exit status when a service refused, or the services did not come to rest."""
DIFFERENT = 1
"""Exit status when a figure is not what it must be."""


def print_schema() -> None:
    """Print the JSON Schema of the portfolio file."""
    print(json.dumps(checks.schema(), indent=2, ensure_ascii=False))  # noqa: T201  # its output


def portfolio(file: Path | None) -> Portfolio:
    """The portfolio of a file, or the built-in one. Raises ``PortfolioRefused``."""
    return plan_2024() if file is None else checks.read(file)


def print_refused(console: Console, refused: PortfolioRefused) -> int:
    """Say everything that is wrong with a file; the exit status."""
    for problem in refused.problems:
        console.print(
            f"[red]{escape(problem.path)}[/red]: {escape(problem.reason)}", soft_wrap=True
        )
    return REFUSED


def run_demo(
    urls: Mapping[str, str],
    issuer: DevelopmentIssuer,
    played: Portfolio,
    *,
    console: Console,
    built_in: bool,
    json_file: Path | None = None,
    resident_bytes: Callable[[], int] | None = None,
) -> int:
    """
    Play a portfolio on running services that hold no data yet; the exit status.

    ``json_file`` gets the three bases of the five tables; ``resident_bytes`` says at the end how
    much memory all processes take.
    """
    started = time.monotonic()
    wire = Wire(urls, issuer)
    try:
        status = _run(wire, played, console, built_in=built_in, json_file=json_file)
    except DemoStopped as stopped:
        console.print(f"[red]{escape(str(stopped))}[/red]", soft_wrap=True)
        return STOPPED
    finally:
        wire.close()
    console.print(f"{wire.commands} commands in {time.monotonic() - started:.1f} s")
    if resident_bytes is not None:
        console.print(f"{resident_bytes() // 2**20} MB resident in the whole process tree")
    return status


def _run(
    wire: Wire, played: Portfolio, console: Console, *, built_in: bool, json_file: Path | None
) -> int:
    approved_on = played.plan.approved_on
    told_on = max(approved_on, forecast_day(played), actual_day(played))
    with _progress(console) as report:
        driver = Driver(played, wire, report)
        driver.must_be_empty()
        report.span("to the plan's approval", driver.total(approved_on))
        driver.play(until=approved_on)
    good = _show_plan(console, _tables(wire, played, "plan", approved_on), built_in=built_in)
    good &= tables.print_identities(console, _identities(wire))

    with _progress(console) as report:
        driver.report = report
        report.span("through the year", driver.total(told_on) - driver.total(approved_on))
        driver.play(after=approved_on, until=told_on)
    answers = _answers(wire, played)
    tables.print_bases(console, answers)
    good &= tables.print_identities(console, _identities(wire))
    if json_file is not None:
        json_file.write_text(json.dumps(answers, indent=2) + "\n", encoding="utf-8")
        console.print(f"tables written to {json_file}")

    with _progress(console) as report:
        driver.report = report
        report.span("to the last survey", driver.total() - driver.total(told_on))
        driver.play(after=told_on)
    tables.print_outcomes(console, wire.get("impact", "/v1/outcomes", by=MANAGER))
    good &= tables.print_identities(console, _identities(wire))
    unchanged = _answers(wire, played) == answers
    good &= unchanged
    console.print(
        "[green]✓[/green] years later, all tables as of their day are unchanged"
        if unchanged
        else "[red]✗ the tables as of their day have changed since[/red]"
    )
    return 0 if good else DIFFERENT


def _show_plan(console: Console, answer: tables.Answer, *, built_in: bool) -> bool:
    if built_in:
        return tables.print_beside_published(console, answer) == 0
    tables.print_bases(console, {"plan": answer})
    return True


def _answers(wire: Wire, played: Portfolio) -> dict[str, dict[str, Any]]:
    """The three bases, each as of its day."""
    as_of = {
        "plan": played.plan.approved_on,
        "forecast": forecast_day(played),
        "actual": actual_day(played),
    }
    return {basis: _tables(wire, played, basis, day) for basis, day in as_of.items()}


def _tables(wire: Wire, played: Portfolio, basis: str, as_of: date) -> dict[str, Any]:
    path = f"/v1/tables/{played.fiscal_year}"
    answer = wire.get("finance", path, by=FINANCE, basis=basis, as_of=as_of.isoformat())
    return {name: answer[name] for name in ("fiscal_year", "as_of", "tables")}


def _identities(wire: Wire) -> dict[str, Any]:
    answer: dict[str, Any] = wire.get("finance", "/v1/identities", by=FINANCE)
    return answer


class _Bar:
    """Tells a progress bar the simulated day and how many commands are done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None, day="")

    def span(self, title: str, total: int) -> None:
        """What is played now, and about how many commands it takes."""
        self._progress.update(self._task, description=title, total=total)

    def __call__(self, day: date, done: int) -> None:
        self._progress.update(self._task, advance=done, day=day.isoformat())


@contextmanager
def _progress(console: Console) -> Iterator[_Bar]:
    with Progress(
        TextColumn("{task.description}"),
        TextColumn("[cyan]{task.fields[day]}[/cyan]"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        yield _Bar(progress)
