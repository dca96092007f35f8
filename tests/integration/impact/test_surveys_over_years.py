"""Ten years of surveys, small; and every figure against plain SQL over the events."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from services.impact.projections import outcome_facts
from services.impact.projections import outcome_figures as figures
from services.impact.projections.outcome_figures import By, Scope
from shared.contracts.intake import ApplicationForwarded, Expectation
from shared.kernel.identifiers import derived_id
from shared.postgres.database import Database
from shared.projecting.reading import ReadModels
from tests.benchmarks.surveys import FIRST_DAY, PARTICIPANTS, PROGRAMMES, Life
from tests.support.postgres import Databases

pytestmark = pytest.mark.postgres
# ruff: noqa: S608  # the queries are put together from constants

PROJECTS = 14
DAYS = (date(2024, 3, 31), date(2026, 7, 15), date(2028, 3, 31), date(2030, 1, 1), date(2036, 1, 1))

PEOPLE = """
    WITH plan AS (
        SELECT DISTINCT ON (data->>'project_id') data,
               extract(year FROM (effective_on + interval '9 months'))::int::text AS cohort
        FROM eventstore.event WHERE type IN ('follow-up.planned', 'follow-up.replanned')
        ORDER BY data->>'project_id', position DESC
    ), person AS (
        SELECT plan.data->>'project_id' AS project, who->>'participant_id' AS participant,
               plan.data->>'programme_code' AS programme, cohort,
               who->>'province' AS province, substr(who->>'naics', 1, 2) AS sector,
               (plan.data->>'effective_on')::date AS completed_on
        FROM plan, jsonb_array_elements(plan.data->'participants') AS who
    )
"""
"""Who is asked, as the follow-ups tell it."""

SAID = """, said AS (
        SELECT DISTINCT ON (data->>'survey_id') data FROM eventstore.event
        WHERE type = 'survey.indicators-reported' AND effective_on <= :day
        ORDER BY data->>'survey_id', position DESC
    ), value AS (
        SELECT person.*, said.data->>'year' AS year, each->>'indicator' AS indicator,
               (each->>'value')::bigint AS value, (said.data->>'validated')::bool AS validated
        FROM said, jsonb_array_elements(said.data->'values') AS each, person
        WHERE person.project = said.data->>'project_id'
          AND person.participant = said.data->>'participant_id'
          AND (:taken = false OR (said.data->>'validated')::bool)
    ), last AS (
        SELECT DISTINCT ON (project, participant, indicator) * FROM value
        ORDER BY project, participant, indicator, year DESC
    ), counted AS (
        SELECT * FROM value WHERE :by = 'year' OR indicator NOT IN ('JOBS-KEPT', 'LATEST-ROUND')
        UNION ALL
        SELECT * FROM last WHERE :by <> 'year' AND indicator IN ('JOBS-KEPT', 'LATEST-ROUND')
    )
"""
"""What was said by the day and stands: years add up, or the latest replaces."""

KEY = """CASE :by WHEN 'programme' THEN programme WHEN 'cohort' THEN cohort WHEN 'year' THEN year
         WHEN 'province' THEN province WHEN 'sector' THEN sector END"""


@pytest.fixture(scope="module")
def life(databases: Databases) -> Iterator[Life]:
    """Fourteen projects over ten years, of which some expected something."""
    url = databases.migrated()
    database = Database(url)
    life = Life(database, PROJECTS)
    chance = random.Random(3)  # noqa: S311  # a rule, not a secret
    for number in range(0, PROJECTS, 2):
        for again in range(1, 1 + chance.randrange(1, 3)):
            life._hear(forwarded(number, again))
    life.run()
    yield life
    database.close()
    databases.drop(url)


def forwarded(number: int, times: int) -> ApplicationForwarded:
    return ApplicationForwarded(
        effective_on=FIRST_DAY + timedelta(days=400 * (times - 1)),
        project_id=derived_id("project", number),
        programme_code=PROGRAMMES[number % len(PROGRAMMES)],
        programme_version=1,
        title="A project",
        lead_organisation_id=derived_id("organisation", number * 3 % 97, 0),
        participants=(),
        starts_on=FIRST_DAY,
        ends_on=FIRST_DAY,
        funding=(),
        match=(),
        scores=(),
        summary="A project",
        expectations=tuple(
            Expectation(
                participant_id=derived_id("participant", number, each),
                indicator=indicator,
                expected=(each + 1) * 100 * times,
            )
            for each in range(PARTICIPANTS)
            for indicator in ("JOBS-CREATED", "EXPORTS")[: each + 1]
        ),
    )


@pytest.fixture
def connection(life: Life) -> Iterator[Connection]:
    """The projection's tables."""
    with ReadModels(life.database.engine).reading(outcome_facts.PROJECTION) as connection:
        yield connection


