"""
How a worked ledger is read.

A page is read from top to bottom. A table that begins with ``on`` holds facts, in the order in
which finance hears them (on the day they happen, unless a column ``heard`` says otherwise); a row
without a date goes on with the fact above. Any other table holds what the books then say.
Amounts are dollars; ``printed`` tables show millions as the tables of the plan do.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

from services.finance.domain.events import (
    ActualRecorded,
    AuthorityChanged,
    AuthorityLapsed,
    DrawdownReceived,
    DrawdownSubmitted,
    FunderAgreementOpened,
    LineKind,
    PlanApproved,
    PlanLine,
    PocketAmount,
    PocketOpened,
)
from services.finance.domain.ledger import (
    CONTRACTING,
    GIVING_BACK,
    IN_FORCE,
    OF_A_POCKET,
    Account,
)
from services.finance.domain.tables import Basis, FiveTables, Table
from shared.contracts import claims, intake, selection
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell
from tests.ledgers.books import Books

Row = dict[str, str]

MATCH_IN_KIND = "MATCH-IN-KIND"
OF_MATCH = {"MATCH", MATCH_IN_KIND}
"""What stands for a pocket where a row is of the participants' own money: cash, or in kind."""


@dataclass(frozen=True)
class Grid:
    """One Markdown table and the line it starts at."""

    line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def grids(page: Path) -> Iterator[Grid]:
    """The tables of a page."""
    block: list[tuple[int, list[str]]] = []
    for number, text in enumerate([*page.read_text(encoding="utf-8").splitlines(), ""], start=1):
        if text.startswith("|"):
            block.append((number, [cell.strip() for cell in text.strip().strip("|").split("|")]))
        elif block:
            (start, header), _rule, *rows = block
            yield Grid(
                start,
                tuple(header),
                tuple(dict(zip(header, cells, strict=True)) for _, cells in rows),
            )
            block = []


def dollars(text: str) -> Money:
    """Read ``1,000.50``; nothing is zero."""
    if not text:
        return ZERO
    whole, _, cents = text.replace(",", "").replace("−", "-").partition(".")
    sign = -1 if whole.startswith("-") else 1
    return Money(sign * (abs(int(whole)) * 100 + int((cents or "0").ljust(2, "0"))))


