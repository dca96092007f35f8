"""Organisations: numbers that check, registered once."""

from typing import Any

import pytest

from services.intake.domain.organisation import (
    DECIDER,
    PROVINCES,
    OrganisationAlreadyRegistered,
    OrganisationNotValid,
    OrganisationRegistered,
    Profile,
    RegisterOrganisation,
    business_number_is_valid,
    organisation_id_of,
    without_separators,
)
from tests.unit.intake.examples import TODAY, profile, scenario


def register(described: Profile) -> RegisterOrganisation:
    return RegisterOrganisation(profile=described, on=TODAY, by="p1")


def registered(described: Profile) -> OrganisationRegistered:
    return OrganisationRegistered(
        effective_on=TODAY,
        organisation_id=organisation_id_of(described.business_number),
        profile=described,
        by="p1",
    )


class TestBusinessNumbers:
    @pytest.mark.parametrize("number", ["123026635", "123456782"])
    def test_valid(self, number: str) -> None:
        """The ninth digit checks the others."""
        assert business_number_is_valid(number)

    @pytest.mark.parametrize(
        "number",
        [
            "123456783",
            "123456789",
            "12345678Z",
            "12345678",
            "000000000",
            "123026635RC0001",
            "１２３０２６６３５",
        ],
    )
    def test_not_valid(self, number: str) -> None:
        """A wrong check digit, length, letter, programme account or foreign digit is refused."""
        assert not business_number_is_valid(number)

    def test_separators(self) -> None:
        """A number may be written with spaces or hyphens."""
        assert without_separators(" 123 026-635 ") == "123026635"


class TestRegistering:
    def test_the_first_time(self) -> None:
        """An organisation is registered under the id of its business number."""
        scenario(
            DECIDER,
            given=[],
            when=register(profile(neq="1143920115")),
            then=[registered(profile(neq="1143920115"))],
        )

    def test_the_same_again(self) -> None:
        """The same description again changes nothing."""
        scenario(DECIDER, given=[registered(profile())], when=register(profile()), then=[])

    def test_described_otherwise(self) -> None:
        """A business number is registered once."""
        scenario(
            DECIDER,
            given=[registered(profile())],
            when=register(profile(legal_name="Another")),
            then=OrganisationAlreadyRegistered,
        )

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"neq": "9943920115"}, ["neq"]),
            ({"legal_name": " "}, ["legal_name"]),
            ({"kind": "club"}, ["kind"]),
            ({"province": "PQ"}, ["province"]),
            ({"employees": -1}, ["employees"]),
            ({"employees": 500}, ["employees"]),
            (
                {"business_number": "123456783", "neq": "1", "province": "XX", "kind": "x"},
                ["business_number", "neq", "kind", "province"],
            ),
        ],
    )
    def test_every_problem_at_once(self, changes: dict[str, Any], fields: list[str]) -> None:
        """Whoever describes an organisation wrongly learns of every wrong field."""
        refused = scenario(
            DECIDER, given=[], when=register(profile(**changes)), then=OrganisationNotValid
        )
        assert refused is not None
        assert [reason.field for reason in refused.reasons] == fields
        assert all(reason.en != reason.fr for reason in refused.reasons)

    def test_thirteen_provinces_and_territories(self) -> None:
        """Canada has ten provinces and three territories."""
        assert len(set(PROVINCES)) == 13
