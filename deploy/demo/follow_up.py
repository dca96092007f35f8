"""
What becomes of the surveys: most participants answer, some late, some never.

Which does what follows from the portfolio's seed and the survey itself, so that two runs of one
file give the same outcomes.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from deploy.demo.portfolio import Portfolio
from deploy.demo.wire import Command, Wire, key_of, of_organisation, staff

READER = staff("programme-manager")
ROUND_DAYS = 55
"""Surveys are open for 60 days before they are due: no more than that between two rounds."""
LONGEST_YEAR = 366
AFTER_THE_LAST = timedelta(days=60)
PROGRAMMES_OF = {
    "PATIENTS-SERVED": "HEALTH",
    "PEOPLE-TRAINED": "TRAINING",
    "CLIENTS-WON": "SME-SCALE",
    "LATEST-ROUND": "SME-SCALE",
}
"""Indicators that only make sense in some programmes."""


class FollowUp:
    """The answers to the surveys of one portfolio."""

    def __init__(self, portfolio: Portfolio, wire: Wire) -> None:
        self._wire = wire
        self._surveys = portfolio.surveys
        years = {programme.code: programme.survey_years for programme in portfolio.programmes}
        followed = [
            (project.completed_on, years[project.programme], len(project.participants))
            for project in portfolio.projects
            if project.completed_on is not None and years[project.programme]
        ]
        self._due = [
            (completed_on + timedelta(days=LONGEST_YEAR * year), participants)
            for completed_on, last_year, participants in followed
            for year in range(1, last_year + 1)
        ]
        """About when surveys are due, and how many."""
        self.first_completed = min((each[0] for each in followed), default=None)
        self.until = portfolio.surveys.until
        if self.until is None and self._due:
            self.until = max(due for due, _ in self._due) + AFTER_THE_LAST
        self._rounds: frozenset[date] = frozenset()
        self._indicators: list[dict[str, Any]] | None = None

    def expected(self, until: date | None = None) -> int:
        """About how many surveys are answered up to a day."""
        surveys = sum(number for due, number in self._due if until is None or due <= until)
        return surveys * self._surveys.answered_percent // 100

    def rounds(self, *, after: date | None, days: Sequence[date]) -> Iterator[date]:
        """Days on which surveys are looked at: days when something happens, if there are any."""
        if self.first_completed is None or self.until is None:
            return
        found = set()
        last = self.first_completed
        while last < self.until:
            latest = last + timedelta(days=ROUND_DAYS)
            last = max((day for day in days if last < day <= latest), default=latest)
            last = min(last, self.until)
            found.add(last)
        self._rounds = frozenset(found)
        yield from sorted(day for day in found if after is None or day > after)

    def answer(self, day: date) -> int:
        """Answer what is to be answered that day, and say how many."""
        if day not in self._rounds:
            return 0
        if self._indicators is None:
            self._indicators = self._wire.get("impact", "/v1/indicators", by=READER)
        waiting = [
            (survey, state)
            for state in ("open", "late")
            for survey in self._wire.pages("impact", "/v1/surveys", by=READER, state=state)
        ]
        lanes = [
            [self._response(survey)]
            for survey, state in waiting
            if self._fate(survey["survey_id"]) == state
        ]
        self._wire.carry_out(lanes)
        return len(lanes)

    def _random(self, survey_id: str, what: str) -> Random:
        return Random(f"{self._surveys.seed}/{survey_id}/{what}")  # noqa: S311  # invented answers

    def _fate(self, survey_id: str) -> str:
        """In which state it is answered: ``open`` in time, ``late``, or ``never``."""
        chance = self._random(survey_id, "fate")
        if chance.randrange(100) >= self._surveys.answered_percent:
            return "never"
        return "late" if chance.randrange(100) < self._surveys.late_percent else "open"

    def _response(self, survey: dict[str, Any]) -> Command:
        organisation_id = UUID(survey["organisation_id"])
        origin = f"$.surveys/{survey['survey_id']}"
        return Command(
            service="impact",
            path=f"/v1/surveys/{survey['survey_id']}/response",
            body={"answers": self._answers(survey), "certified": True},
            by=of_organisation(organisation_id, "certifier"),
            key=key_of(origin, "respond"),
            origin=origin,
        )

    def _answers(self, survey: dict[str, Any]) -> list[dict[str, Any]]:
        chance = self._random(survey["survey_id"], "answers")
        answers = []
        for indicator in self._indicators or ():
            programme = PROGRAMMES_OF.get(indicator["code"])
            if programme not in {None, survey["programme_code"]} or chance.random() < 0.3:
                continue
            if indicator["unit"] == "cad-cents":
                value = int(chance.lognormvariate(12, 1)) * 100
            elif indicator["unit"] == "count":
                value = chance.randint(0, 6)
            else:
                value = chance.randint(10, 900)
            answers.append({"indicator": indicator["code"], "value": value})
        return answers or [{"indicator": (self._indicators or [{}])[0]["code"], "value": 0}]
