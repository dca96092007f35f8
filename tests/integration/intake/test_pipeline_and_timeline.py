"""The pipeline, the timeline and the notices, beside what SQL makes of the events themselves."""

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.intake.domain import application_events as events
from services.intake.domain.budget import Budget
from services.intake.use_cases import streams
from shared.eventstore.store import Actor, Append, Context
from shared.kernel.identifiers import derived_id
from tests.integration.intake.conftest import ADOPTER, PROVIDER, STRANGER, Office, beginning
from tests.integration.intake.test_intake import (
    APPLICANT,
    OFFICER,
    forwarded,
    submitted,
)
from tests.unit.intake import examples
from tests.unit.intake import test_application as known

pytestmark = pytest.mark.postgres

MANAGER = "programme-manager"
TODAY = date(2023, 4, 3)
PROGRAMMES = ("IND-P1", "HEALTH", "STEM")
STEPS: dict[str, tuple[events.Event, ...]] = {
    "draft": (known.submitted, known.withdrawn),
    "submitted": (known.confirmed, known.confirmed, known.refused, known.withdrawn),
    "eligible": (known.assessed, known.assessed, known.withdrawn),
    "assessed": (known.assessed, known.forwarded, known.forwarded, known.withdrawn),
    "forwarded": (known.awarded, known.declined, known.withdrawn),
}
STAGE_OF: dict[str, str] = {
    "application.started": "draft",
    "application.submitted": "submitted",
    "application.eligibility-confirmed": "eligible",
    "application.eligibility-refused": "ineligible",
    "application.assessed": "assessed",
    "application.forwarded": "forwarded",
    "application.awarded": "awarded",
    "application.declined": "declined",
    "application.withdrawn": "withdrawn",
}


def history(chance: random.Random, application_id: UUID) -> list[events.Event]:
    """An application on some way, as far as it has come on some day before today."""
    started, _, budget_set = known.draft
    assert isinstance(started, events.ApplicationStarted)
    assert isinstance(budget_set, events.BudgetSet)
    # Nobody has ever brought an application to STEM's committee: there is no base for it.
    programme = chance.choice(PROGRAMMES)
    day = TODAY - timedelta(days=chance.randint(0, 400))
    requests = chance.sample(examples.budget.requests, chance.randint(1, 3))
    budget = replace(examples.budget, requests=tuple(requests))
    path: list[Any] = [
        replace(started, programme_code=programme, application_id=application_id),
        replace(budget_set, budget=chance.choice([budget, Budget()])),
    ]
    path = [replace(each, effective_on=day, application_id=application_id) for each in path]
    stage = "draft"
    while stage in STEPS and (programme != "STEM" or stage != "eligible"):
        day += timedelta(days=chance.randint(0, 60))
        if day > TODAY:
            break
        event = chance.choice(STEPS[stage])
        path.append(replace(event, effective_on=day, application_id=application_id))  # type: ignore[arg-type]
        name = type(event).__name__
        stage = {
            "ApplicationSubmitted": "submitted",
            "EligibilityConfirmed": "eligible",
            "ApplicationAssessed": "assessed",
            "ApplicationForwarded": "forwarded",
        }.get(name, "over")
    return path


@pytest.fixture
def many(office: Office) -> Office:
    """Three hundred applications to three programmes."""
    chance = random.Random(20230403)  # noqa: S311  # always the same applications
    for number in range(300):
        application_id = derived_id("application", number)
        context = Context(
            command_id=uuid4(),
            actor=Actor(id="p1"),
            correlation_id=uuid4(),
            causation_id=uuid4(),
        )
        written = Append(streams.application(application_id), 0, history(chance, application_id))
        office.store.append([written], context)
    return office


def asked(office: Office, question: str, **parameters: Any) -> list[Any]:
    """What SQL answers over the events."""
    with office.database.engine.connect() as connection:
        return list(connection.execute(text(question), parameters))


_STAGE = "CASE type " + " ".join(f"WHEN '{k}' THEN '{v}'" for k, v in STAGE_OF.items()) + " END"
MOVES = f"""
    WITH entered AS (
        SELECT stream_id, stream_version AS version, effective_on, {_STAGE} AS stage
        FROM eventstore.event WHERE stream_type = 'application' AND type <> 'application.budget-set'
    ), moved AS (
        SELECT * FROM entered WHERE NOT EXISTS (
            SELECT FROM entered AS e WHERE e.stream_id = entered.stream_id
            AND e.stage = entered.stage AND e.version < entered.version
        )
    ), started AS (
        SELECT stream_id, data->>'programme_code' AS programme
        FROM eventstore.event WHERE type = 'application.started'
    ), worth AS (
        SELECT stream_id,
            (SELECT coalesce(sum((c->'cash'->>'cents')::int + (c->'in_kind'->>'cents')::int), 0)
             FROM jsonb_array_elements(data->'budget'->'costs') AS c) AS cents
        FROM eventstore.event WHERE type = 'application.budget-set'
    )
"""  # noqa: S608  # of constants
"""Every stage that an application of ``many`` came to, once; its programme; public and match."""

