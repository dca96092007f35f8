from datetime import date

import pytest

from services.intake.domain.application_state import UNDECIDED
from services.intake.domain.expected import PATH, expected_month

MEDIANS = {"draft": 40.0, "submitted": 9.5, "eligible": 20.0, "assessed": 5.0}
TODAY = date(2024, 1, 10)


class TestTheExpectedMonth:
    @pytest.mark.parametrize(
        ("stage", "since", "expected"),
        [
            ("forwarded", date(2024, 1, 3), date(2024, 2, 1)),
            ("forwarded", date(2023, 12, 31), date(2024, 1, 1)),
            ("forwarded", date(2023, 9, 1), date(2024, 1, 1)),
            # Five days, of which three are over: forwarded on 12 January.
            ("assessed", date(2024, 1, 7), date(2024, 2, 1)),
            # Overdue already: forwarded today.
            ("assessed", date(2023, 10, 7), date(2024, 2, 1)),
            # 20 + 5 days from today: 4 February.
            ("eligible", date(2024, 1, 10), date(2024, 3, 1)),
            # 10 (9.5, rounded up) + 20 + 5: 14 February.
            ("submitted", date(2024, 1, 10), date(2024, 3, 1)),
            ("draft", date(2024, 1, 10), date(2024, 4, 1)),
        ],
    )
    def test_follows_from_the_medians(self, stage: str, since: date, expected: date) -> None:
        """Forwarded: the next month; before: what the stages ahead take, and the next month."""
        assert expected_month(stage, since, today=TODAY, medians=MEDIANS) == expected

    @pytest.mark.parametrize("stage", PATH[:-1])
    def test_is_not_invented(self, stage: str) -> None:
        """Where one stage ahead has no base, nothing is expected."""
        for missing in PATH[PATH.index(stage) : -1]:
            known = {each: days for each, days in MEDIANS.items() if each != missing}
            assert expected_month(stage, TODAY, today=TODAY, medians=known) is None
        assert expected_month("forwarded", TODAY, today=TODAY, medians={}) == date(2024, 2, 1)

    def test_needs_only_the_stages_ahead(self) -> None:
        """How long drafts take says nothing of an application that is submitted."""
        known = {each: days for each, days in MEDIANS.items() if each != "draft"}
        assert expected_month("submitted", TODAY, today=TODAY, medians=known) is not None

    def test_knows_every_stage_before_the_decision(self) -> None:
        """The path is that of the states that are not decided."""
        assert [state.__name__.lower() for state in UNDECIDED] == list(PATH)