def shown(cents: int) -> str:
    """Write cents as the pages do."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


def facts(grid: Grid) -> Iterator[tuple[Any, datetime]]:
    """The facts of a table, and the instant at which each is heard."""
    groups: list[list[Row]] = []
    for row in grid.rows:
        if row["on"]:
            groups.append([])
        groups[-1].append(row)
    for group in groups:
        heard = date.fromisoformat(group[0].get("heard") or group[0]["on"])
        yield fact_of(group), datetime.combine(heard, time(17), UTC)


def fact_of(rows: list[Row]) -> Any:
    """One fact out of its rows."""
    return FACTS[rows[0]["fact"]](date.fromisoformat(rows[0]["on"]), rows)


def _project(rows: list[Row]) -> dict[str, Any]:
    name, programme = re.fullmatch(r"(\S+) \((\S+)\)", rows[0]["project"]).groups()  # type: ignore[union-attr]
    return {
        "project_id": derived_id("project", name),
        "programme_code": programme,
    }


def _award(rows: list[Row]) -> dict[str, Any]:
    project = _project(rows)
    return project | {"award_id": derived_id("award", project["project_id"])}


def _agreement(rows: list[Row]) -> dict[str, Any]:
    project = _project(rows)
    return project | {"agreement_id": derived_id("agreement", project["project_id"])}


def _participant(rows: list[Row]) -> UUID:
    return derived_id("participant", _project(rows)["project_id"])


def _funding(rows: list[Row], what: str = "") -> tuple[FundingCell, ...]:
    return tuple(
        FundingCell(
            participant_id=_participant(rows),
            pocket=row["pocket"],
            quarter=Quarter.parse(row["quarter"]),
            amount=dollars(row["amount"]),
        )
        for row in rows
        if row["pocket"] not in OF_MATCH and row.get("what", "") == what
    )


def _match(rows: list[Row]) -> tuple[MatchCell, ...]:
    return tuple(
        MatchCell(
            participant_id=_participant(rows),
            quarter=Quarter.parse(row["quarter"]),
            cash=ZERO if row["pocket"] == MATCH_IN_KIND else dollars(row["amount"]),
            in_kind=dollars(row["amount"]) if row["pocket"] == MATCH_IN_KIND else ZERO,
        )
        for row in rows
        if row["pocket"] in OF_MATCH
    )


def _shares(rows: list[Row], what: str = "") -> tuple[claims.PocketShare, ...]:
    return tuple(
        claims.PocketShare(pocket=row["pocket"], amount=dollars(row["amount"]))
        for row in rows
        if row["pocket"] not in OF_MATCH and row.get("what", "") == what
    )


def _parts(rows: list[Row]) -> tuple[PocketAmount, ...]:
    return tuple(PocketAmount(pocket=row["pocket"], amount=dollars(row["amount"])) for row in rows)


def _pocket(on: date, rows: list[Row]) -> PocketOpened:
    agreement, pocket = rows[0]["pocket"].split(": ")
    return PocketOpened(
        pocket=pocket,
        funder=agreement.split("-")[0],
        funder_agreement=agreement,
        name_en=pocket,
        name_fr=pocket,
        authority=dollars(rows[0]["amount"]),
        effective_on=on,
    )


def _authority(on: date, rows: list[Row]) -> AuthorityChanged:
    agreement, pocket = rows[0]["pocket"].split(": ")
    return AuthorityChanged(
        pocket=pocket,
        funder=agreement.split("-")[0],
        funder_agreement=agreement,
        previous=dollars(rows[0]["what"].removeprefix("was ")),
        authority=dollars(rows[0]["amount"]),
        effective_on=on,
    )


def _authority_lapsed(on: date, rows: list[Row]) -> AuthorityLapsed:
    agreement, pocket = rows[0]["pocket"].split(": ")
    return AuthorityLapsed(
        pocket=pocket,
        funder=agreement.split("-")[0],
        funder_agreement=agreement,
        fiscal_year=on.year,
        lapsed=dollars(rows[0]["what"].removeprefix("lapsed ")),
        authority=dollars(rows[0]["amount"]),
        effective_on=on,
        yearly=(),
    )


def _opened(on: date, rows: list[Row]) -> FunderAgreementOpened:
    code = rows[0]["pocket"]
    return FunderAgreementOpened(
        code=code,
        funder=code.split("-")[0],
        name_en=code,
        name_fr=code,
        pockets=(),
        effective_on=on,
    )


def _programme(on: date, rows: list[Row]) -> intake.ProgrammePublished:
    code, phase = rows[0]["project"].split(": ")
    return intake.ProgrammePublished(
        code=code,
        version=1,
        name_en=code,
        name_fr=code,
        phase=phase,
        pockets=(),
        reimbursement_rate_bp=5_000,
        holdback_bp=1_000,
        claim_frequency="quarterly",
        survey_years=5,
        effective_on=on,
    )


def _approved(on: date, rows: list[Row]) -> selection.AwardApproved:
    return selection.AwardApproved(
        **_award(rows),
        meeting_id=derived_id("meeting", on),
        programme_version=1,
        title="",
        participants=(),
        starts_on=on,
        ends_on=on,
        funding=_funding(rows),
        match=_match(rows),
        lapses_on=on,
        effective_on=on,
    )


def _lapsed(on: date, rows: list[Row]) -> selection.AwardLapsed:
    return selection.AwardLapsed(
        **_award(rows), funding=_funding(rows), reason="deadline", effective_on=on
    )


def _executed(on: date, rows: list[Row]) -> claims.AgreementExecuted:
    return claims.AgreementExecuted(
        **_agreement(rows),
        award_id=_award(rows)["award_id"],
        participants=(),
        starts_on=on,
        ends_on=on,
        funding=_funding(rows),
        match=_match(rows),
        effective_on=on,
    )


def _amended(on: date, rows: list[Row]) -> claims.AgreementAmended:
    return claims.AgreementAmended(
        **_agreement(rows),
        amendment_id=derived_id("amendment", on),
        kind=rows[0].get("what") or "reprofile",
        ends_on=on,
        funding=_funding(rows, rows[0].get("what", "")),
        match=_match(rows),
        effective_on=on,
    )


def _increase(on: date, rows: list[Row]) -> dict[str, Any]:
    amended_on = date.fromisoformat(rows[0]["what"].removeprefix("amended "))
    return {
        **_agreement(rows),
        "amendment_id": derived_id("amendment", amended_on),
        "funding": _funding([row | {"what": ""} for row in rows]),
        "effective_on": on,
    }


def _increase_reserved(on: date, rows: list[Row]) -> selection.IncreaseReserved:
    return selection.IncreaseReserved(**_increase(on, rows))


def _increase_withdrawn(on: date, rows: list[Row]) -> claims.IncreaseWithdrawn:
    return claims.IncreaseWithdrawn(**_increase(on, rows))


def _released(on: date, rows: list[Row]) -> claims.CommitmentReleased:
    return claims.CommitmentReleased(
        **_agreement(rows),
        reason="completion",
        funding=_funding(rows),
        match=_match(rows),
        effective_on=on,
    )


def _forecast(on: date, rows: list[Row]) -> claims.ForecastRevised:
    return claims.ForecastRevised(**_agreement(rows), funding=_funding(rows), effective_on=on)


def _of_claim(on: date, rows: list[Row]) -> dict[str, Any]:
    elsewhere = {"drawn", "advance set off", "recovery set off"}
    quarter = next(
        Quarter.parse(row["quarter"]) for row in rows if row.get("what", "") not in elsewhere
    )
    return {
        **_agreement(rows),
        "claim_id": derived_id("claim", on),
        "participant_id": _participant(rows),
        "quarter": quarter,
        "effective_on": on,
    }


def _claim(on: date, rows: list[Row]) -> claims.ClaimApproved:
    of_claim = _of_claim(on, rows)
    return claims.ClaimApproved(
        **of_claim,
        period_starts_on=of_claim["quarter"].starts_on,
        period_ends_on=of_claim["quarter"].ends_on,
        drawn=_funding(rows, "drawn"),
        payable=_shares(rows, "payable"),
        held_back=_shares(rows, "held back"),
        advance_set_off=_set_off(rows, "advance set off"),
        recovery_set_off=_set_off(rows, "recovery set off"),
        match_cash=total(cell.cash for cell in _match(rows)),
        match_in_kind=total(cell.in_kind for cell in _match(rows)),
    )


def _set_off(rows: list[Row], what: str) -> tuple[claims.SetOff, ...]:
    return tuple(
        claims.SetOff(
            of=derived_id(what, cell.participant_id),
            pocket=cell.pocket,
            quarter=cell.quarter,
            amount=cell.amount,
        )
        for cell in _funding(rows, what)
    )


def _holdback(on: date, rows: list[Row]) -> claims.HoldbackReleased:
    return claims.HoldbackReleased(**_of_claim(on, rows), released=_shares(rows))


def _forfeited(on: date, rows: list[Row]) -> claims.HoldbackForfeited:
    return claims.HoldbackForfeited(**_of_claim(on, rows), forfeited=_shares(rows))


def _paid(on: date, rows: list[Row]) -> claims.PaymentDisbursed:
    return claims.PaymentDisbursed(
        **_of_claim(on, rows), payment_id=derived_id("payment", on), paid=_shares(rows)
    )


def _returned(on: date, rows: list[Row]) -> claims.PaymentReturned:
    return claims.PaymentReturned(
        **_of_claim(on, rows),
        payment_id=derived_id("payment", on),
        returned=_shares(rows),
        reason="account closed",
    )


def _of_advance(on: date, rows: list[Row]) -> dict[str, Any]:
    quarter = next(Quarter.parse(row["quarter"]) for row in rows if row.get("what") != "drawn")
    return {
        **_agreement(rows),
        "advance_id": derived_id("advance", _participant(rows)),
        "participant_id": _participant(rows),
        "quarter": quarter,
        "effective_on": on,
    }


def _advance(on: date, rows: list[Row]) -> claims.AdvanceApproved:
    return claims.AdvanceApproved(
        **_of_advance(on, rows), drawn=_funding(rows, "drawn"), payable=_shares(rows, "payable")
    )


def _advance_cancelled(on: date, rows: list[Row]) -> claims.AdvanceCancelled:
    return claims.AdvanceCancelled(**_of_advance(on, rows), drawn=_funding(rows, "drawn"))


def _advance_paid(on: date, rows: list[Row]) -> claims.AdvanceDisbursed:
    return claims.AdvanceDisbursed(
        **_of_advance(on, rows), payment_id=derived_id("payment", on), paid=_shares(rows)
    )


def _advance_returned(on: date, rows: list[Row]) -> claims.AdvanceReturned:
    return claims.AdvanceReturned(
        **_of_advance(on, rows),
        payment_id=derived_id("payment", on),
        returned=_shares(rows),
        reason="account closed",
    )


def _of_recovery(on: date, rows: list[Row]) -> dict[str, Any]:
    return {
        **_agreement(rows),
        "recovery_id": derived_id("recovery", _participant(rows)),
        "participant_id": _participant(rows),
        "effective_on": on,
    }


def _asked_back(on: date, rows: list[Row]) -> claims.RecoveryRequested:
    return claims.RecoveryRequested(
        **_of_recovery(on, rows), advance_id=None, parts=_funding(rows), due_on=on
    )


def _came_back(on: date, rows: list[Row]) -> claims.RecoveryReceived:
    interest = total(dollars(row["amount"]) for row in rows if row.get("what") == "interest")
    return claims.RecoveryReceived(
        **_of_recovery(on, rows), received=_funding(rows), interest=interest
    )


def _written_off(on: date, rows: list[Row]) -> claims.RecoveryWrittenOff:
    return claims.RecoveryWrittenOff(
        **_of_recovery(on, rows), written_off=_funding(rows), interest_waived=ZERO
    )


def _asked_no_more(on: date, rows: list[Row]) -> claims.RecoveryCancelled:
    return claims.RecoveryCancelled(**_of_recovery(on, rows), cancelled=_funding(rows))


def _drawdown(on: date, rows: list[Row]) -> DrawdownSubmitted:
    return DrawdownSubmitted(
        drawdown_id=derived_id("drawdown", on),
        funder_agreement="",
        pockets=_parts(rows),
        effective_on=on,
    )


def _receipt(on: date, rows: list[Row]) -> DrawdownReceived:
    return DrawdownReceived(
        drawdown_id=derived_id("drawdown", on),
        funder_agreement="",
        pockets=_parts(rows),
        effective_on=on,
    )


def _plan(on: date, rows: list[Row]) -> PlanApproved:
    lines = tuple(
        PlanLine(
            kind=LineKind(row["what"]),
            code=row["pocket"],
            programme=row["project"] or None,
            quarter=Quarter.parse(row["quarter"]),
            amount=dollars(row["amount"]),
        )
        for row in rows
        if row["quarter"]
    )
    return PlanApproved(
        fiscal_year=lines[0].quarter.fiscal_year, version=1, lines=lines, effective_on=on
    )


def _actual(on: date, rows: list[Row]) -> ActualRecorded:
    return ActualRecorded(
        actual_id=derived_id("actual", on),
        kind=LineKind(rows[0]["what"]),
        code=rows[0]["pocket"],
        amount=dollars(rows[0]["amount"]),
        effective_on=on,
    )


FACTS = {
    "funder agreement opened": _opened,
    "pocket opened": _pocket,
    "authority changed": _authority,
    "authority lapsed": _authority_lapsed,
    "programme published": _programme,
    "award approved": _approved,
    "award lapsed": _lapsed,
    "increase reserved": _increase_reserved,
    "increase withdrawn": _increase_withdrawn,
    "agreement executed": _executed,
    "agreement amended": _amended,
    "forecast revised": _forecast,
    "claim approved": _claim,
    "holdback released": _holdback,
    "holdback forfeited": _forfeited,
    "payment disbursed": _paid,
    "payment returned": _returned,
    "commitment released": _released,
    "advance approved": _advance,
    "advance cancelled": _advance_cancelled,
    "advance disbursed": _advance_paid,
    "advance returned": _advance_returned,
    "recovery requested": _asked_back,
    "recovery received": _came_back,
    "recovery written off": _written_off,
    "recovery cancelled": _asked_no_more,
    "drawdown submitted": _drawdown,
    "drawdown received": _receipt,
    "plan approved": _plan,
    "actual recorded": _actual,
}


def said_by(books: Books, grid: Grid) -> list[Row]:
    """What the books say, in the shape of a table of the page."""
    first = grid.header[0]
    if first == "pocket":
        return [_pocket_row(books, row["pocket"], grid.header) for row in grid.rows]
    if first == "project":
        return [_project_row(books, row["project"], grid.header) for row in grid.rows]
    if first == "account":
        return [_account_row(books, row) for row in grid.rows]
    return _tables_rows(books, grid)


def _pocket_row(books: Books, pocket: str, header: tuple[str, ...]) -> Row:
    row = {"pocket": pocket}
    for name in header[1:]:
        account = Account(name.replace(" ", "-"))
        cents = books.balance(account, where=lambda line: line.pocket == pocket)
        is_other_side = account in {Account.AUTHORITY, Account.RECOVERED, Account.DRAWN}
        row[name] = shown(-cents if is_other_side else cents)
    return row


def _project_row(books: Books, project: str, header: tuple[str, ...]) -> Row:
    project_id = derived_id("project", project)
    row = {"project": project}
    for name in header[1:]:
        row[name] = shown(of_project(books, project_id, name))
    return row


def of_project(books: Books, project_id: UUID, name: str) -> int:
    """An account of a project, or what is contracted with it, or released, in cents."""
    is_its_own = lambda line: line.project_id == project_id  # noqa: E731
    if name == "contracted":
        return books.balance(Account.COMMITTED, where=is_its_own, kinds=CONTRACTING)
    if name == "released":
        # With what came back, as in the statement of an agreement.
        accounts = (Account.COMMITTED, Account.HELD_BACK)
        given_back = -books.balance(*accounts, where=is_its_own, kinds=GIVING_BACK)
        return given_back - books.balance(Account.RECOVERED, where=is_its_own)
    account = Account(name.replace(" ", "-"))
    cents = books.balance(account, where=is_its_own)
    return -cents if account is Account.RECOVERED else cents


def _account_row(books: Books, asked: Row) -> Row:
    def is_asked(line: Any) -> bool:
        return (
            (not asked.get("pocket") or line.pocket == asked["pocket"])
            and (not asked.get("quarter") or str(line.quarter) == asked["quarter"])
            and (not asked.get("in kind") or line.in_kind is (asked["in kind"] == "yes"))
        )

    account = Account(asked["account"].replace(" ", "-"))
    return asked | {"balance": shown(books.balance(account, where=is_asked))}


def _tables_rows(books: Books, grid: Grid) -> list[Row]:
    asked = re.fullmatch(r"(\d{4}) (\w+) as of (\S+?)( until (\S+))?(, printed)?", grid.header[0])
    assert asked, grid.header[0]
    tables = books.tables(
        int(asked[1]),
        Basis(asked[2]),
        date.fromisoformat(asked[3]),
        date.fromisoformat(asked[5]) if asked[5] else None,
    )
    is_printed = bool(asked[6])

    def show(figure: Any) -> str:
        return figure.printed if is_printed else shown(figure.cents)

    rows: list[Row] = []
    for number, table in numbered(tables).items():
        for row in table.rows:
            cells = [show(cell) for cell in row.cells] if number == "5" else [""] * 4
            values = (number, row.code, *cells, show(row.total))
            rows.append(dict(zip(grid.header, values, strict=True)))
        cells = [show(cell) for cell in table.totals] if number == "5" else [""] * 4
        rows.append(
            dict(zip(grid.header, (number, "total", *cells, show(table.total)), strict=True))
        )
        if number == "4":
            surplus = (number, "surplus", *cells, show(tables.surplus))
            rows.append(dict(zip(grid.header, surplus, strict=True)))
    numbers = {row[grid.header[0]] for row in grid.rows}
    return [row for row in rows if row[grid.header[0]] in numbers]


def numbered(tables: FiveTables) -> dict[str, Table]:
    """The tables by their numbers."""
    return {
        "1": tables.by_programme,
        "2": tables.by_source,
        "3": tables.spending,
        "4": tables.sources_of_funds,
        "5": tables.cash_flow,
    }


def check_identities(books: Books) -> None:
    """Everything that is always true, asked of the books."""
    lines = list(books.lines())
    pockets = {line.pocket for line in lines if line.pocket}
    for pocket in pockets:
        of_pocket = lambda line, pocket=pocket: line.pocket == pocket  # noqa: E731
        authority = -books.balance(Account.AUTHORITY, where=of_pocket)
        assert authority == books.balance(*OF_A_POCKET, where=of_pocket), pocket
        drawn = books.balance(Account.DRAWN, where=of_pocket)
        money = books.balance(Account.CASH, Account.DUE_FROM_FUNDER, where=of_pocket)
        assert money + drawn == 0, pocket
    for project_id in {line.project_id for line in lines if line.project_id}:
        is_its_own = lambda line, project_id=project_id: line.project_id == project_id  # noqa: E731
        contracted = of_project(books, project_id, "contracted")
        released = of_project(books, project_id, "released")
        assert contracted == books.balance(*IN_FORCE, where=is_its_own) + released, project_id
    assert sum(line.amount.cents for line in lines) == 0
