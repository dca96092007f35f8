"""How long a decision takes on a large agreement: 5 participants, 8 quarters, 40 claims."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

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
    SchedulePayment,
    SignAgreement,
)
from services.claims.domain.events import AgreementEvent
from services.claims.domain.state import Agreement
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
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Append, Context
from shared.kernel.clock import SystemClock
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell
from shared.postgres.database import Database
from tests.support.postgres import Databases

RUNS = 200
PARTICIPANTS = [uuid4() for _ in range(5)]
QUARTERS = [*Quarter.all_of(2024), *Quarter.all_of(2025)]
POCKETS = ("ISED-P1", "MEIE-P1")
LINES = 10
TODAY = date(2025, 6, 30)


def history() -> list[AgreementEvent]:
    """A life in which every participant claimed every quarter, ``LINES`` costs and a forecast."""
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
            carry_out(_claim(claim_id, participant, quarter, left=len(QUARTERS) - number - 1))
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


def _claim(claim_id: UUID, participant: UUID, quarter: Quarter, *, left: int) -> DraftClaim:
    line = ClaimLine(
        category="labour",
        cash=Money(950_00 // LINES),
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
            lines=tuple(replace(line) for _ in range(LINES)),
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
    """Milliseconds, medians of ``RUNS``: on the clock, and of our process's own computing."""

    clock_ms: float
    cpu_ms: float


def measure(databases: Databases) -> dict[str, Took]:
    """How long each step takes on the whole history but its last payment."""
    *events, _ = history()
    database = Database(databases.migrated())
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    stream = streams.agreement(uuid4())
    why = Context(
        command_id=uuid4(), actor=Actor(id="o"), correlation_id=uuid4(), causation_id=uuid4()
    )
    store.append([Append(stream, 0, events)], why)
    state = DECIDER.fold(events)
    assert isinstance(state, Agreement)
    last = next(iter(state.scheduled))
    command = DisbursePayment(payment_id=last, paid_on=TODAY, by="p", on=TODAY)
    results = {
        f"load {len(events)} events": _took(lambda: store.load(stream)),
        "fold": _took(lambda: DECIDER.fold(events)),
        "decide": _took(lambda: DECIDER.decide(command, state)),
        "load, fold and decide": _took(
            lambda: DECIDER.decide(
                command, DECIDER.fold(recorded.event for recorded in store.load(stream))
            )
        ),
    }
    database.close()
    return results


def _took(work: Callable[[], object]) -> Took:
    clock, cpu = [], []
    for _ in range(RUNS):
        on_the_clock, computing = time.perf_counter(), time.process_time()
        work()
        cpu.append((time.process_time() - computing) * 1_000)
        clock.append((time.perf_counter() - on_the_clock) * 1_000)
    return Took(clock_ms=statistics.median(clock), cpu_ms=statistics.median(cpu))


def report(results: dict[str, Took]) -> str:
    """The figures as a Markdown table."""
    lines = ["| step | clock, ms | own CPU, ms |", "| --- | ---: | ---: |"]
    lines += [
        f"| {step} | {took.clock_ms:.2f} | {took.cpu_ms:.2f} |" for step, took in results.items()
    ]
    return "\n".join(lines)
