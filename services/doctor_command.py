"""``jalon doctor``: is everything well, and what is not?"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from importlib import import_module

from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError

from services.finance.projections.identities import identities
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import PROJECTION
from shared.checkup import Finding, findings_of
from shared.messaging.transports import transport_for
from shared.process import Parts
from shared.projecting.reading import ReadModels, ViewIsBehind
from shared.settings import ServiceSettings


def examine(settings: ServiceSettings, parts: Parts) -> list[Finding]:
    """Everything there is to find in one service."""
    projections = import_module(f"services.{settings.service}.worker").PROJECTIONS
    try:
        with closing(transport_for(settings)) as transport:
            found = list(findings_of(settings.service, parts, projections, transport))
    except OperationalError as failure:
        return [Finding(name="database", ok=False, said=f"does not answer: {failure.orig}")]
    if settings.service == "finance" and all(
        each.ok for each in found if each.name == "migrations"
    ):
        found += _identities(parts)
    return found


def _identities(parts: Parts) -> Iterator[Finding]:
    try:
        with ReadModels(parts.database.engine).reading(PROJECTION) as connection:
            checked = identities(connection, Knowledge())
    except ViewIsBehind as behind:
        yield Finding(name="identities", ok=False, said=str(behind))
        return
    for each in checked:
        said = f"{each.checked} checked"
        if not each.ok:
            first = each.breaks[0]
            said += f", {each.broken} broken, the first {first.of} by {first.difference} cents"
        yield Finding(name=each.name, ok=each.ok, said=said)


def print_findings(console: Console, found: Mapping[str, Sequence[Finding]]) -> None:
    """A row per finding, and in one line how many need somebody."""
    table = Table("service", "what", "", "found")
    for service, findings in found.items():
        for each in findings:
            mark = "[green]✓[/green]" if each.ok else "[red]✗[/red]"
            table.add_row(service, each.name, mark, each.said)
    console.print(table)
    wrong = sum(not each.ok for findings in found.values() for each in findings)
    console.print(f"{wrong} of {sum(map(len, found.values()))} findings need somebody")
