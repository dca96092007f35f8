"""
A made-up book of any length: what finance would have heard and done over some years.

The same seed gives the same book, to the byte. It holds every kind of entry; its facts are told in
the order in which they are heard, some of them weeks after they happened.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import chain
from random import Random
from uuid import UUID

from services.finance.domain.events import (
    MATCH_SOURCE,
    ActualRecorded,
    AuthorityChanged,
    AuthorityLapsed,
    DrawdownReceived,
    DrawdownSubmitted,
    FunderAgreementOpened,
    LineKind,
    PlanApproved,
    PlanLine,
    PlanLinesSet,
    PlanReforecasted,
    PocketAmount,
    PocketOpened,
)
from services.finance.use_cases import streams
from services.finance.use_cases.event_types import EVENT_TYPES
from shared.contracts.intake import ProgrammePublished
from shared.eventstore.store import Stream
from shared.kernel.money import Money
from shared.kernel.periods import Quarter, fiscal_year_ends_on
from shared.postgres.database import Database
from tests.book.life import LIFE_DAYS, Life, Told

PROGRAMMES = ("IND", "IA", "SME")
FUNDERS = {"ISED": PROGRAMMES, "MEI": ("IND", "IA")}
"""Whose envelopes a phase of five years has, and for which programmes."""
PHASE_YEARS = 5
FACTS_OF_A_PROJECT = 42
"""Fewer than most have, so that a book is never too short."""
FACTS_OF_A_YEAR = 80
"""About as many of finance's own."""


