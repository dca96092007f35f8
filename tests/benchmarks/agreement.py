"""How long a decision takes on a large agreement: 5 participants, 8 quarters, 40 claims."""

import json
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from pydantic import TypeAdapter
from sqlalchemy import make_url

from services.claims.domain.agreement import DECIDER
from services.claims.domain.commands import (
    AgreementCommand,
    ApproveClaim,
    AssessClaim,
    CertifyClaim,
    DisbursePayment,
    DraftAgreement,
    DraftClaim,
    ExecuteAgreement,
    RedraftClaim,
    SchedulePayment,
    SignAgreement,
)
from services.claims.domain.events import AgreementEvent
from services.claims.domain.state import Agreement, ScheduledPayment
from services.claims.domain.values import (
    ClaimForm,
    ClaimFrequency,
    ClaimLine,
    ForecastLine,
    Party,
    ProgrammeTerms,
)
from services.claims.use_cases import streams
from services.claims.use_cases.event_types import EVENT_TYPES
from shared.eventstore.commands import FROM_THE_START
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Append, Context, Stream
from shared.kernel.clock import SystemClock
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell
from shared.postgres.database import Database
from shared.process import settle
from tests.support.postgres import Databases

RUNS = 7
LOADS = 40
PARTICIPANTS = [uuid4() for _ in range(5)]
QUARTERS = [*Quarter.all_of(2024), *Quarter.all_of(2025)]
POCKETS = ("ISED-P1", "MEIE-P1")
LINES = 10
FEW_LINES = 5
TODAY = date(2025, 6, 30)
OURS = "load, fold and decide"
THEIRS = "eventsourcing: load, fold and decide"


def history(lines: int) -> list[AgreementEvent]:
    """
    A life in which every participant claimed every quarter, ``lines`` costs and a forecast.

    The first participant writes every draft twice.
    """
    events: list[AgreementEvent] = []

    def carry_out(command: AgreementCommand) -> None:
        events.extend(DECIDER.decide(command, DECIDER.fold(events)))

    carry_out(_award())
    for participant in PARTICIPANTS:
        carry_out(
            SignAgreement(
                participant_id=participant, by="s", by_organisation_id=participant, on=TODAY
            )
        )
    executed_on = date(2023, 4, 3)
    carry_out(ExecuteAgreement(executed_on=executed_on, by="o", on=executed_on))
    for number, quarter in enumerate(QUARTERS):
        for participant in PARTICIPANTS:
            claim_id = uuid4()
            left = len(QUARTERS) - number - 1
            draft = _claim(claim_id, participant, quarter, lines=lines, left=left)
            carry_out(draft)
            if participant == PARTICIPANTS[0]:
                carry_out(
                    RedraftClaim(
                        claim_id=claim_id,
                        form=draft.form,
                        by="f",
                        by_organisation_id=participant,
                        on=TODAY,
                    )
                )
            carry_out(
                CertifyClaim(claim_id=claim_id, by="c", by_organisation_id=participant, on=TODAY)
            )
            carry_out(AssessClaim(claim_id=claim_id, accepted=(), suspected=(), by="e", on=TODAY))
            carry_out(
                ApproveClaim(
                    claim_id=claim_id,
                    suspected=(),
                    by="a",
                    by_roles=("claims-approver",),
                    on=TODAY,
                )
            )
            payment_id = uuid4()
            carry_out(
                SchedulePayment(
                    payment_id=payment_id, run_id=uuid4(), payable_id=claim_id, by="p", on=TODAY
                )
            )
            carry_out(DisbursePayment(payment_id=payment_id, paid_on=TODAY, by="p", on=TODAY))
    return events


