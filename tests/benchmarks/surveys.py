"""Ten years of surveys under the simulated clock, on PostgreSQL: 430 projects, 8,600 surveys."""

import heapq
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from services.impact.domain import survey
from services.impact.domain.follow_up_dates import Participant, PlannedSurvey, surveys
from services.impact.domain.indicators import INDICATORS
from services.impact.domain.survey_calendar import LAPSES_DAYS_AFTER
from services.impact.domain.survey_commands import (
    Command,
    CorrectResponse,
    ExcuseSurvey,
    SubmitResponse,
    ValidateResponse,
)
from services.impact.domain.survey_events import Answer
from services.impact.domain.survey_state import Status
from services.impact.projections.surveys import PROJECTION, SURVEY
from services.impact.use_cases import streams
from services.impact.use_cases.calendar import TIMERS, timers_of
from services.impact.use_cases.event_types import EVENT_TYPES
from services.impact.use_cases.policies import HANDLERS
from services.impact.worker import PROJECTIONS
from shared.contracts.base import Contract, Party
from shared.contracts.claims import ProjectCompleted
from shared.contracts.intake import ProgrammePublished
from shared.eventstore.commands import carry_out
from shared.eventstore.effects import Effects
from shared.eventstore.folds import Folds
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Context
from shared.kernel.clock import FixedClock
from shared.kernel.identifiers import derived_id
from shared.postgres.database import Database
from shared.projecting.projector import Projector
from shared.projecting.reading import ReadModels
from shared.timers.loop import TimerLoop
from shared.timers.tables import TIMER
from shared.timers.timer import fires_at
from tests.support.postgres import Databases

FIRST_DAY = date(2023, 4, 3)
COMPLETIONS_OVER_DAYS = 4 * 365
STEP = timedelta(days=7)
YEARS = 5
PARTICIPANTS = 4
PROGRAMMES = ("IND-P1", "IND-P2", "HEALTH", "FIRST-CLIENT")
PROVINCES = ("QC", "QC", "QC", "ON", "AB")
SECTORS = ("541514", "541514", "336411", "622111", None)

Action = tuple[date, int, PlannedSurvey, str]


def publication(code: str) -> ProgrammePublished:
    """A programme that follows its projects for five years."""
    return ProgrammePublished(
        effective_on=FIRST_DAY,
        code=code,
        version=1,
        name_en=code,
        name_fr=code,
        phase="P2",
        pockets=("ISED-P2-PROJECTS",),
        reimbursement_rate_bp=4_000,
        holdback_bp=1_000,
        claim_frequency="quarterly",
        survey_years=YEARS,
    )


