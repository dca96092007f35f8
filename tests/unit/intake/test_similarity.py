"""How much applications are alike, and from where on that says something."""

from uuid import UUID

import pytest

from services.intake.domain.similarity import (
    FLAGGED_FROM,
    Other,
    likeness,
    most_alike,
    same_project,
)

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


def other(title: str, *organisations: UUID, stage: str = "submitted", number: int = 9) -> Other:
    """An earlier application, led by the first of its organisations."""
    return Other(
        application_id=UUID(int=number),
        title=title,
        lead_organisation_id=organisations[0],
        organisations=frozenset(organisations),
        stage=stage,
    )


class TestLikeness:
    @pytest.mark.parametrize(
        ("earlier", "title", "score"),
        [
            (other("L’IA pour l’entrepôt", A, B), 100, 100),
            (other("ENTREPOT: l'ia pour l'", A, B), 100, 100),
            (other("L’IA pour l’entrepôt, phase 2", A, B), 100, 100),
            (other("L’IA pour l’entrepôt", C), 100, 70),
            (other("L’IA pour l’entrepôt", A, C), 100, 85),
        ],
    )
    def test_words_and_organisations(self, earlier: Other, title: int, score: int) -> None:
        """Case, accents, order and added words do not count; organisations count three tenths."""
        found = likeness("L’IA pour l’entrepôt", A, frozenset({A, B}), earlier)
        assert (found.title, found.score) == (title, score)

    def test_why(self) -> None:
        """It says who takes part in both, and whether the same organisation leads."""
        found = likeness("Robots", A, frozenset({A, B}), other("Robots", B, A))
        assert found.shared == {A, B}
        assert not found.same_lead

    def test_the_most_alike_first(self) -> None:
        """What is not alike enough is left out; the rest is sorted, always the same way."""
        found = most_alike(
            "Robots in warehouses",
            A,
            frozenset({A}),
            [
                other("Chatbots for hospital patients", C, number=4),
                other("Robots in warehouses", B, number=5),
                other("Robots in warehouses", A, number=6),
                other("Robots in warehouses", A, number=3),
            ],
        )
        assert [each.other.application_id.int for each in found] == [3, 6, 5]
        assert all(each.score >= FLAGGED_FROM for each in found)

    def test_titles_without_words(self) -> None:
        """Two titles of nothing but signs are not alike."""
        assert likeness("***", A, frozenset({A}), other("!!!", B)).score == 0


class TestTheSameProject:
    @pytest.mark.parametrize(
        ("stage", "stands"),
        [
            ("submitted", True), ("eligible", True), ("assessed", True), ("forwarded", True),
            ("awarded", True), ("draft", False), ("withdrawn", False), ("ineligible", False),
            ("declined", False), ("lapsed", False),
        ],
    )  # fmt: skip
    def test_only_what_stands(self, stage: str, stands: bool) -> None:
        """What was declined or withdrawn may be improved and sent again."""
        assert same_project("Robots", A, other("Robots", A, stage=stage)) is stands

    def test_a_second_phase_is_another_project(self) -> None:
        """Added words make another title, and so does another lead."""
        assert not same_project("Robots", A, other("Robots in warehouses", A))
        assert not same_project("Robots", A, other("Robots", B, A))