def _award() -> DraftAgreement:
    return DraftAgreement(
        project_id=uuid4(),
        programme_code="IND-P1",
        award_id=uuid4(),
        title="A large project",
        participants=tuple(
            Party(
                participant_id=participant,
                organisation_id=participant,
                role="other",
                name="Participant",
                province="QC",
                sme=True,
            )
            for participant in PARTICIPANTS
        ),
        starts_on=date(2023, 4, 1),
        ends_on=date(2025, 3, 31),
        funding=tuple(
            FundingCell(
                participant_id=participant, pocket=pocket, quarter=quarter, amount=Money(200_00)
            )
            for participant in PARTICIPANTS
            for quarter in QUARTERS
            for pocket in POCKETS
        ),
        match=tuple(
            MatchCell(participant_id=participant, quarter=quarter, cash=Money(600_00))
            for participant in PARTICIPANTS
            for quarter in QUARTERS
        ),
        terms=ProgrammeTerms(
            version=1,
            reimbursement_rate_bp=4_000,
            holdback_bp=1_000,
            claim_frequency=ClaimFrequency.QUARTERLY,
            cost_categories=("labour",),
        ),
        lapses_on=date(2023, 6, 30),
        on=date(2023, 3, 1),
    )


def _claim(
    claim_id: UUID, participant: UUID, quarter: Quarter, *, lines: int, left: int
) -> DraftClaim:
    line = ClaimLine(
        category="labour",
        cash=Money(950_00 // lines),
        in_kind=Money(1_00),
        incurred_from=quarter.starts_on,
        incurred_to=quarter.ends_on,
        paid_on=quarter.ends_on,
        document_sha256=claim_id.hex * 2,
    )
    # 380 of the 400 planned are reimbursed every quarter; the forecast takes the rest along.
    number = len(QUARTERS) - left
    remains = Money(number * 20_00 + left * 400_00)
    later = [each for each in QUARTERS if each > quarter]
    parts = remains.split([1] * left) if left else []
    return DraftClaim(
        claim_id=claim_id,
        form=ClaimForm(
            participant_id=participant,
            period_starts_on=quarter.starts_on,
            period_ends_on=quarter.ends_on,
            lines=tuple(replace(line) for _ in range(lines)),
            forecast=tuple(
                ForecastLine(quarter=each, amount=part)
                for each, part in zip(later, parts, strict=True)
            )
            if left
            else None,
        ),
        by="d",
        by_organisation_id=participant,
        on=TODAY,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Milliseconds on the clock: the least, and the medians of each of ``RUNS``."""

    least: float
    medians: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of the medians."""
        return statistics.median(self.medians)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What was measured on how many events."""

    events: int
    took: dict[str, Took]
    decoded_per_second: dict[str, float]
    """Events per second that one core decodes, by library."""


def measure(databases: Databases) -> Results:
    """Nothing is remembered: every decision loads and folds the whole history anew."""
    *events, _ = history(LINES)
    *shorter, _ = history(FEW_LINES)
    database = Database(databases.migrated())
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    stream = _stored(store, events)
    with peer(databases.empty()) as application:
        peer_id, paid = peer_history(application, events), _to_disburse(events)
        took = _took(
            {
                "load": lambda: store.events(stream),
                "fold": lambda: DECIDER.fold(events),
                OURS: _cold(store, stream, events),
                f"the same, {FEW_LINES} lines a claim": _cold(
                    store, _stored(store, shorter), shorter
                ),
                THEIRS: lambda: peer_decision(application, peer_id, paid.claim_id),
            }
        )
    database.close()
    return Results(events=len(events), took=took, decoded_per_second=_decoded(events))


def _stored(store: PostgresEventStore, events: Sequence[AgreementEvent]) -> Stream:
    why = Context(
        command_id=uuid4(), actor=Actor(id="o"), correlation_id=uuid4(), causation_id=uuid4()
    )
    stream = streams.agreement(uuid4())
    store.append([Append(stream, 0, events)], why)
    return stream


def _to_disburse(events: Sequence[AgreementEvent]) -> ScheduledPayment:
    state = DECIDER.fold(events)
    assert isinstance(state, Agreement)
    return next(iter(state.scheduled.values()))


def _cold(
    store: PostgresEventStore, stream: Stream, events: Sequence[AgreementEvent]
) -> Callable[[], object]:
    command = DisbursePayment(
        payment_id=_to_disburse(events).payment_id, paid_on=TODAY, by="p", on=TODAY
    )
    return lambda: DECIDER.decide(command, FROM_THE_START.state(store, DECIDER, stream)[0])


class Noted(Aggregate):
    """The same history as an aggregate of ``eventsourcing``, which takes our JSON as it is."""

    def __init__(self) -> None:
        self.stages: dict[str, str] = {}

    @event("Happened")
    def note(self, name: str, data: dict[str, Any]) -> None:
        """Remember how far a claim has come."""
        if "claim_id" in data:
            self.stages[data["claim_id"]] = name

    def pay(self, claim_id: UUID | None) -> None:
        """The least of a decision: what is scheduled is paid."""
        if self.stages[str(claim_id)] != "payment.scheduled":
            raise ValueError("not scheduled")
        self.note("payment.disbursed", {"claim_id": str(claim_id)})


@contextmanager
def peer(url: str) -> Iterator[Application[UUID]]:
    """An application of ``eventsourcing`` on a database of its own, without cache and snapshots."""
    parts = make_url(url)
    application = Application[UUID](
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(parts.database),
            "POSTGRES_HOST": str(parts.query.get("host") or parts.host),
            "POSTGRES_PORT": str(parts.port or 5432),
            "POSTGRES_USER": str(parts.username),
            "POSTGRES_PASSWORD": parts.password or "",
        }
    )
    try:
        yield application
    finally:
        application.close()


def peer_history(application: Application[UUID], events: Sequence[AgreementEvent]) -> UUID:
    """Save as many events as we have, each with the same JSON, one by one as they would happen."""
    aggregate = Noted()
    for each in events[1:]:  # the first is its creation
        name, _, data = EVENT_TYPES.encode(each)
        aggregate.note(name, json.loads(data))
        # Hundreds in one save fill the pipeline of its driver, which then waits for ever.
        application.save(aggregate)
    return aggregate.id


def peer_decision(application: Application[UUID], peer_id: UUID, claim_id: UUID | None) -> Noted:
    """Load, fold and decide."""
    aggregate: Noted = application.repository.get(peer_id)
    aggregate.pay(claim_id)
    return aggregate


def _took(works: dict[str, Callable[[], object]]) -> dict[str, Took]:
    """All of them in turns, so that what else the machine does hits them alike."""
    settle()
    medians: dict[str, list[float]] = {name: [] for name in works}
    least = dict.fromkeys(works, math.inf)
    for _ in range(RUNS):
        for name, work in works.items():
            times = []
            for _ in range(LOADS):
                started = time.perf_counter()
                result = work()
                times.append((time.perf_counter() - started) * 1_000)
                del result
            medians[name].append(statistics.median(times))
            least[name] = min(least[name], *times)
    return {name: Took(least=least[name], medians=tuple(each)) for name, each in medians.items()}


def _decoded(events: Sequence[AgreementEvent]) -> dict[str, float]:
    stored = [EVENT_TYPES.encode(each) for each in events]
    adapters = {each.name: TypeAdapter(each.cls) for each in EVENT_TYPES}
    took = _took(
        {
            "msgspec": lambda: [EVENT_TYPES.decode(*each) for each in stored],
            "pydantic": lambda: [adapters[name].validate_json(data) for name, _, data in stored],
        }
    )
    return {name: len(events) / each.median * 1_000 for name, each in took.items()}


def report(results: Results) -> str:
    """The figures as a Markdown table, with the ratio to the peer and what decoding takes."""
    lines = [
        f"| step ({results.events} events) | median, ms | medians of the runs | least, ms |",
        "| --- | ---: | ---: | ---: |",
    ]
    for step, took in results.took.items():
        runs = f"{min(took.medians):.2f} to {max(took.medians):.2f}"
        lines.append(f"| {step} | {took.median:.2f} | {runs} | {took.least:.2f} |")
    ratio = results.took[THEIRS].median / results.took[OURS].median
    lines += ["", f"{ratio:.1f} × as fast as eventsourcing. Decoded per second:"]
    lines += [f"- {name}: {rate:,.0f}" for name, rate in results.decoded_per_second.items()]
    return "\n".join(lines)
