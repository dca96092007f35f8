"""The same balances out of two folds: of facts by SQL alone, and of the lines that Python made."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, text

OF_FACTS = (Path(__file__).parent / "fold.sql").read_text(encoding="utf-8")
"""See the file. Needs no ledger."""

OF_LINES = """
SELECT
    account, pocket,
    CASE WHEN of_a_project THEN programme END AS programme,
    CASE WHEN of_a_project THEN project_id::text END AS project,
    CASE WHEN of_a_project THEN participant_id::text END AS participant,
    CASE WHEN by_quarter THEN quarter END AS quarter,
    CASE WHEN by_quarter AND NOT of_a_project THEN code END AS code,
    sum(CASE WHEN account IN ('authority', 'recovered') THEN -cents ELSE cents END)::bigint AS cents
FROM (
    SELECT *,
        account NOT IN (
            'authority', 'available', 'cash', 'due-from-funder',
            'operations', 'operations-funding', 'other-revenue'
        ) AS of_a_project,
        account NOT IN ('authority', 'available', 'cash', 'due-from-funder') AS by_quarter
    FROM ledger_{generation}.line
    WHERE account NOT IN ('match-expected', 'drawn', 'operating-result')
        AND recorded_at < :as_of AND happened_on <= :until
) AS line
GROUP BY 1, 2, 3, 4, 5, 6, 7
HAVING sum(cents) <> 0
"""
"""
The ledger that the projection keeps, to the same grain. The other sides that the ledger gives to
what comes from nowhere (expected match, what was drawn, the operating result) are its own business.
"""

DIGEST = """
SELECT count(*) AS balances, md5(string_agg(balance, E'\\n' ORDER BY balance COLLATE "C")) AS digest
FROM (
    SELECT concat_ws(
        '|', account, coalesce(pocket, ''), coalesce(programme, ''), coalesce(project, ''),
        coalesce(participant, ''), coalesce(quarter, ''), coalesce(code, ''), cents
    ) AS balance FROM ({fold}) AS folded
) AS written
"""

END = datetime(9000, 1, 1, tzinfo=UTC)
LAST_DAY = date(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class Digest:
    """How many balances are not nil, and an MD5 of all of them in order."""

    balances: int
    digest: str


def of_lines(generation: int) -> str:
    """The fold of one generation of the ledger."""
    return OF_LINES.format(generation=generation)


def digest(
    connection: Connection, fold: str, *, as_of: datetime = END, until: date = LAST_DAY
) -> Digest:
    """What a fold gives, of what was recorded before ``as_of`` and had happened by ``until``."""
    row = connection.execute(text(DIGEST.format(fold=fold)), {"as_of": as_of, "until": until}).one()
    return Digest(row.balances, row.digest)


def differences(connection: Connection, one: str, other: str) -> list[object]:
    """Balances that two folds do not share: what to look at when their digests differ."""
    bounds = {"as_of": END, "until": LAST_DAY}
    apart = f"({one}) EXCEPT ALL ({other})"
    return list(connection.execute(text(apart), bounds))
