"""Scores on the grid, recommendations beside them, and how far members are apart."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.selection.domain import review
from services.selection.domain.application import Score
from services.selection.domain.review import (
    ApplicationScored,
    Opinion,
    Recommend,
    Recommendation,
    RecommendationPut,
    ScoreApplication,
    ScoresNotValid,
    Spread,
    spread,
)
from tests.unit.selection.examples import MARCH_1, ROBOTS, codes, scenario

GRID = (
    Score(criterion="impact", score=8, out_of=10),
    Score(criterion="merit", score=31, out_of=40),
)
score = ScoreApplication(
    application_id=ROBOTS,
    person_id="dean",
    points={"merit": 30, "impact": 7},
    grid=GRID,
    on=MARCH_1,
)
scored = ApplicationScored(
    application_id=ROBOTS,
    person_id="dean",
    scores=(
        Score(criterion="impact", score=7, out_of=10),
        Score(criterion="merit", score=30, out_of=40),
    ),
    effective_on=MARCH_1,
)


class TestScoring:
    def test_on_the_grid(self) -> None:
        """A member gives points per criterion of the grid; the same again is no news."""
        scenario(review.DECIDER, given=[], when=score, then=[scored])
        scenario(review.DECIDER, given=[scored], when=score, then=[])

    def test_again(self) -> None:
        """Whoever comes back on their score is seen to have done so."""
        other = replace(score, points={"merit": 40, "impact": 0})
        state = review.DECIDER.fold([scored, *review.decide(other, review.DECIDER.fold([scored]))])
        assert [each.score for each in state.opinions["dean"].scores] == [0, 40]
        assert state.opinions["dean"].times_scored == 2

    @pytest.mark.parametrize(
        ("points", "code"),
        [
            ({"merit": 30}, "criterion-not-scored"),
            ({"merit": 41, "impact": 7}, "points-off-the-grid"),
            ({"merit": -1, "impact": 7}, "points-off-the-grid"),
            ({"merit": 30, "impact": 7, "style": 3}, "no-such-criterion"),
        ],
    )
    def test_off_the_grid(self, points: dict[str, int], code: str) -> None:
        """Every criterion is scored once, from nothing to its maximum, and no other."""
        refusal = scenario(
            review.DECIDER, given=[], when=replace(score, points=points), then=ScoresNotValid
        )
        assert codes(refusal) == {code}

    def test_everything_wrong_at_once(self) -> None:
        """All reasons are given at once."""
        refusal = scenario(
            review.DECIDER,
            given=[],
            when=replace(score, points={"merit": 99, "style": 1}),
            then=ScoresNotValid,
        )
        assert codes(refusal) == {
            "criterion-not-scored",
            "points-off-the-grid",
            "no-such-criterion",
        }


class TestRecommending:
    recommend = Recommend(
        application_id=ROBOTS,
        person_id="dean",
        recommendation=Recommendation.DISCUSS,
        text="The schedule is tight.",
        on=MARCH_1,
    )

    def test_is_not_a_score(self) -> None:
        """A recommendation stands beside the scores; saying it again is no news."""
        put = RecommendationPut(
            application_id=ROBOTS,
            person_id="dean",
            recommendation=Recommendation.DISCUSS,
            text="The schedule is tight.",
            effective_on=MARCH_1,
        )
        scenario(review.DECIDER, given=[], when=self.recommend, then=[put])
        scenario(review.DECIDER, given=[put], when=self.recommend, then=[])
        state = review.DECIDER.fold([put])
        assert not state.scored_by("dean")
        assert review.DECIDER.fold([put, scored]).scored_by("dean")


def opinion(*points: int) -> Opinion:
    return Opinion(
        scores=tuple(
            replace(line, score=given_) for line, given_ in zip(GRID, points, strict=True)
        ),
        times_scored=1,
    )


class TestSpread:
    def test_per_criterion_and_in_all(self) -> None:
        """Lowest, highest and mean, per criterion and in all."""
        assert spread(GRID, [opinion(7, 30), opinion(4, 40)]) == (
            Spread(criterion="impact", out_of=10, lowest=4, highest=7, mean_tenths=55),
            Spread(criterion="merit", out_of=40, lowest=30, highest=40, mean_tenths=350),
            Spread(criterion=None, out_of=50, lowest=37, highest=44, mean_tenths=405),
        )

    def test_of_nobody(self) -> None:
        """While nobody has scored there is no spread."""
        assert spread(GRID, []) == ()
        assert spread(GRID, [Opinion(recommendation=Recommendation.FUND)]) == ()

    def test_on_another_grid(self) -> None:
        """Scores on a grid that has changed since are not counted."""
        changed = (replace(GRID[0], out_of=20), GRID[1])
        assert spread(changed, [opinion(7, 30)]) == ()


@given(st.lists(st.integers(0, 10), min_size=1, max_size=12))
def test_the_mean_is_exact_to_a_tenth(points: list[int]) -> None:
    """The mean is the nearest tenth of a point, half up, without any rounding on the way."""
    [found, _] = spread(
        GRID[:1], [Opinion(scores=(replace(GRID[0], score=each),)) for each in points]
    )
    exact = Fraction(sum(points) * 10, len(points))
    assert found.mean_tenths == int(exact + Fraction(1, 2))
    assert (found.lowest, found.highest) == (min(points), max(points))