STAYS = (
    MOVES  # noqa: S608  # of constants
    + """
    SELECT programme, m.stage, n.effective_on - m.effective_on AS days, n.stage AS led_to
    FROM moved AS m JOIN started USING (stream_id)
    JOIN LATERAL (SELECT * FROM moved AS n WHERE n.stream_id = m.stream_id
                  AND n.version > m.version ORDER BY n.version LIMIT 1) AS n ON true
    """
)
WAITING = (
    MOVES  # noqa: S608  # of constants
    + """
    SELECT programme, m.stage, m.effective_on AS since, cents
    FROM moved AS m JOIN started USING (stream_id) JOIN worth USING (stream_id)
    WHERE m.stage IN ('draft', 'submitted', 'eligible', 'assessed', 'forwarded')
    AND NOT EXISTS (SELECT FROM moved AS n
                    WHERE n.stream_id = m.stream_id AND n.version > m.version)
    """
)
NEXT = {
    "draft": "submitted",
    "submitted": "eligible",
    "eligible": "assessed",
    "assessed": "forwarded",
}


def percentile(days: list[int], share: float) -> float:
    """The value that a share of the sorted days is below, between two days where it falls so."""
    ordered = sorted(days)
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def days_by_stage(office: Office, *, onward: bool) -> dict[tuple[str, str], list[int]]:
    """The days of all stays that are over; of those that led to the next stage, if asked."""
    found: dict[tuple[str, str], list[int]] = {}
    for programme, stage, days, led_to in asked(office, STAYS):
        if stage in STEPS and (not onward or NEXT.get(stage) == led_to):
            found.setdefault((programme, stage), []).append(days)
    return found


class TestTimeInStage:
    def test_is_that_of_the_events(self, many: Office) -> None:
        """Median and 90th percentile are those of the days that SQL finds in the events."""
        answered = many.see(MANAGER, "/v1/pipeline/time-in-stage")["lines"]
        expected = days_by_stage(many, onward=False)
        assert len(answered) == len(expected) > 10
        for line in answered:
            days = expected[line["programme_code"], line["stage"]]
            assert line["count"] == len(days)
            assert line["median_days"] == pytest.approx(percentile(days, 0.5))
            assert line["p90_days"] == pytest.approx(percentile(days, 0.9))
        one = many.see(MANAGER, "/v1/pipeline/time-in-stage?programme=HEALTH")["lines"]
        assert one == [line for line in answered if line["programme_code"] == "HEALTH"]

    def test_is_for_staff(self, office: Office) -> None:
        """Applicants do not see how long others wait."""
        for path in ("time-in-stage", "months"):
            office.see(APPLICANT, f"/v1/pipeline/{path}", 403)


class TestPipelineByMonth:
    def test_is_that_of_the_events(self, many: Office) -> None:
        """Count and value per month are those that the rule makes of SQL over the events."""
        answer = many.see(MANAGER, "/v1/pipeline/months")
        medians = {
            key: percentile(days, 0.5) for key, days in days_by_stage(many, onward=True).items()
        }
        expected: dict[tuple[str, str, str | None], list[int]] = {}
        for programme, stage, since, cents in asked(many, WAITING):
            month = month_of(programme, stage, since, medians)
            line = expected.setdefault((programme, stage, month), [0, 0])
            line[0] += 1
            line[1] += cents
        answered = {
            (each["programme_code"], each["stage"], each["month"]): [
                each["count"],
                each["value"]["cents"],
            ]
            for each in answer["lines"]
        }
        assert answered == expected
        unknown = [value for (_, _, month), value in expected.items() if month is None]
        assert answer["unknown"]["count"] == sum(count for count, _ in unknown) > 0
        assert answer["unknown"]["value"]["cents"] == sum(cents for _, cents in unknown)
        base = {
            (each["programme_code"], each["stage"]): each["median_days"] for each in answer["base"]
        }
        assert base == pytest.approx(medians)

    def test_adds_up_to_the_pipeline(self, many: Office) -> None:
        """By month or not, the undecided applications are the same."""
        by_month = many.see(MANAGER, "/v1/pipeline/months")
        undecided = [
            line for line in many.see(MANAGER, "/v1/pipeline")["lines"] if line["stage"] in STEPS
        ]
        assert by_month["expected"]["count"] + by_month["unknown"]["count"] == sum(
            line["count"] for line in undecided
        )
        assert by_month["expected"]["value"]["cents"] + by_month["unknown"]["value"][
            "cents"
        ] == sum(line["value"]["cents"] for line in undecided)


