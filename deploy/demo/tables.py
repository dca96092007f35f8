"""Prints the five tables, beside what was published and beside each other."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.demo.published import PRINTED_QUARTERS, PRINTED_ROWS, PRINTED_SURPLUS_DOLLARS

TITLES = {
    "1": "1. Commitments by programme",
    "2": "2. Commitments by source",
    "3": "3. Spending by phase",
    "4": "4. Sources of funds",
    "5": "5. Cash flow",
}
BASES = ("plan", "forecast", "actual")
CENTS_IN_A_DOLLAR = 100

Answer = Mapping[str, Any]
"""One basis, as the finance service answers it."""


def rows_of(answer: Answer, number: str) -> Iterator[tuple[str, str]]:
    """Codes and printed amounts of one of tables 1 to 4, the total last."""
    table = answer["tables"][number]
    for row in table["rows"]:
        yield row["code"], row["printed"]
    yield "total", table["total"]["printed"]


def flow_of(answer: Answer) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Codes and printed amounts of table 5, by quarter and for the year, the total last."""
    table = answer["tables"]["5"]
    for row in [*table["rows"], {"code": "total", **table["total"]}]:
        yield row["code"], (*(cell["printed"] for cell in row["cells"]), row["total"]["printed"])


def print_beside_published(console: Console, answer: Answer) -> int:
    """Print the plan beside the published tables; how many cells differ."""
    wrong = 0
    console.rule(f"Plan of fiscal year {answer['fiscal_year']}, as of {answer['as_of']}")
    for number in PRINTED_ROWS:
        table = _table(number, "ours", "published", "")
        found = dict(rows_of(answer, number))
        for code in dict.fromkeys([*found, *PRINTED_ROWS[number]]):
            ours, printed = found.get(code, "–"), PRINTED_ROWS[number].get(code, "–")
            wrong += ours != printed
            table.add_row(code, ours, printed, _mark(ours == printed))
        console.print(table)
    table = _table("5", "T1", "T2", "T3", "T4", "year", "")
    flow = dict(flow_of(answer))
    for code in dict.fromkeys([*flow, *PRINTED_QUARTERS]):
        ours_by_quarter = flow.get(code, ("–",) * 5)
        printed_by_quarter = PRINTED_QUARTERS.get(code, ("–",) * 5)
        pairs = list(zip(ours_by_quarter, printed_by_quarter, strict=True))
        wrong += sum(ours != printed for ours, printed in pairs)
        cells = [ours if ours == printed else f"{ours} ≠ {printed}" for ours, printed in pairs]
        table.add_row(code, *cells, _mark(ours_by_quarter == printed_by_quarter))
    console.print(table)
    surplus = answer["tables"]["4"]["surplus"]["cents"]
    as_published = surplus == PRINTED_SURPLUS_DOLLARS * CENTS_IN_A_DOLLAR
    wrong += not as_published
    console.print(f"surplus {dollars(surplus)} {_mark(as_published)}")
    if wrong:
        console.print(f"[red]{wrong} cells differ from what was published[/red]")
    else:
        console.print("[green]every printed cell equals the published one[/green]")
    return wrong


def print_bases(console: Console, answers: Mapping[str, Answer]) -> None:
    """Print the bases there are, side by side."""
    bases = [basis for basis in BASES if basis in answers]
    console.rule("Five tables, in millions of dollars")
    for number in PRINTED_ROWS:
        headings = [f"{basis} {answers[basis]['as_of']}" for basis in bases]
        table = _table(number, *headings)
        found = {basis: dict(rows_of(answers[basis], number)) for basis in bases}
        codes = dict.fromkeys(code for basis in bases for code in found[basis] if code != "total")
        for code in [*codes, "total"]:
            table.add_row(code, *(found[basis].get(code, "") for basis in bases))
        console.print(table)
    for basis in bases:
        table = _table("5", "T1", "T2", "T3", "T4", "year", caption=basis)
        for code, cells in flow_of(answers[basis]):
            table.add_row(code, *cells)
        console.print(table)
    surpluses = ", ".join(
        f"{basis} {dollars(answers[basis]['tables']['4']['surplus']['cents'])}" for basis in bases
    )
    console.print(f"surplus: {surpluses}")


def print_identities(console: Console, answer: Mapping[str, Any]) -> bool:
    """Say whether everything holds that must always be true of the ledger."""
    items = answer["items"]
    for item in items:
        if not item["ok"]:
            console.print(f"[red]✗ {item}[/red]")
    kinds = sorted({item["name"] for item in items})
    held = sum(item["ok"] for item in items)
    console.print(f"{_mark(answer['ok'])} {held} of {len(items)} ledger identities hold")
    console.print(f"  [dim]{' · '.join(kinds)}[/dim]")
    return bool(answer["ok"])


def print_outcomes(console: Console, answer: Mapping[str, Any]) -> None:
    """Print response rates, and what changed because of the projects."""
    rates = Table("programme", "year", "surveys", "answered", "late", "rate", title="Surveys")
    for each in answer["responses"]:
        rates.add_row(
            each["programme"],
            str(each["year"]),
            str(each["opened"]),
            str(each["answered"]),
            str(each["answered_late"]),
            f"{each['rate_bp'] / 100:.1f} %",
        )
    console.print(rates)
    outcomes = Table("programme", "indicator", "to date", "participants", title="Outcomes")
    for each in answer["to_date"]:
        outcomes.add_row(
            each["programme"],
            each["indicator"],
            f"{each['total']:,}",
            str(each["participants"]),
        )
    console.print(outcomes)


def dollars(amount: int) -> str:
    """Cents as dollars."""
    return f"${amount / CENTS_IN_A_DOLLAR:,.2f}"


def _mark(good: bool) -> str:
    return "[green]✓[/green]" if good else "[red]✗[/red]"


def _table(number: str, *columns: str, caption: str | None = None) -> Table:
    title = TITLES[number] if caption is None else f"{TITLES[number]}, {caption}"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    return table