@dataclass
class Life:
    """Impact over ten years: its handlers, timers and projections, and people who answer or not."""

    database: Database
    projects: int
    seed: int = 7
    expected: Counter[Status] = field(default_factory=Counter)
    """In which state the rule leaves how many surveys."""
    commands: int = 0
    took: Counter[str] = field(default_factory=Counter)
    """Seconds, by what they went into."""

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311  # a rule, not a secret
        # Simulated in this process: the one that processes share is a query for each append.
        self.clock = FixedClock(datetime(2023, 4, 3, 14, tzinfo=UTC))
        self.store = PostgresEventStore(self.database.engine, EVENT_TYPES, self.clock)
        self.folds = Folds()
        self.projector = Projector(self.database, self.store, PROJECTIONS)
        self.projector.prepare()
        self.timers = TimerLoop("impact", self.database, self.store, self.clock, timers_of, TIMERS)
        self.agenda: list[Action] = []
        self.number = 0

    def run(self) -> None:
        """Live until the last survey has lapsed, and all that was decided is shown."""
        for code in PROGRAMMES:
            self._hear(publication(code))
        completions = sorted(
            FIRST_DAY + timedelta(days=self.rng.randrange(COMPLETIONS_OVER_DAYS))
            for _ in range(self.projects)
        )
        end = completions[-1].replace(day=1) + timedelta(days=366 * YEARS + 2 * LAPSES_DAYS_AFTER)
        today, done = FIRST_DAY, 0
        while today <= end:
            today += STEP
            self.clock.instant = fires_at(today) + timedelta(hours=9)
            self._timed("timers", self._fire)
            while done < len(completions) and completions[done] <= today:
                self._complete(done, completions[done])
                done += 1
            while self.agenda and self.agenda[0][0] <= today:
                _, _, planned, what = heapq.heappop(self.agenda)
                self._act(planned, what, today)
            self._timed("projections", self.projector.catch_up)
        self._timed("timers", self._fire)
        self._timed("projections", self.projector.catch_up)

    def states(self) -> Counter[Status]:
        """How many surveys are in which state, as the list shows it."""
        models = ReadModels(self.database.engine)
        with models.reading(PROJECTION) as connection:
            rows = connection.execute(select(SURVEY.c.state, func.count()).group_by(SURVEY.c.state))
            return Counter({Status(state): count for state, count in rows})

    def armed(self) -> int:
        """How many timers still wait."""
        with self.database.engine.connect() as connection:
            query = select(func.count()).select_from(TIMER).where(TIMER.c.state == "armed")
            return connection.execute(query).scalar_one()

    def _fire(self) -> None:
        while self.timers.step():
            pass

    def _complete(self, number: int, day: date) -> None:
        project_id = derived_id("project", number)
        parties = tuple(
            Party(
                participant_id=derived_id("participant", number, each),
                organisation_id=derived_id("organisation", number * 3 % 97, each),
                role="lead",
                name="Organisation",
                province=self.rng.choice(PROVINCES),
                sme=True,
                naics=self.rng.choice(SECTORS),
            )
            for each in range(PARTICIPANTS)
        )
        fact = ProjectCompleted(
            effective_on=day,
            project_id=project_id,
            agreement_id=derived_id("agreement", number),
            programme_code=PROGRAMMES[number % len(PROGRAMMES)],
            title="A project",
            participants=parties,
        )
        self._timed("planning", self._hear, fact)
        asked = (
            Participant(participant_id=each.participant_id, organisation_id=each.organisation_id)
            for each in parties
        )
        for planned in surveys(project_id, day, asked, YEARS):
            self._foresee(planned)

    def _foresee(self, planned: PlannedSurvey) -> None:
        """What becomes of a survey, by a rule of chance that is the same every time."""
        chance = self.rng.random()
        if chance < 0.10:
            self.expected[Status.LAPSED] += 1
            return
        if chance < 0.15:
            self.expected[Status.EXCUSED] += 1
            self._on(planned.opens_on + timedelta(days=20), planned, "excuse")
            return
        if chance < 0.75:
            day = planned.opens_on + timedelta(days=self.rng.randrange(8, 50))
        elif chance < 0.95:
            day = planned.due_on + timedelta(days=self.rng.randrange(8, 150))
        else:
            day = planned.due_on + timedelta(days=LAPSES_DAYS_AFTER + 10)
        self._on(day, planned, "answer")
        fate = self.rng.random()
        self.expected[Status.VALIDATED if 0.3 <= fate < 0.9 else Status.SUBMITTED] += 1
        if fate >= 0.3:
            self._on(day + timedelta(days=21), planned, "validate")
        if fate >= 0.8:
            self._on(day + timedelta(days=42), planned, "correct")
        if 0.8 <= fate < 0.9:
            self._on(day + timedelta(days=63), planned, "validate")

    def _on(self, day: date, planned: PlannedSurvey, what: str) -> None:
        self.number += 1
        heapq.heappush(self.agenda, (day, self.number, planned, what))

    def _act(self, planned: PlannedSurvey, what: str, today: date) -> None:
        command: Command
        match what:
            case "answer":
                asked = self.rng.sample(INDICATORS, self.rng.randrange(3, 9))
                command = SubmitResponse(
                    answers=tuple(
                        Answer(indicator=each.code, value=self.rng.randrange(1_000))
                        for each in asked
                    ),
                    certified=True,
                    organisation_id=planned.organisation_id,
                    by="contact",
                    on=today,
                )
            case "validate":
                command = ValidateResponse(by="officer", on=today)
            case "correct":
                command = CorrectResponse(
                    changes={"JOBS-CREATED": 1_000 + self.rng.randrange(1_000), "EXPORTS": None},
                    reason="slip",
                    organisation_id=planned.organisation_id,
                    by="contact",
                    on=today,
                )
            case _:
                command = ExcuseSurvey(reason="closed", by="officer", on=today)
        self._timed(
            "answers",
            carry_out,
            self.store,
            survey.DECIDER,
            streams.survey(planned.survey_id),
            command,
            _context(),
            request_hash=b"0" * 32,
            folds=self.folds,
        )
        self.commands += 1

    def _hear(self, fact: Contract) -> None:
        with self.database.engine.begin() as connection:
            effects = Effects(
                store=self.store.bound_to(connection),
                connection=connection,
                context=_context(),
                now=self.clock.now(),
            )
            HANDLERS[type(fact)](fact, effects)

    def _timed(self, part: str, do: Any, *arguments: Any, **options: Any) -> None:
        began = time.perf_counter()
        do(*arguments, **options)
        self.took[part] += time.perf_counter() - began  # type: ignore[assignment]


def _context() -> Context:
    cause: UUID = uuid4()
    return Context(
        command_id=cause,
        actor=Actor(id="policy:impact"),
        correlation_id=cause,
        causation_id=cause,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """How long ten years took, and what became of the surveys."""

    seconds: float
    took: dict[str, float]
    events: int
    commands: int
    states: dict[str, int]


def measure(databases: Databases, projects: int = 430) -> Results:
    """Live through ten years. The counts of every state have to be those of the rule."""
    database = Database(databases.migrated())
    life = Life(database, projects)
    began = time.perf_counter()
    life.run()
    seconds = time.perf_counter() - began
    states, armed, events = life.states(), life.armed(), life.store.head()
    database.close()
    if states != life.expected or armed:
        raise AssertionError(f"{states} instead of {life.expected}, {armed} timers left")
    return Results(
        seconds=seconds,
        took=dict(life.took),
        events=events,
        commands=life.commands,
        states={str(state): count for state, count in sorted(states.items())},
    )


def report(results: Results) -> str:
    """The figures as a Markdown table."""
    asked, seconds = sum(results.states.values()), results.seconds
    rate = results.events / seconds
    lines = [
        "| surveys | events | commands of people | seconds | events/s |",
        "| ---: | ---: | ---: | ---: | ---: |",
        f"| {asked:,} | {results.events:,} | {results.commands:,} | {seconds:.1f} | {rate:,.0f} |",
        "",
        ", ".join(f"{part} {took:.1f} s" for part, took in results.took.items()),
        ", ".join(f"{state} {count:,}" for state, count in results.states.items()),
    ]
    return "\n".join(lines)