def plainly(life: Life, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """The answer of a query over the events themselves."""
    with life.database.engine.connect() as connection:
        return sorted((tuple(row) for row in connection.execute(text(query), values)), key=repr)


class TestTenYears:
    def test_leave_every_survey_in_the_state_of_the_rule(self, life: Life) -> None:
        """Late, lapsed, excused, answered, corrected: all counts are those foreseen."""
        assert life.states() == life.expected
        assert sum(life.expected.values()) == PROJECTS * PARTICIPANTS * 5
        assert life.armed() == 0

    def test_mark_late_whatever_was_not_answered_in_time(self, life: Life) -> None:
        """Each survey opens once, and is late once unless it was answered or excused before."""
        counts = dict(
            plainly(
                life,
                """SELECT type, count(DISTINCT stream_id) || '/' || count(*) FROM eventstore.event
                   WHERE type IN ('survey.opened', 'survey.marked-late', 'survey.lapsed')
                   GROUP BY type""",
            )
        )
        asked = PROJECTS * PARTICIPANTS * 5
        assert counts["survey.opened"] == f"{asked}/{asked}"
        for each in counts.values():
            streams, events = each.split("/")
            assert streams == events


@pytest.mark.parametrize("day", DAYS)
class TestFigures:
    @pytest.mark.parametrize("by", By)
    @pytest.mark.parametrize("taken", [False, True], ids=["reported", "validated"])
    def test_sums_are_those_of_the_events(
        self, life: Life, connection: Connection, day: date, by: By, *, taken: bool
    ) -> None:
        """Every sum, with its answers and participants, is what plain SQL gives for the day."""
        ours = figures.reported(connection, Scope(as_of=day), by, validated=taken)
        theirs = plainly(
            life,
            f"""{PEOPLE}{SAID} SELECT {KEY}, indicator, sum(value)::bigint, count(*),
                count(DISTINCT project || participant) FROM counted GROUP BY 1, 2""",
            day=day,
            by=by.value,
            taken=taken,
        )
        assert (
            sorted(
                (
                    (each.group, each.indicator, each.total, each.answers, each.participants)
                    for each in ours
                ),
                key=repr,
            )
            == theirs
        )

    @pytest.mark.parametrize("by", [by for by in By if by is not By.YEAR])
    def test_expectations_are_the_newest_of_completed_projects(
        self, life: Life, connection: Connection, day: date, by: By
    ) -> None:
        """What was expected counts once a project is completed, as it was told last."""
        ours = figures.expected(connection, Scope(as_of=day), by)
        theirs = plainly(
            life,
            f"""{PEOPLE}, newest AS (
                    SELECT DISTINCT ON (data->>'project_id') data FROM eventstore.event
                    WHERE type = 'expectations.noted' AND effective_on <= :day
                    ORDER BY data->>'project_id', position DESC)
                SELECT {KEY.replace("WHEN 'year' THEN year", "")}, each->>'indicator',
                       sum((each->>'expected')::bigint)::bigint,
                       count(DISTINCT project || participant)
                FROM newest, jsonb_array_elements(newest.data->'expectations') AS each, person
                WHERE person.project = newest.data->>'project_id'
                  AND person.participant = each->>'participant_id' AND completed_on <= :day
                GROUP BY 1, 2""",
            day=day,
            by=by.value,
        )
        assert (
            sorted(
                ((each.group, each.indicator, each.total, each.participants) for each in ours),
                key=repr,
            )
            == theirs
        )

    def test_response_has_its_base(self, life: Life, connection: Connection, day: date) -> None:
        """Opened without excused is the base; answered and late are of it."""
        ours = figures.responses(connection, Scope(as_of=day))
        theirs = plainly(
            life,
            """SELECT data->>'programme_code', (data->>'year')::int,
                      count(*), count(answered), count(*) FILTER (WHERE late)
               FROM eventstore.event AS opened
               LEFT JOIN LATERAL (
                   SELECT 1 AS answered, (data->>'late')::bool AS late FROM eventstore.event AS e
                   WHERE e.stream_id = opened.stream_id AND e.effective_on <= :day
                     AND e.type = 'survey.response-submitted') AS response ON true
               WHERE type = 'survey.opened' AND effective_on <= :day AND NOT EXISTS (
                   SELECT FROM eventstore.event AS e WHERE e.stream_id = opened.stream_id
                     AND e.effective_on <= :day AND e.type = 'survey.excused')
               GROUP BY 1, 2""",
            day=day,
        )
        assert (
            sorted(
                (
                    (each.programme, each.year, each.opened, each.answered, each.answered_late)
                    for each in ours
                ),
                key=repr,
            )
            == theirs
        )
