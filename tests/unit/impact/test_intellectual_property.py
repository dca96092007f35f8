"""The register of intellectual property: entered once, changed with what was said before, kept."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.impact.domain import intellectual_property as ip
from shared.kernel.refusals import NotFound

DAY, LATER = date(2025, 3, 31), date(2026, 5, 2)
FACTS = ip.Facts(
    title="Demand forecasting for perishable goods",
    kind="copyright",
    owner_organisation_id=UUID(int=2),
    canadian_owned=True,
    reuse_allowed=True,
    reused=False,
    commercialised=False,
)
REGISTER = ip.RegisterIp(
    ip_id=UUID(int=1),
    project_id=UUID(int=3),
    programme_code="IND-P1",
    participant_id=UUID(int=4),
    facts=FACTS,
    source=ip.Source.CLOSING,
    on=DAY,
    by="claims",
)
REGISTERED = ip.IpRegistered(
    effective_on=DAY,
    ip_id=UUID(int=1),
    project_id=UUID(int=3),
    programme_code="IND-P1",
    participant_id=UUID(int=4),
    facts=FACTS,
    source=ip.Source.CLOSING,
    by="claims",
)
SOLD = replace(FACTS, commercialised=True, reused=True)
DEREGISTERED = ip.IpDeregistered(
    effective_on=LATER, ip_id=UUID(int=1), reason="Declared twice.", by="officer-1"
)


def decided(history: list[ip.Event], command: ip.Command) -> list[ip.Event]:
    return list(ip.decide(command, ip.DECIDER.fold(history)))


def update(facts: ip.Facts) -> ip.UpdateIp:
    return ip.UpdateIp(facts=facts, source=ip.Source.SURVEY, on=LATER, by="officer-1")


class TestRegistering:
    def test_a_declaration_opens_an_entry(self) -> None:
        """What is declared at closing is in the register from that day."""
        assert decided([], REGISTER) == [REGISTERED]

    def test_it_is_entered_once(self) -> None:
        """Hearing of the same declaration again changes nothing."""
        assert decided([REGISTERED], REGISTER) == []

    @pytest.mark.parametrize(
        ("facts", "refusal"),
        [
            (replace(FACTS, title="  "), ip.TitleMissing),
            (replace(FACTS, kind="song"), ip.KindUnknown),
            (replace(FACTS, reuse_allowed=False, reused=True), ip.ReusedThoughNotAllowed),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, facts: ip.Facts, refusal: type) -> None:
        """A piece has a title and a known kind, and is reused only where that is allowed."""
        with pytest.raises(refusal):
            decided([], replace(REGISTER, facts=facts))
        with pytest.raises(refusal):
            decided([REGISTERED], update(facts))


class TestChanging:
    def test_both_tellings_are_kept(self) -> None:
        """An update says what was said before and what is said now."""
        assert decided([REGISTERED], update(SOLD)) == [
            ip.IpUpdated(
                effective_on=LATER,
                ip_id=UUID(int=1),
                old=FACTS,
                new=SOLD,
                source=ip.Source.SURVEY,
                by="officer-1",
            )
        ]

    def test_the_same_again_changes_nothing(self) -> None:
        """A survey that tells nothing new leaves no trace."""
        assert decided([REGISTERED], update(FACTS)) == []

    def test_an_entry_made_in_error_is_taken_out(self) -> None:
        """It says why, once, and does not change afterwards."""
        out = ip.DeregisterIp(reason="Declared twice.", on=LATER, by="officer-1")
        assert decided([REGISTERED], out) == [DEREGISTERED]
        assert decided([REGISTERED, DEREGISTERED], out) == []
        with pytest.raises(ip.IpNotInTheRegister):
            decided([REGISTERED, DEREGISTERED], update(SOLD))
        with pytest.raises(ip.DeregistrationNeedsAReason):
            decided([REGISTERED], replace(out, reason=" "))

    def test_what_is_not_known_is_not_found(self) -> None:
        """There is nothing to change about a piece that nobody declared."""
        with pytest.raises(NotFound):
            decided([], update(SOLD))
