"""Which organisations are proposed as one, and why."""

from uuid import UUID

import pytest

from services.intake.domain.duplicates import Entry, folded, pairs_among


def entry(
    number: int, business_number: str, *names: str, neq: str | None = None, valid: bool = True
) -> Entry:
    return Entry(
        organisation_id=UUID(int=number),
        business_number=business_number,
        number_is_valid=valid,
        neq=neq,
        names=tuple(folded(name) for name in names),
    )


class TestFolding:
    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("Les Aciers Fundy inc.", "aciers fundy"),
            ("ACIERS FUNDY LTÉE", "aciers fundy"),
            ("Hôpital Général", "hopital general"),
            ("The Co.", "the co"),
        ],
    )
    def test_names(self, name: str, said: str) -> None:
        """Accents, capitals and legal forms do not tell organisations apart."""
        assert folded(name) == said


class TestPairs:
    @pytest.mark.parametrize(
        ("one", "other", "reasons"),
        [
            (
                entry(1, "123026635", "Fundy Steel inc."),
                entry(2, "229299847", "Fundy Steel Ltd"),
                ("similar-name",),
            ),
            (
                entry(1, "123026635", "Robotix Canada"),
                entry(2, "229299847", "Robotiks Canada"),
                ("similar-name",),
            ),
            (
                entry(1, "123026635", "A", neq="1143920115"),
                entry(2, "229299847", "B", neq="1143920115"),
                ("same-neq",),
            ),
            (
                entry(1, "123026635", "A"),
                entry(2, "123026653", "B", valid=False),
                ("near-number",),
            ),
            (entry(1, "123026635", "A"), entry(2, "12302635", "B", valid=False), ("near-number",)),
            (
                entry(1, "123026635", "English Name", "Nom français"),
                entry(2, "229299847", "Nom Francais"),
                ("similar-name",),
            ),
        ],
    )
    def test_proposed(self, one: Entry, other: Entry, reasons: tuple[str, ...]) -> None:
        """The same NEQ, a slip in a number that does not check, or names nearly alike."""
        [pair] = pairs_among([one, other])
        assert pair.reasons == reasons
        assert (pair.first, pair.second) == (one.organisation_id, other.organisation_id)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (entry(1, "123026635", "Fundy Steel"), entry(2, "229299847", "Fundy Bakery")),
            (entry(1, "123456782", "A"), entry(2, "123456774", "B")),
            (entry(1, "123026635"), entry(2, "229299847")),
        ],
    )
    def test_not_proposed(self, one: Entry, other: Entry) -> None:
        """Other names, two numbers that check, and names of nothing are no duplicates."""
        assert pairs_among([one, other]) == []

    def test_the_number_that_checks_stays(self) -> None:
        """Of two, the one whose number checks would stand for both."""
        [pair] = pairs_among(
            [entry(1, "123026653", "Fundy", valid=False), entry(2, "123026635", "Fundy")]
        )
        assert pair.first == UUID(int=2)
        assert pair.reasons == ("near-number", "similar-name")

    def test_the_most_alike_first(self) -> None:
        """Pairs that a number speaks for come before those of names alone."""
        pairs = pairs_among(
            [
                entry(1, "123026635", "Robotix Canada"),
                entry(2, "229299847", "Robotiks Canada"),
                entry(3, "100000009", "Other", neq="1143920115"),
                entry(4, "200000008", "Another", neq="1143920115"),
            ]
        )
        assert [pair.likeness for pair in pairs] == [100, 89]