def book(events: int, *, years: int, first_year: int = 2007, seed: int = 1) -> Iterator[Told]:
    """
    At least ``events`` facts of ``years`` fiscal years, oldest first.

    It ends with the append that reaches ``events``, or else when every project is closed.
    """
    first_day = date(first_year - 1, 4, 1)
    projects = max(1, (events - years * FACTS_OF_A_YEAR) // FACTS_OF_A_PROJECT)
    days = max(1, 365 * years - (LIFE_DAYS if years > 5 else 365 * years // 2))
    lives = (
        _life(number, seed, first_day + timedelta(days=number * days // projects), first_year)
        for number in range(projects)
    )
    told = 0
    for each in merge(_own(seed, first_year, years), *lives, key=lambda each: each.at):
        yield each
        told += len(each.facts)
        if told >= events:
            return


def store(database: Database, told: Iterator[Told]) -> int:
    """
    Copy a book into the empty event store of ``database``, as its append would; how many events.

    ``database`` is connected as administrator: no service may write events but by appending.
    """
    chance = Random(0)  # noqa: S311  # ids, not secrets
    position = 0
    columns = (
        "position, event_id, stream_type, stream_id, stream_version, type, schema_version,"
        " data, meta, effective_on, recorded_at"
    )
    with database.connect() as session, session.cursor() as cursor:
        with cursor.copy(f"COPY eventstore.event ({columns}) FROM STDIN") as copy:
            for each in told:
                cause = UUID(int=chance.getrandbits(128), version=4)
                meta = (
                    f'{{"command_id":"{cause}","actor":{{"id":"policy:keep"}},'
                    f'"correlation_id":"{cause}","causation_id":"{cause}"}}'
                )
                for version, fact in enumerate(each.facts, each.version):
                    position += 1
                    name, schema_version, data = EVENT_TYPES.encode(fact)
                    copy.write_row(
                        (
                            position,
                            UUID(int=chance.getrandbits(128), version=4),
                            each.stream.type,
                            each.stream.id,
                            version,
                            name,
                            schema_version,
                            data.decode(),
                            meta,
                            fact.effective_on,
                            each.at,
                        )
                    )
        session.execute("ANALYZE eventstore.event")
    return position


def _life(number: int, seed: int, awarded_on: date, first_year: int) -> Iterator[Told]:
    phase = _phase(Quarter.of(awarded_on).fiscal_year, first_year)
    kind = PROGRAMMES[number % len(PROGRAMMES)]
    funders = [funder for funder, kinds in FUNDERS.items() if kind in kinds]
    shared = len(funders) if number % 2 else 1
    yield from Life(
        number,
        seed=seed,
        programme=f"{kind}-{phase}",
        pockets=[f"{funder}-{phase}-{kind}" for funder in funders[:shared]],
        awarded_on=awarded_on,
    )


def _phase(fiscal_year: int, first_year: int) -> str:
    return f"P{(fiscal_year - first_year) // PHASE_YEARS + 1}"


def _own(seed: int, first_year: int, years: int) -> Iterator[Told]:
    """What finance did itself, and the programmes that were published."""
    chance = Random(f"{seed}/own")  # noqa: S311  # a story, not a secret
    all_told = chain.from_iterable(
        _of_a_year(chance, year, first_year) for year in range(first_year, first_year + years)
    )
    yield from sorted(all_told, key=lambda told: told.at)


def _of_a_year(chance: Random, year: int, first_year: int) -> Iterator[Told]:
    phase, first_day = _phase(year, first_year), date(year - 1, 4, 1)
    pockets = {
        f"{funder}-{phase}-{kind}": funder for funder, kinds in FUNDERS.items() for kind in kinds
    }
    yield from _envelopes(chance, year, pockets, phase, is_new=(year - first_year) % 5 == 0)
    yield from _plan(chance, year, list(pockets), phase)
    for quarter in Quarter.all_of(year):
        for funder in FUNDERS:
            mine = [pocket for pocket in pockets if pockets[pocket] == funder]
            yield from _drawdown(chance, f"{funder}-{phase}", mine, quarter)
        for month in range(3):
            day = quarter.starts_on + timedelta(days=28 * month + 5)
            yield _actual(chance, LineKind.OPERATIONS, "PAYROLL", day)
        yield _actual(chance, LineKind.OPERATIONS_FUNDING, f"ISED-{phase}", quarter.ends_on)
        yield _actual(chance, LineKind.OTHER_REVENUE, "MEMBERSHIPS", quarter.starts_on)
    correction = ActualRecorded(
        actual_id=_id(chance),
        kind=LineKind.OPERATIONS,
        code="PAYROLL",
        amount=Money(-1_234_56),
        effective_on=first_day + timedelta(days=200),
    )
    yield _told(first_day + timedelta(days=260), streams.actual(correction.actual_id), correction)


def _envelopes(
    chance: Random, year: int, pockets: dict[str, str], phase: str, *, is_new: bool
) -> Iterator[Told]:
    day = date(year - 1, 4, 1)
    opening = day - timedelta(days=20)
    if is_new:
        for number, funder in enumerate(FUNDERS):
            code = f"{funder}-{phase}"
            mine = tuple(pocket for pocket in pockets if pockets[pocket] == funder)
            opened = FunderAgreementOpened(
                code=code, funder=funder, name_en=code, name_fr=code, pockets=mine,
                effective_on=opening,
            )  # fmt: skip
            yield _told(opening, streams.funder_agreement(code), opened, hour=10 + number)
        for pocket, funder in pockets.items():
            granted = PocketOpened(
                pocket=pocket, funder=funder, funder_agreement=f"{funder}-{phase}",
                name_en=pocket, name_fr=pocket, authority=_authority(pocket, year),
                effective_on=opening,
            )  # fmt: skip
            yield _told(opening, streams.pocket(pocket), granted, hour=12)
        for kind in PROGRAMMES:
            published = ProgrammePublished(
                code=f"{kind}-{phase}", version=1, name_en=kind, name_fr=kind, phase=phase,
                pockets=tuple(pockets), reimbursement_rate_bp=5_000, holdback_bp=1_000,
                claim_frequency="quarterly", survey_years=5, effective_on=opening,
            )  # fmt: skip
            yield _told(opening, Stream("received", _id(chance)), published, hour=13)
        return
    for pocket, funder in pockets.items():
        left = _authority(pocket, year - 1) - _lapsed(pocket, year)
        lapsed = AuthorityLapsed(
            pocket=pocket, funder=funder, funder_agreement=f"{funder}-{phase}",
            fiscal_year=year - 1, lapsed=_lapsed(pocket, year), authority=left,
            effective_on=fiscal_year_ends_on(year - 1), yearly=(),
        )  # fmt: skip
        yield _told(day, streams.pocket(pocket), lapsed, version=2 * year, hour=12)
        changed = AuthorityChanged(
            pocket=pocket, funder=funder, funder_agreement=f"{funder}-{phase}",
            previous=left, authority=_authority(pocket, year), effective_on=day,
        )  # fmt: skip
        yield _told(day, streams.pocket(pocket), changed, version=2 * year + 1)


def _authority(pocket: str, year: int) -> Money:
    """What a pocket holds from that year on."""
    return Money(Random(f"{pocket}/{year}").randrange(10**12, 9 * 10**12))  # noqa: S311


def _lapsed(pocket: str, year: int) -> Money:
    """What a pocket loses when a year begins, because the one before did not use it."""
    return Money(Random(f"{pocket}/{year}/lapsed").randrange(1, 10**9))  # noqa: S311


def _plan(chance: Random, year: int, pockets: list[str], phase: str) -> Iterator[Told]:
    lines = tuple(
        PlanLine(
            kind=LineKind.NEW_BUSINESS,
            code=code,
            programme=f"{kind}-{phase}",
            quarter=quarter,
            amount=Money(chance.randrange(10**8, 10**9)),
        )
        for kind in PROGRAMMES
        for code in (*(pocket for pocket in pockets if pocket.endswith(f"-{kind}")), MATCH_SOURCE)
        for quarter in Quarter.all_of(year)
    ) + tuple(
        PlanLine(kind=kind, code=code, programme=None, quarter=quarter, amount=Money(10**7))
        for kind, code in (
            (LineKind.OPERATIONS, "PAYROLL"),
            (LineKind.OPERATIONS_FUNDING, f"ISED-{phase}"),
            (LineKind.OTHER_REVENUE, "MEMBERSHIPS"),
        )
        for quarter in Quarter.all_of(year)
    )
    day, stream = date(year - 1, 3, 15), streams.plan(year)
    drafted = PlanLinesSet(fiscal_year=year, lines=lines, effective_on=day)
    yield _told(day, stream, drafted, hour=15)
    day += timedelta(days=6)
    approved = PlanApproved(fiscal_year=year, version=1, lines=lines, effective_on=day)
    yield _told(day, stream, approved, version=2)
    if year % 2:
        day = date(year - 1, 10, 20)
        again = PlanReforecasted(fiscal_year=year, version=1, lines=lines[4:], effective_on=day)
        yield _told(day, stream, again, version=3)


def _drawdown(
    chance: Random, agreement: str, pockets: list[str], quarter: Quarter
) -> Iterator[Told]:
    drawn = [chance.randrange(10**8, 10**10) for _ in pockets]
    about = {"drawdown_id": _id(chance), "funder_agreement": agreement}
    stream = streams.drawdown(about["drawdown_id"])
    day = quarter.ends_on + timedelta(days=8)
    submitted = DrawdownSubmitted(**about, pockets=_amounts(pockets, drawn), effective_on=day)
    yield _told(day, stream, submitted)
    first = [cents // 3 if quarter.number == 2 else cents for cents in drawn]
    day += timedelta(days=40)
    yield _told(
        day,
        stream,
        DrawdownReceived(**about, pockets=_amounts(pockets, first), effective_on=day),
        version=2,
    )
    if first != drawn:
        rest = [cents - part for cents, part in zip(drawn, first, strict=True)]
        day += timedelta(days=40)
        received = DrawdownReceived(**about, pockets=_amounts(pockets, rest), effective_on=day)
        yield _told(day, stream, received, version=3)


def _amounts(pockets: list[str], cents: list[int]) -> tuple[PocketAmount, ...]:
    return tuple(
        PocketAmount(pocket=pocket, amount=Money(part))
        for pocket, part in zip(pockets, cents, strict=True)
    )


def _actual(chance: Random, kind: LineKind, code: str, day: date) -> Told:
    actual = ActualRecorded(
        actual_id=_id(chance),
        kind=kind,
        code=code,
        amount=Money(chance.randrange(10**6, 10**7)),
        effective_on=day,
    )
    heard = day + timedelta(days=chance.randrange(5, 40))
    return _told(heard, streams.actual(actual.actual_id), actual)


def _told(day: date, stream: Stream, fact: object, *, version: int = 1, hour: int = 16) -> Told:
    return Told(datetime.combine(day, time(hour), UTC), stream, version, (fact,))


def _id(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
