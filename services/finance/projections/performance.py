"""Leverage, released money and new agreements out of the ledger."""

from collections.abc import Sequence

from sqlalchemy import Connection, Text, case, func, literal, select

from services.finance.domain.ledger import CONTRACTING, IN_FORCE, MATCH, Account, EntryKind
from services.finance.domain.performance import Leverage, LeverageBase, Released, ReleaseReason
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import LINES
from shared.eventstore.tables import EVENT
from shared.kernel.periods import Quarter, fiscal_year_ends_on

_PAID = (Account.PAID, Account.TO_BE_RECOVERED, Account.RECOVERED)
"""What left for participants, less what came back; what is only asked back has still left."""


def leverage_by_programme(
    connection: Connection, known: Knowledge, fiscal_year: int | None
) -> dict[str, list[Leverage]]:
    """Per programme, on each base: of the quarters of one fiscal year, or of all."""
    of_account = func.sum(LINES.c.cents)

    def total(accounts: Sequence[Account]) -> object:
        return func.coalesce(of_account.filter(LINES.c.account.in_(_names(accounts))), 0)

    wanted = select(
        LINES.c.programme,
        total(MATCH).label("match"),  # type: ignore[attr-defined]
        total(IN_FORCE).label("in_force"),  # type: ignore[attr-defined]
        total((Account.MATCH_REPORTED,)).label("reported"),  # type: ignore[attr-defined]
        total(_PAID).label("paid"),  # type: ignore[attr-defined]
    ).where(LINES.c.account.in_(_names((*MATCH, *IN_FORCE))), known.of(LINES))
    if fiscal_year is not None:
        wanted = wanted.where(LINES.c.fiscal_year == fiscal_year)
    rows = connection.execute(wanted.group_by(LINES.c.programme).order_by(LINES.c.programme))
    return {
        row.programme or "": [
            Leverage(base=LeverageBase.CONTRACTED, match=int(row.match), public=int(row.in_force)),
            Leverage(base=LeverageBase.PAID, match=int(row.reported), public=int(row.paid)),
        ]
        for row in rows
    }


def released_in(connection: Connection, known: Knowledge, fiscal_year: int) -> list[Released]:
    """What went back on the days of a year, by reason and programme, whenever it was planned."""
    reason = case(
        (LINES.c.entry == str(EntryKind.COMMITMENT_RELEASED), EVENT.c.data["reason"].astext),
        (LINES.c.entry == str(EntryKind.AGREEMENT_AMENDED), str(ReleaseReason.AMENDMENT)),
        (LINES.c.entry == str(EntryKind.HOLDBACK_FORFEITED), str(ReleaseReason.HOLDBACK_FORFEITED)),
        else_=literal(str(ReleaseReason.RECOVERED), Text),
    ).label("reason")
    giving_back = (
        EntryKind.COMMITMENT_RELEASED,
        EntryKind.HOLDBACK_FORFEITED,
        EntryKind.AGREEMENT_AMENDED,
    )
    is_given_back = (LINES.c.account == str(Account.AVAILABLE)) & LINES.c.entry.in_(
        [str(kind) for kind in giving_back]
    )
    came_back = LINES.c.account == str(Account.RECOVERED)
    first, *_ = Quarter.all_of(fiscal_year)
    moved = func.sum(case((came_back, -LINES.c.cents), else_=LINES.c.cents))
    by_entry = (
        select(LINES.c.position, LINES.c.programme, reason, moved.label("cents"))
        .join(EVENT, EVENT.c.position == LINES.c.position)
        .where(
            is_given_back | came_back,
            LINES.c.happened_on.between(first.starts_on, fiscal_year_ends_on(fiscal_year)),
            known.of(LINES),
        )
        .group_by(LINES.c.position, LINES.c.programme, reason)
        .having(moved > 0)  # an amendment may also add
        .subquery()
    )
    rows = connection.execute(
        select(by_entry.c.reason, by_entry.c.programme, func.sum(by_entry.c.cents).label("cents"))
        .group_by(by_entry.c.reason, by_entry.c.programme)
        .order_by(by_entry.c.reason, by_entry.c.programme)
    )
    return [
        Released(reason=row.reason, programme=row.programme, cents=int(row.cents)) for row in rows
    ]


def contracted_in(
    connection: Connection,
    known: Knowledge,
    fiscal_year: int,
    programmes: Sequence[str],
    *,
    match: bool,
) -> int:
    """
    What agreements of some programmes were executed and amended for on the days of a year.

    Cents, of all planned quarters; public money, and with ``match`` the participants' own too.
    """
    accounts = (Account.COMMITTED, Account.MATCH_PROMISED) if match else (Account.COMMITTED,)
    first, *_ = Quarter.all_of(fiscal_year)
    cents = connection.execute(
        select(func.coalesce(func.sum(LINES.c.cents), 0)).where(
            LINES.c.entry.in_([str(kind) for kind in CONTRACTING]),
            LINES.c.account.in_(_names(accounts)),
            LINES.c.programme.in_(programmes),
            LINES.c.happened_on.between(first.starts_on, fiscal_year_ends_on(fiscal_year)),
            known.of(LINES),
        )
    ).scalar_one()
    return int(cents)


def _names(accounts: Sequence[Account]) -> list[str]:
    return [str(account) for account in accounts]
