"""What follows: the tables of a page, as the agreement would write them."""

from collections.abc import Callable

from services.claims.domain.state import Balance
from shared.kernel.money import ZERO, Money, total
from tests.ledgers.claims.agreed import Ledger, participant
from tests.ledgers.reading import Grid, Row, dollars, shown

STANDING = ("committed", "payable", "held back", "paid", "released")
"""Wherever contracted money can stand."""


def _statement(ledger: Ledger, grid: Grid) -> list[Row]:
    """Where the contracted money stands, pocket by pocket, and over all of them."""
    balances = ledger.agreement.balances
    assert set(STANDING) | {"contracted"} <= set(grid.header), "a statement has every column"
    if "participant" in grid.header:
        found = [
            ({"pocket": pocket, "participant": name}, balance)
            for name in ledger.names
            for pocket, balance in balances(participant(name)).items()
        ]
        nobody = {"participant": ""}
    else:
        found = [({"pocket": pocket}, balance) for pocket, balance in balances().items()]
        nobody = {}
    rows = [key | _amounts(balance) for key, balance in found]
    if grid.rows[-1]["pocket"] == "total":
        sums = {
            name: shown(total(dollars(row[name]) for row in rows).cents)
            for name in ("contracted", *STANDING)
        }
        rows.append({"pocket": "total"} | nobody | sums)
    return rows


def _amounts(balance: Balance) -> Row:
    return {
        name: shown(getattr(balance, name.replace(" ", "_")).cents)
        for name in ("contracted", *STANDING)
    }


def _commitment(ledger: Ledger, grid: Grid) -> list[Row]:
    """What is still committed, and for when."""
    cells: dict[tuple[str, ...], Money] = {}
    keys = grid.header[:-1]
    for cell in ledger.agreement.funding_left():
        whole = {
            "quarter": str(cell.quarter),
            "participant": ledger.name(cell.participant_id),
            "pocket": cell.pocket,
        }
        key = tuple(whole[name] for name in keys)
        cells[key] = cells.get(key, ZERO) + cell.amount
    return [
        dict(zip(keys, key, strict=True)) | {grid.header[-1]: shown(amount.cents)}
        for key, amount in sorted(cells.items())
    ]


def _calculation(ledger: Ledger, _grid: Grid) -> list[Row]:
    """What every rule changed of the claim that was approved last, and what it left."""
    rows: list[Row] = []
    before = ZERO
    for step in ledger.last_claim().steps:
        rows.append(
            {
                "rule": step.rule.replace("-", " "),
                "change": shown((step.amount - before).cents),
                "leaves": shown(step.amount.cents),
            }
        )
        before = step.amount
    return rows


def _parts(ledger: Ledger, _grid: Grid) -> list[Row]:
    """Where the money of the claim that was approved last came from, and where it stands."""
    claim = ledger.last_claim()
    found = [
        *(("drawn", each.pocket, str(each.quarter), each.amount) for each in claim.drawn),
        *(("held back", each.pocket, "", each.amount) for each in claim.held_back),
        *(("payable", each.pocket, "", each.amount) for each in claim.payable),
        *(
            ("advance set off", each.pocket, str(each.quarter), each.amount)
            for each in claim.advance_set_off
        ),
        *(
            ("recovery set off", each.pocket, str(each.quarter), each.amount)
            for each in claim.recovery_set_off
        ),
    ]
    return [
        {"part": part, "pocket": pocket, "quarter": quarter, "amount": shown(amount.cents)}
        for part, pocket, quarter, amount in found
    ]


def _outstanding(ledger: Ledger, _grid: Grid) -> list[Row]:
    """What was advanced and is not accounted for, and what is asked back and did not come."""
    agreement = ledger.agreement
    return [
        {
            "outstanding": what,
            "participant": name,
            "pocket": each.pocket,
            "quarter": str(each.quarter),
            "amount": shown(each.amount.cents),
        }
        for name in ledger.names
        for what, owed in (
            ("advance", agreement.advance_outstanding(participant(name))),
            ("recovery", agreement.recovery_outstanding(participant(name))),
        )
        for each in owed
    ]


SAID: dict[str, Callable[[Ledger, Grid], list[Row]]] = {
    "pocket": _statement,
    "quarter": _commitment,
    "rule": _calculation,
    "part": _parts,
    "outstanding": _outstanding,
}
