"""
What each member thinks of an application before the meeting: scores, and what they recommend.

Scores are on the grid that came with the application. A recommendation is not a decision. Who may
review (a serving member without a conflict, of an undecided item) is for the meeting to say; what
a review must hold is said here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias, assert_never
from uuid import UUID

from services.selection.domain.application import Score
from shared.kernel.decider import Decider
from shared.kernel.refusals import Reason, RuleBroken


class Recommendation(StrEnum):
    """What a member would have the committee do."""

    FUND = "fund"
    DECLINE = "decline"
    DISCUSS = "discuss"


# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreApplication:
    """Give points per criterion."""

    application_id: UUID
    person_id: str
    points: Mapping[str, int]
    """Per criterion; each of the grid once."""
    grid: tuple[Score, ...]
    """The criteria and their maxima, as they came with the application."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommend:
    """Say what the committee should do, and why."""

    application_id: UUID
    person_id: str
    recommendation: Recommendation
    text: str
    """Without personal data."""
    on: date


Command: TypeAlias = ScoreApplication | Recommend


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationScored:
    """A member scored an application, for the first time or again."""

    application_id: UUID
    person_id: str
    scores: tuple[Score, ...]
    """In the order of the grid."""
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationPut:
    """A member says what the committee should do."""

    application_id: UUID
    person_id: str
    recommendation: Recommendation
    text: str
    effective_on: date


Event: TypeAlias = ApplicationScored | RecommendationPut


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one member thinks."""

    scores: tuple[Score, ...] = ()
    times_scored: int = 0
    """More than once when they came back on it."""
    recommendation: Recommendation | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the members think of one application."""

    opinions: Mapping[str, Opinion] = field(default_factory=lambda: MappingProxyType({}))
    """Per person, in the order in which they first said something."""

    def scored_by(self, person_id: str) -> bool:
        """Their score is in."""
        return person_id in self.opinions and self.opinions[person_id].times_scored > 0


class ScoresNotValid(RuleBroken):
    """An application is not scored like this."""

    en = "The application cannot be scored like this."
    fr = "La demande ne peut pas être notée ainsi."


def decide(command: Command, review: Review) -> Sequence[Event]:
    """What follows, or ``ScoresNotValid`` with every reason; saying the same again is no news."""
    before = review.opinions.get(command.person_id, Opinion())
    match command:
        case ScoreApplication():
            scores = _on_the_grid(command)
            if scores == before.scores:
                return []
            return [
                ApplicationScored(
                    application_id=command.application_id,
                    person_id=command.person_id,
                    scores=scores,
                    effective_on=command.on,
                )
            ]
        case Recommend():
            if (command.recommendation, command.text) == (before.recommendation, before.text):
                return []
            return [
                RecommendationPut(
                    application_id=command.application_id,
                    person_id=command.person_id,
                    recommendation=command.recommendation,
                    text=command.text,
                    effective_on=command.on,
                )
            ]
        case unreachable:
            assert_never(unreachable)


def _on_the_grid(command: ScoreApplication) -> tuple[Score, ...]:
    criteria = [line.criterion for line in command.grid]
    reasons = [
        Reason(
            code="no-such-criterion",
            en=f"The grid has no criterion {criterion}.",
            fr=f"La grille n’a pas de critère {criterion}.",
            field=f"points.{criterion}",
            accepted=criteria,
        )
        for criterion in command.points
        if criterion not in criteria
    ]
    for line in command.grid:
        points = command.points.get(line.criterion)
        if points is None:
            reasons.append(
                Reason(
                    code="criterion-not-scored",
                    en=f"Criterion {line.criterion} is not scored.",
                    fr=f"Le critère {line.criterion} n’est pas noté.",
                    field=f"points.{line.criterion}",
                    accepted={"minimum": 0, "maximum": line.out_of},
                )
            )
        elif not 0 <= points <= line.out_of:
            reasons.append(
                Reason(
                    code="points-off-the-grid",
                    en=f"Criterion {line.criterion} is scored from 0 to {line.out_of}.",
                    fr=f"Le critère {line.criterion} se note de 0 à {line.out_of}.",
                    field=f"points.{line.criterion}",
                    accepted={"minimum": 0, "maximum": line.out_of},
                )
            )
    if reasons:
        raise ScoresNotValid(reasons=reasons)
    return tuple(
        Score(criterion=line.criterion, score=command.points[line.criterion], out_of=line.out_of)
        for line in command.grid
    )


def evolve(review: Review, event: Event) -> Review:
    """The state after ``event``."""
    before = review.opinions.get(event.person_id, Opinion())
    match event:
        case ApplicationScored():
            after = replace(before, scores=event.scores, times_scored=before.times_scored + 1)
        case RecommendationPut():
            after = replace(before, recommendation=event.recommendation, text=event.text)
        case unreachable:
            assert_never(unreachable)
    return Review(opinions=MappingProxyType({**review.opinions, event.person_id: after}))


DECIDER: Decider[Command, Review, Event] = Decider(initial=Review(), decide=decide, evolve=evolve)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far the members are apart on one criterion, or in all."""

    criterion: str | None
    """None: all criteria together."""
    out_of: int
    lowest: int
    highest: int
    mean_tenths: int
    """The mean in tenths of a point, rounded half up: 73 is 7.3."""


def spread(grid: Sequence[Score], opinions: Sequence[Opinion]) -> tuple[Spread, ...]:
    """
    Per criterion of the grid, and in all. Nothing while nobody has scored on this grid.

    Scores on a grid that has changed since (an application forwarded again) are not counted.
    """
    lines = tuple((line.criterion, line.out_of) for line in grid)
    counted = [
        [line.score for line in opinion.scores]
        for opinion in opinions
        if tuple((line.criterion, line.out_of) for line in opinion.scores) == lines and lines
    ]
    if not counted:
        return ()
    columns = [[scores[index] for scores in counted] for index in range(len(lines))]
    return (
        *(
            _spread(criterion, out_of, column)
            for (criterion, out_of), column in zip(lines, columns, strict=True)
        ),
        _spread(None, sum(out_of for _, out_of in lines), [sum(each) for each in counted]),
    )


def _spread(criterion: str | None, out_of: int, points: Sequence[int]) -> Spread:
    number = len(points)
    return Spread(
        criterion=criterion,
        out_of=out_of,
        lowest=min(points),
        highest=max(points),
        mean_tenths=(20 * sum(points) + number) // (2 * number),
    )
