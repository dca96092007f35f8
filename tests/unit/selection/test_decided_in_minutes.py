"""How minutes and packs say what decisions in full come to."""

from dataclasses import replace

from services.selection.domain import committee, deliberation, meeting
from services.selection.domain.ballots import SecretCount
from services.selection.domain.committee import ApplicationDocketed
from services.selection.domain.meeting import Outcome
from services.selection.domain.membership import BallotRule
from services.selection.domain.minutes import content_of, hash_of
from services.selection.domain.pack import figures_of
from services.selection.domain.pocket import Pocket
from services.selection.domain.proceedings import YearFigures
from services.selection.use_cases.minutes_text import text_of
from shared.kernel.language import Language
from shared.kernel.money import ZERO, Money
from tests.unit.selection.examples import (
    APRIL_3,
    CALLED,
    CLINIC,
    ESTABLISHED,
    ISED,
    OPENED,
    ROBOTS,
)
from tests.unit.selection.test_conditions import insured
from tests.unit.selection.test_deliberation import ROBOTS_WAITING, SITTING
from tests.unit.selection.test_meeting import robots_funded


def lines(decided: meeting.ItemDecided, language: Language) -> tuple[str, ...]:
    """The first item of the minutes."""
    secret = replace(OPENED, ballot=BallotRule.SECRET)
    opened = meeting.to_be_sealed(meeting.DECIDER.fold([CALLED, secret, decided]))
    content = content_of(opened, "Projects", None)
    return text_of(content, None, extract=False, language=language).sections[1].lines


class TestMinutes:
    def test_of_a_secret_ballot(self) -> None:
        """The count is written down and who voted, the casting vote where there was one."""
        count = SecretCount(
            voted=("professor", "insider"), votes_for=1, votes_against=1, casting_for=True
        )
        decided = replace(robots_funded, votes=(), secret=count)
        english = lines(decided, "en")
        assert "Secret ballot: 1 for, 1 against, 0 abstained." in english
        assert "Voted: insider, professor." in english
        assert "The chair broke the tie for funding." in english
        against = replace(decided, secret=replace(count, casting_for=False))
        french = lines(against, "fr")
        assert "La présidence a tranché l’égalité contre le financement." in french

    def test_of_conditions(self) -> None:
        """What the committee asks is written down with its day, and sealed with the rest."""
        decided = replace(robots_funded, conditions=(insured,))
        assert "Condition, to be met by June 30, 2023: Proof of insurance." in lines(decided, "en")
        opened = meeting.to_be_sealed(meeting.DECIDER.fold([CALLED, OPENED, decided]))
        without = meeting.to_be_sealed(meeting.DECIDER.fold([CALLED, OPENED, robots_funded]))
        assert hash_of(content_of(opened, "Projects", None)) != hash_of(
            content_of(without, "Projects", None)
        )

    def test_of_what_waits(self) -> None:
        """What would be funded if there were money is said so."""
        decided = replace(robots_funded, outcome=Outcome.WAITLIST, granted=ZERO, award_id=None)
        assert any("liste d’attente" in line for line in lines(decided, "fr"))


def test_a_pack_has_the_years_with_a_ceiling() -> None:
    """The figures of a pack say what each fiscal year has left, where its funder bounds it."""
    held = Pocket(
        authority=Money(100_00),
        yearly={2025: Money(30_00), 2024: Money(60_00)},
        promised_in={2024: Money(20_00)},
    )
    assert figures_of(ISED, held).years == (
        YearFigures(fiscal_year=2024, available=Money(40_00)),
        YearFigures(fiscal_year=2025, available=Money(30_00)),
    )
    assert figures_of(ISED, Pocket()).years == ()


def test_what_is_left_over_keeps_its_place() -> None:
    """An item with money that a meeting leaves undecided comes first at the next one too."""
    consequences = deliberation.seal(
        SITTING,
        committee.DECIDER.fold([ESTABLISHED]),
        {ROBOTS: ROBOTS_WAITING, CLINIC: ROBOTS_WAITING},
        money_available=frozenset({CLINIC}),
        on=APRIL_3,
    )
    placed = [each for each in consequences.committee if isinstance(each, ApplicationDocketed)]
    assert {each.application_id: each.money_available for each in placed} == {
        ROBOTS: False,
        CLINIC: True,
    }
