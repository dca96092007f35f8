"""Organisations amended, imported, held and merged."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.intake.api.organisation_history import tell_its_own, tell_staff
from services.intake.domain.merger import (
    HoldWouldBeLost,
    MergedIntoItself,
    MergerWouldGoRound,
    OtherIsMerged,
    merge,
)
from services.intake.domain.organisation import (
    DECIDER,
    AlreadyOnHold,
    AmendmentInTheFuture,
    AmendmentReasonMissing,
    AmendOrganisation,
    Event,
    HoldOrganisation,
    HoldReleasedByWhoSetIt,
    ImportOrganisation,
    NotOnHold,
    Organisation,
    OrganisationAbsorbed,
    OrganisationAmended,
    OrganisationHeld,
    OrganisationHoldReleased,
    OrganisationIsMerged,
    OrganisationMerged,
    OrganisationNotValid,
    OrganisationRegistered,
    RegisterOrganisation,
    ReleaseOrganisation,
    organisation_id_of,
)
from services.intake.domain.profile import Changed, Profile, naics_is_valid
from services.intake.domain.profile import normalised_business_number as normalised
from shared.kernel.refusals import NotFound, Refusal
from tests.unit.intake.examples import TODAY, profile, scenario

BAD, GOOD, OTHER = "123026653", "123026635", "123456782"


def registered(described: Profile) -> OrganisationRegistered:
    return OrganisationRegistered(
        effective_on=TODAY,
        organisation_id=organisation_id_of(described.business_number),
        profile=described,
        by="p1",
    )


first = registered(profile(GOOD))
grown = profile(GOOD, employees=60, naics="5415", legal_name_fr="Firme")
amend = AmendOrganisation(
    profile=grown, effective_on=date(2023, 1, 1), reason="Growth", on=TODAY, by="p2"
)
amended = OrganisationAmended(
    effective_on=date(2023, 1, 1),
    organisation_id=first.organisation_id,
    profile=grown,
    changed=(
        Changed(field="employees", before="40", after="60"),
        Changed(field="naics", before=None, after="5415"),
        Changed(field="legal_name_fr", before=None, after="Firme"),
    ),
    reason="Growth",
    by="p2",
)
hold = HoldOrganisation(reason="Overdue", on=TODAY, by="o1")
held = OrganisationHeld(
    effective_on=TODAY, organisation_id=first.organisation_id, reason="Overdue", by="o1"
)
release = ReleaseOrganisation(reason="Paid", on=TODAY, by="o2")
released = OrganisationHoldReleased(
    effective_on=TODAY, organisation_id=first.organisation_id, reason="Paid", by="o2"
)
merged = OrganisationMerged(
    effective_on=TODAY,
    organisation_id=first.organisation_id,
    into=organisation_id_of(OTHER),
    reason="Same",
    by="o1",
)


def organisation(*history: Event) -> Organisation:
    state = DECIDER.fold(history)
    assert isinstance(state, Organisation)
    return state


class TestNumbers:
    @pytest.mark.parametrize(
        "written",
        ["123026635", "123 026 635", "123-026-635", "123026635RT0001", "12302 6635 rc 0001",
         "123026635RR0001"],
    )  # fmt: skip
    def test_programme_accounts(self, written: str) -> None:
        """The number of any account with the revenue agency is that of the business."""
        assert normalised(written) == GOOD

    def test_others_stay(self) -> None:
        """What is no such number is kept as it is written, for whoever looks at it."""
        assert normalised("12302 663") == "12302663"
        assert normalised("123026635RT001") == "123026635RT001"

    @pytest.mark.parametrize(
        ("code", "valid"),
        [("54", True), ("541514", True), ("5", False), ("5415141", False), ("99", False)],
    )
    def test_industries(self, code: str, *, valid: bool) -> None:
        """An industry is two to six digits that begin with a sector."""
        assert naics_is_valid(code) is valid


class TestAmending:
    def test_says_what_changed(self) -> None:
        """An amendment keeps the day since which, the reason, and each field before and after."""
        scenario(DECIDER, given=[first], when=amend, then=[amended])
        assert organisation(first, amended).profile == grown

    def test_nothing(self) -> None:
        """What is described as it was changes nothing."""
        scenario(DECIDER, given=[first, amended], when=amend, then=[])

    def test_the_business_number_stays(self) -> None:
        """An organisation keeps the number that it is registered under."""
        other = replace(amend, profile=replace(grown, business_number=OTHER))
        scenario(DECIDER, given=[first], when=other, then=[amended])

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"effective_on": TODAY + timedelta(days=1)}, AmendmentInTheFuture),
            ({"reason": " "}, AmendmentReasonMissing),
            ({"profile": replace(grown, naics="00")}, OrganisationNotValid),
            ({"profile": replace(grown, legal_name_en=" ")}, OrganisationNotValid),
        ],
    )
    def test_refused(self, changes: dict[str, object], refusal: type[Refusal]) -> None:
        """An organisation is described as it is, with a reason."""
        scenario(DECIDER, given=[first], when=replace(amend, **changes), then=refusal)  # type: ignore[arg-type]

    def test_unregistered(self) -> None:
        """Only what is registered is amended."""
        scenario(DECIDER, given=[], when=amend, then=NotFound)


class TestImporting:
    def test_a_number_that_does_not_check(self) -> None:
        """A list may bring a wrong business number; entered by hand it is refused."""
        command = ImportOrganisation(profile=profile(BAD), on=TODAY, by="p1")
        event = replace(registered(profile(BAD)), imported=True)
        scenario(DECIDER, given=[], when=command, then=[event])
        by_hand = RegisterOrganisation(profile=profile(BAD), on=TODAY, by="p1")
        scenario(DECIDER, given=[], when=by_hand, then=OrganisationNotValid)

    def test_everything_else_is_checked(self) -> None:
        """A list is trusted with nothing but the business number, and that must be one."""
        for described in (profile(BAD, province="XX"), profile(""), profile("no number!")):
            command = ImportOrganisation(profile=described, on=TODAY, by="p1")
            scenario(DECIDER, given=[], when=command, then=OrganisationNotValid)

    def test_amended_afterwards(self) -> None:
        """A wrong number keeps nobody from correcting the rest."""
        command = replace(amend, profile=profile(BAD, employees=41))
        [event] = DECIDER.decide(command, organisation(registered(profile(BAD))))
        assert isinstance(event, OrganisationAmended)


class TestHolding:
    def test_two_people(self) -> None:
        """Whoever put an organisation on hold does not release it."""
        scenario(DECIDER, given=[first], when=hold, then=[held])
        scenario(DECIDER, given=[first, held], when=release, then=[released])
        own = replace(release, by="o1")
        scenario(DECIDER, given=[first, held], when=own, then=HoldReleasedByWhoSetIt)

    def test_once(self) -> None:
        """It is put on hold once, and released when it is on hold."""
        scenario(DECIDER, given=[first, held], when=hold, then=AlreadyOnHold)
        scenario(DECIDER, given=[first, held, released], when=release, then=NotOnHold)
        assert not organisation(first, held, released).on_hold


def merging(left: Organisation, stays: Organisation) -> tuple[Event, Event]:
    return merge(left, stays, reason="Same", on=TODAY, by="o1")


class TestMerging:
    first = organisation(first)
    other = organisation(registered(profile(OTHER)))

    def test_each_says_so(self) -> None:
        """What was merged names the one that stands for it, and that one names it."""
        left, stays = merging(self.first, self.other)
        assert left == merged
        assert DECIDER.evolve(self.first, left) == replace(
            self.first, merged_into=self.other.organisation_id
        )
        assert isinstance(stays, OrganisationAbsorbed)
        assert stays.absorbed == (self.first.organisation_id,)

    def test_what_it_stood_for_goes_along(self) -> None:
        """Whoever absorbs an organisation stands for all that it stood for."""
        earlier = organisation_id_of(BAD)
        _, stays = merging(replace(self.first, absorbed=(earlier,)), self.other)
        state = DECIDER.evolve(self.other, stays)
        assert isinstance(state, Organisation)
        assert state.absorbed == (self.first.organisation_id, earlier)

    def test_no_circles(self) -> None:
        """No chain of mergers comes back to where it began."""
        gone = replace(self.first, merged_into=self.other.organisation_id)
        absorbing = replace(self.other, absorbed=(self.first.organisation_id,))
        elsewhere = organisation(registered(profile("100000009")))
        for left, stays, refusal in (
            (self.first, self.first, MergedIntoItself),
            (gone, self.other, OrganisationIsMerged),
            (absorbing, gone, MergerWouldGoRound),
            (elsewhere, gone, OtherIsMerged),
        ):
            with pytest.raises(refusal):
                merging(left, stays)

    def test_a_hold_is_not_lost(self) -> None:
        """An organisation on hold is merged only into one that is on hold as well."""
        on_hold = organisation(registered(profile(GOOD)), held)
        with pytest.raises(HoldWouldBeLost):
            merging(on_hold, self.other)
        assert merging(on_hold, replace(self.other, hold=on_hold.hold))

    def test_left_alone_afterwards(self) -> None:
        """What was merged is no longer changed."""
        for command in (amend, hold, release):
            scenario(DECIDER, given=[first, merged], when=command, then=OrganisationIsMerged)


class TestHistory:
    def test_in_both_languages(self) -> None:
        """Every fact has a sentence in English and in French; holds are between officers."""
        _, absorbed = merging(organisation(first), organisation(registered(profile(OTHER))))
        for event in (first, registered(profile(BAD)), amended, held, released, merged, absorbed):
            sentence = tell_staff(event)
            assert sentence.en != sentence.fr
        assert tell_its_own(held) is None
        assert tell_its_own(amended) is not None