def month_of(
    programme: str, stage: str, since: date, medians: dict[tuple[str, str], float]
) -> str | None:
    """The rule again, counted out stage by stage."""
    at, entered = TODAY, since
    while stage != "forwarded":
        if (programme, stage) not in medians:
            return None
        stays = -(-medians[programme, stage] // 1)
        at = max(at, entered + timedelta(days=int(stays)))
        entered, stage = at, NEXT[stage]
    months = max((entered.year * 12 + entered.month), TODAY.year * 12 + TODAY.month - 1)
    return f"{months // 12}-{months % 12 + 1:02d}"


class TestTimeline:
    def test_of_an_application(self, office: Office, application_id: str) -> None:
        """Staff read all of it, in both languages, by role; applicants not what is internal."""
        path = f"{forwarded(office, application_id)}/timeline"
        staff, applicant = (office.see(who, path)["items"] for who in (OFFICER, APPLICANT))
        assert [each["type"].removeprefix("application.") for each in staff] == [
            "started", "consortium-set", "budget-set", "submitted", "eligibility-confirmed",
            "assessed", "forwarded",
        ]  # fmt: skip
        assert [each for each in staff if each["type"] != "application.assessed"] == applicant
        [*_, last] = applicant
        assert last["text"] == {
            "en": "The application was forwarded to the committee.",
            "fr": "La demande a été transmise au comité.",
        }
        assert (last["by"]["role"], last["stage"]) == ("intake-officer", "forwarded")
        assert last["happened_on"] == "2023-04-03"
        assert "person-" not in str(staff)
        office.see(f"applicant:{STRANGER}", path, 404)
        assert office.see(f"applicant:{PROVIDER}", path)["items"] == applicant

    def test_in_pages(self, office: Office, application_id: str) -> None:
        """What is not told leaves no gap between pages."""
        path = f"{forwarded(office, application_id)}/timeline"
        whole = office.see(APPLICANT, path)["items"]
        seen, cursor = [], ""
        while True:
            page = office.see(APPLICANT, f"{path}?limit=2{cursor}")
            seen += page["items"]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert seen == whole


class TestNotices:
    def test_of_a_decision(self, office: Office, application_id: str) -> None:
        """Those who take part are told of it, with the reasons; nobody else is."""
        path = submitted(office, application_id)
        refusal = {"confirmed": False, "reasons": ["The adopter is missing."]}
        office.do(OFFICER, "POST", f"{path}/eligibility", refusal)
        for who in (APPLICANT, f"applicant:{ADOPTER}"):
            [notice] = office.see(who, "/v1/notices")["items"]
            assert notice["type"] == "application.eligibility-refused"
            assert (notice["application_id"], notice["title"]) == (application_id, "Robots")
            assert notice["text"]["fr"] == "La demande a été jugée non admissible."
            assert notice["reasons"] == ["The adopter is missing."]
        assert office.see(f"applicant:{STRANGER}", "/v1/notices")["items"] == []
        office.see(OFFICER, "/v1/notices", 403)

    def test_of_a_call(self, office: Office, call_id: str, application_id: str) -> None:
        """What happens to a call is told of every application that was started before."""
        second = office.do(APPLICANT, "POST", "/v1/applications", beginning(call_id))["id"]
        office.projector.catch_up()
        head = office.store.head()
        with office.database.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO application_status_1.notice VALUES"
                    " (:number, 'call.extended', NULL, :call, :day, 'Longer.', 'Prolongé.', '{}')"
                ),
                {"number": head + 1, "call": call_id, "day": TODAY},
            )
        notices = office.see(APPLICANT, "/v1/notices")["items"]
        assert [each["application_id"] for each in notices] == [second, application_id]
        first = office.see(APPLICANT, "/v1/notices?limit=1")
        rest = office.see(APPLICANT, f"/v1/notices?limit=1&cursor={first['next']}")
        assert [*first["items"], *rest["items"]] == notices
        one = office.see(APPLICANT, f"/v1/notices?application={second}&since=2023-04-03")
        assert one["items"] == notices[:1]
        assert office.see(APPLICANT, "/v1/notices?since=2023-04-04")["items"] == []


class TestTheListOfApplications:
    def test_by_call_and_by_text(self, office: Office, call_id: str, application_id: str) -> None:
        """An applicant finds theirs by call and by a part of the title, whatever its case."""
        path = "/v1/applications"
        other = beginning(call_id) | {"title": "100 % Élan_numérique"}
        second = office.do(APPLICANT, "POST", path, other)["id"]

        def found(query: str, who: str = APPLICANT) -> list[str]:
            return [each["id"] for each in office.see(who, f"{path}?{query}")["items"]]

        assert found(f"call={call_id}") == [application_id, second]
        assert found(f"call={uuid4()}") == []
        assert found("text=ROBO") == [application_id]
        assert found("text=0 %25") == found("text=n_n") == [second]
        assert found("text=_&stage=draft&programme=IND-P1") == [second]
        assert found("text=%25 É") == [second]
        assert found(f"call={call_id}", f"applicant:{STRANGER}") == []
        office.see(APPLICANT, f"{path}?text={'x' * 101}", 422)
