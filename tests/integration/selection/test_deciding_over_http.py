"""Decisions in full over HTTP on PostgreSQL: conditions, waiting for money, and the registers."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest

from services.selection.use_cases.publishing import to_contract
from shared.contracts.finance import PocketChanged, YearlyCeiling
from shared.contracts.intake import ApplicationWithdrawn, PocketTerms, ProgrammePublished
from shared.contracts.selection import AwardApproved, AwardLapsed
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from tests.integration.selection.facts import MAY_1, amended, executed, forwarded, granted
from tests.integration.selection.office import COMMITTEE, FUND, MEMBERS, Office
from tests.unit.selection.examples import (
    ADOPTER,
    APRIL_3,
    CLINIC,
    HYDRO,
    ISED,
    LAB,
    MEIE,
    ROBOTS,
    SEPTEMBER_30,
    cell,
)

pytestmark = pytest.mark.postgres

DRONES = derived_id("application", "drones")
EVERYBODY = [member["person_id"] for member in MEMBERS]
DECLINE: dict[str, Any] = {
    "outcome": "decline",
    "votes": [{"person_id": "professor", "vote": "against"}],
    "reasons": ["too early"],
}
WAIT: dict[str, Any] = {"outcome": "waitlist", "votes": FUND["votes"]}
JUNE_30 = date(2023, 6, 30)
CONDITION: dict[str, Any] = {
    "text": {"en": "Proof of insurance.", "fr": "Preuve d’assurance."},
    "due_on": str(JUNE_30),
    "confirmed_by": "agreement-officer",
}


def published(*terms: PocketTerms) -> ProgrammePublished:
    return ProgrammePublished(
        effective_on=APRIL_3,
        code="IND-P2",
        version=1,
        name_en="Projects",
        name_fr="Projets",
        phase="P2",
        pockets=tuple(each.code for each in terms),
        reimbursement_rate_bp=4_000,
        holdback_bp=1_000,
        claim_frequency="quarterly",
        survey_years=5,
        pocket_terms=terms,
    )


def award_of(office: Office, path: str, application_id: UUID = ROBOTS) -> str:
    [item] = [
        each for each in office.seen(path)["items"] if each["application_id"] == str(application_id)
    ]
    return str(item["decision"]["award_id"])


def state_of(office: Office, path: str, application_id: UUID = ROBOTS) -> str:
    return next(
        str(each["state"])
        for each in office.seen(path)["items"]
        if each["application_id"] == str(application_id)
    )


def raise_authority(office: Office, _: UUID) -> None:
    office.house.hears(granted(MEIE, 40_000))


def let_it_lapse(office: Office, _: UUID) -> None:
    office.house.goes_to(SEPTEMBER_30)


def reduce_it(office: Office, award_id: UUID) -> None:
    office.house.hears(executed().model_copy(update={"award_id": award_id}))
    less = cell(ADOPTER, MEIE, "2024-T2", -10_000)
    office.house.hears(amended(-10_000).model_copy(update={"funding": (less,)}))


class TestWhenAPocketIsShort:
    def test_others_stand_in(self, office: Office) -> None:
        """Other pockets of the programme stand in as its definition allows, when asked to."""
        office.house.hears(published(PocketTerms(code=ISED), PocketTerms(code=MEIE)))
        path = office.sitting(ROBOTS)
        office.house.hears(granted(MEIE, 5_000))
        decision = f"{path}/items/{ROBOTS}/decision"
        assert office.post(decision, FUND).status_code == 409
        office.done(decision, {**FUND, "when_short": "spread"})
        award = office.seen(f"/v1/awards/{award_of(office, path)}")
        by_pocket: dict[str, int] = {}
        for part in award["funding"]:
            by_pocket[part["pocket"]] = by_pocket.get(part["pocket"], 0) + part["amount"]["cents"]
        assert by_pocket == {ISED: 55_000_00, MEIE: 5_000_00}

    def test_it_waits_and_is_offered_what_returns(self, office: Office) -> None:
        """What waits for money comes before the committee again when an award gives some back."""
        path = office.sitting(ROBOTS, CLINIC)
        office.house.hears(granted(MEIE, 30_000))
        office.done(f"{path}/items/{ROBOTS}/decision", FUND)
        office.done(f"{path}/items/{CLINIC}/decision", {**FUND, "when_short": "waitlist"})
        assert state_of(office, path, CLINIC) == "waitlist"
        [waiting] = office.seen("/v1/waiting-list")["items"]
        assert (waiting["application_id"], waiting["rank"], waiting["state"]) == (
            str(CLINIC),
            1,
            "waiting",
        )
        assert waiting["amount"]["cents"] == 60_000_00
        committee_id = office.seen(path)["committee_id"]
        office.done(f"{path}/sealing", {})
        may = office.meeting(committee_id, MAY_1)
        assert office.seen(f"/v1/meetings/{may}")["items"] == []

        first = award_of(office, path)
        office.done(f"/v1/awards/{first}/withdrawal", {})
        office.house.timers.step()

        [waiting] = office.seen("/v1/waiting-list", programme="IND-P2")["items"]
        assert (waiting["state"], waiting["offered_on"]) == ("offered", str(APRIL_3))
        [item] = office.seen(f"/v1/meetings/{may}")["items"]
        assert item["application_id"] == str(CLINIC)
        office.house.goes_to(MAY_1)
        office.done(f"/v1/meetings/{may}/opening", {"present": EVERYBODY})
        office.done(f"/v1/meetings/{may}/items/{CLINIC}/decision", FUND)
        assert office.seen("/v1/waiting-list")["items"] == []

    @pytest.mark.parametrize("frees", [raise_authority, let_it_lapse, reduce_it])
    def test_whatever_it_returns_from(
        self, office: Office, frees: Callable[[Office, UUID], None]
    ) -> None:
        """Money is offered whether a funder adds it, an award falls or an agreement is reduced."""
        path = office.sitting(ROBOTS, CLINIC)
        office.house.hears(granted(MEIE, 30_000))
        office.house.hears(granted(ISED, 200_000))
        office.done(f"{path}/items/{ROBOTS}/decision", FUND)
        office.done(f"{path}/items/{CLINIC}/decision", WAIT)
        office.house.timers.step()
        assert office.seen("/v1/waiting-list")["items"][0]["state"] == "waiting"
        frees(office, UUID(award_of(office, path)))
        office.house.timers.step()
        assert office.seen("/v1/waiting-list")["items"][0]["state"] == "offered"

    def test_ranks_are_the_committees(self, office: Office) -> None:
        """The list is ranked as decided, and can be ranked anew, with a reason."""
        path = office.sitting(ROBOTS, CLINIC, DRONES)
        office.house.hears(granted(MEIE, 0))
        for application_id, rank in ((ROBOTS, None), (CLINIC, 1), (DRONES, None)):
            office.done(f"{path}/items/{application_id}/decision", {**WAIT, "rank": rank})

        def order() -> list[str]:
            first = office.seen("/v1/waiting-list", limit="2")
            rest = office.seen("/v1/waiting-list", limit="2", cursor=first["next"])
            assert rest["next"] is None
            return [each["application_id"] for each in (*first["items"], *rest["items"])]

        assert order() == [str(CLINIC), str(ROBOTS), str(DRONES)]
        change = {"rank": 1, "reason": "It starts first."}
        place = f"/v1/waiting-list/{DRONES}/rank"
        headers = {
            **office.headers("secretary", "committee-secretary", amr=("otp",)),
            "Idempotency-Key": str(derived_id("key", 1)),
        }
        assert office.client.put(place, json=change, headers=headers).status_code == 200
        assert order() == [str(DRONES), str(CLINIC), str(ROBOTS)]
        office.house.hears(ApplicationWithdrawn(effective_on=APRIL_3, project_id=CLINIC))
        assert [each["application_id"] for each in office.seen("/v1/waiting-list")["items"]] == [
            str(DRONES),
            str(ROBOTS),
        ]


class TestSeveralAtOnce:
    def test_all(self, office: Office) -> None:
        """Items that follow each other are decided by one command."""
        path = office.sitting(ROBOTS, CLINIC)
        order = [each["application_id"] for each in office.seen(path)["items"]]
        body = {
            "items": [
                {**FUND, "application_id": order[0]},
                {**DECLINE, "application_id": order[1]},
            ]
        }
        before = int(office.get(path).headers["ETag"].strip('"'))
        answer = office.done(f"{path}/decisions", body)
        assert [each["state"] for each in office.seen(path)["items"]] == ["fund", "decline"]
        assert answer["version"] == before + 2

    def test_or_none(self, office: Office) -> None:
        """When one cannot be decided none is; every reason is named with its place."""
        path = office.sitting(ROBOTS, CLINIC, DRONES)
        order = [each["application_id"] for each in office.seen(path)["items"]]
        body = {
            "items": [
                {**FUND, "application_id": order[0]},
                {**FUND, "application_id": order[1]},
                {**DECLINE, "application_id": order[2], "reasons": []},
            ]
        }
        office.house.hears(granted(MEIE, 20_000))
        head = office.house.store.head()
        refused = office.post(f"{path}/decisions", body)
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (409, "items-not-decided")
        assert [(each["code"], each["field"]) for each in problem["errors"]] == [
            ("not-enough-in-pocket", f"items[1].funding[{MEIE}]"),
            ("reasons-missing", "items[2].reasons"),
        ]
        assert office.house.store.head() == head

    def test_that_do_not_follow_each_other(self, office: Office) -> None:
        """Items are decided together in the order of the agenda, without a gap."""
        path = office.sitting(ROBOTS, CLINIC, DRONES)
        order = [each["application_id"] for each in office.seen(path)["items"]]
        for chosen in ((0, 2), (1, 0)):
            body = {"items": [{**FUND, "application_id": order[each]} for each in chosen]}
            refused = office.post(f"{path}/decisions", body)
            assert refused.json()["code"] == "items-not-consecutive"


def test_a_secret_ballot(office: Office) -> None:
    """A committee that votes in secret records the count and who voted, and shows no vote."""
    office.house.hears(granted(ISED, 100_000))
    office.house.hears(granted(MEIE, 50_000))
    office.house.hears(forwarded(ROBOTS))
    committee_id = office.committee(ballot="secret")
    assert office.seen(f"/v1/committees/{committee_id}")["ballot"] == "secret"
    path = f"/v1/meetings/{office.meeting(committee_id)}"
    office.done(f"{path}/opening", {"present": EVERYBODY})
    decision = f"{path}/items/{ROBOTS}/decision"
    assert office.post(decision, FUND).json()["errors"][0]["code"] == "ballot-is-secret"
    secret = {
        "voted": ["insider", "professor"],
        "votes_for": 1,
        "votes_against": 1,
        "casting_for": True,
    }
    office.done(decision, {**FUND, "votes": [], "secret": secret})
    [item] = office.seen(path)["items"]
    assert (item["decision"]["votes"], item["decision"]["secret"]) == (
        [],
        {**secret, "abstained": 0},
    )
    [line] = office.seen("/v1/decisions")["items"]
    assert (line["votes_for"], line["votes_against"], line["abstained"]) == (1, 1, 0)


class TestConditions:
    def test_are_met_one_by_one(self, office: Office) -> None:
        """A condition is confirmed in its role; the award shows by whom and when."""
        path = office.sitting(ROBOTS)
        office.done(f"{path}/items/{ROBOTS}/decision", {**FUND, "conditions": [CONDITION]})
        award_path = f"/v1/awards/{award_of(office, path)}"
        [condition] = office.seen(award_path)["conditions"]
        assert condition["text"] == CONDITION["text"]
        assert (condition["met_on"], condition["met_by"]) == (None, None)
        place = f"{award_path}/conditions/{condition['condition_id']}/confirmation"
        body = {"met_on": str(APRIL_3)}
        refused = office.post(place, body)
        assert (refused.status_code, refused.json()["code"]) == (
            403,
            "condition-confirmed-by-another",
        )
        assert office.post(place, body, roles=("applicant",)).status_code == 403
        office.done(place, body, person="officer", roles=("agreement-officer",))
        [condition] = office.seen(award_path)["conditions"]
        assert (condition["met_on"], condition["met_by"]) == (str(APRIL_3), "officer")
        office.house.goes_to(JUNE_30 + timedelta(days=1))
        assert office.seen(award_path)["state"] == "approved"

    def test_that_are_not_met(self, office: Office) -> None:
        """The award lapses on the day after a condition's last day, and its money returns."""
        path = office.sitting(ROBOTS)
        met = {**CONDITION, "confirmed_by": "committee-secretary"}
        office.done(f"{path}/items/{ROBOTS}/decision", {**FUND, "conditions": [CONDITION, met]})
        award_path = f"/v1/awards/{award_of(office, path)}"
        _, second = office.seen(award_path)["conditions"]
        place = f"{award_path}/conditions/{second['condition_id']}/confirmation"
        office.done(place, {"met_on": str(APRIL_3)})
        office.house.goes_to(JUNE_30)
        assert office.seen(award_path)["state"] == "approved"
        office.house.goes_to(JUNE_30 + timedelta(days=1))
        lapsed = office.seen(award_path)
        assert (lapsed["state"], lapsed["reason"], lapsed["lapsed_on"]) == (
            "lapsed",
            "condition-not-met",
            str(JUNE_30 + timedelta(days=1)),
        )
        assert office.seen(f"/v1/pockets/{ISED}")["available"]["cents"] == 100_000_00

    def test_are_told(self, office: Office) -> None:
        """Others learn of the conditions with the award."""
        path = office.sitting(ROBOTS)
        office.done(f"{path}/items/{ROBOTS}/decision", {**FUND, "conditions": [CONDITION]})
        told = [to_contract(each) for each in office.house.store.tail(0, 1_000)]
        [approved] = [each for each in told if isinstance(each, AwardApproved)]
        [condition] = approved.conditions
        assert (condition.text_fr, condition.due_on, condition.confirmed_by) == (
            "Preuve d’assurance.",
            JUNE_30,
            "agreement-officer",
        )


class TestWithdrawing:
    def asking(self, office: Office, organisation_id: UUID) -> dict[str, str]:
        """Headers of an applicant of this organisation."""
        token = office.issuer.token("someone", ("applicant",), organisation_id)
        return {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": str(derived_id("key", organisation_id)),
        }

    def test_by_the_applicant(self, office: Office) -> None:
        """The organisation that leads may withdraw its award, and no other may."""
        path = office.sitting(ROBOTS)
        office.done(f"{path}/items/{ROBOTS}/decision", FUND)
        award_path = f"/v1/awards/{award_of(office, path)}"
        place = f"{award_path}/withdrawal"
        other = office.client.post(place, json={}, headers=self.asking(office, LAB))
        assert other.status_code == 404
        own = office.client.post(place, json={}, headers=self.asking(office, HYDRO))
        assert own.status_code == 200, own.text
        shown = office.seen(award_path)
        assert (shown["state"], shown["withdrawn_on"]) == ("withdrawn", str(APRIL_3))
        assert office.seen(f"/v1/pockets/{ISED}")["reserved"]["cents"] == 0
        told = [to_contract(each) for each in office.house.store.tail(0, 1_000)]
        [fallen] = [each for each in told if isinstance(each, AwardLapsed)]
        assert fallen.reason == "withdrawn"
        office.house.goes_to(SEPTEMBER_30)
        assert office.seen(award_path)["state"] == "withdrawn"

    def test_what_does_not_stand(self, office: Office) -> None:
        """An award that was executed or fell cannot be withdrawn."""
        path = office.sitting(ROBOTS)
        office.done(f"{path}/items/{ROBOTS}/decision", FUND)
        award_id = award_of(office, path)
        office.house.hears(executed().model_copy(update={"award_id": UUID(award_id)}))
        refused = office.post(f"/v1/awards/{award_id}/withdrawal", {})
        assert (refused.status_code, refused.json()["code"]) == (409, "award-no-longer-stands")
        missing = office.post(f"/v1/awards/{ROBOTS}/withdrawal", {})
        assert missing.status_code == 404


def test_deciding_again(office: Office) -> None:
    """Decided again, an award is replaced: its money returns before the new one takes its own."""
    path = office.sitting(ROBOTS)
    office.done(f"{path}/items/{ROBOTS}/decision", FUND)
    first = award_of(office, path)
    committee_id = office.seen(path)["committee_id"]
    may = f"/v1/meetings/{office.meeting(committee_id, MAY_1)}"
    office.done(f"/v1/awards/{first}/reconsideration", {"reason": "A partner left."})
    assert office.seen(f"/v1/awards/{first}")["state"] == "approved"
    office.house.goes_to(MAY_1)
    office.done(f"{may}/opening", {"present": EVERYBODY})
    less = {
        **FUND,
        "funding": [
            {
                "participant_id": str(forwarded().funding[0].participant_id),
                "pocket": ISED,
                "quarter": "2024-T1",
                "amount": {"cents": 25_000_00, "currency": "CAD"},
            }
        ],
    }
    office.done(f"{may}/items/{ROBOTS}/decision", less)
    second = award_of(office, may)
    replaced = office.seen(f"/v1/awards/{first}")
    assert (replaced["state"], replaced["replaced_by"]) == ("replaced", second)
    assert office.seen(f"/v1/awards/{second}")["state"] == "approved"
    reserved = office.seen(f"/v1/pockets/{ISED}")["reserved_for"]
    assert reserved == [{"award_id": second, "amount": {"cents": 25_000_00, "currency": "CAD"}}]
    told = [to_contract(each) for each in office.house.store.tail(0, 1_000)]
    ends = [each for each in told if isinstance(each, AwardApproved | AwardLapsed)]
    assert [(type(each).__name__, str(each.award_id)) for each in ends] == [
        ("AwardApproved", first),
        ("AwardLapsed", first),
        ("AwardApproved", second),
    ]


class TestYears:
    def test_are_bounded_and_shown(self, office: Office) -> None:
        """What a funder allows for a year bounds decisions, and what is left of it is shown."""
        path = office.sitting(ROBOTS, CLINIC)
        ceilings = (
            YearlyCeiling(fiscal_year=2024, ceiling=Money(70_000_00)),
            YearlyCeiling(fiscal_year=2025, ceiling=Money(30_000_00)),
        )
        office.house.hears(
            PocketChanged(
                effective_on=APRIL_3,
                pocket=ISED,
                funder="ISED",
                funder_agreement="ISED-P2",
                authority=Money(100_000_00),
                yearly=ceilings,
            )
        )
        office.done(f"{path}/items/{ROBOTS}/decision", FUND)
        refused = office.post(f"{path}/items/{CLINIC}/decision", FUND, language="fr")
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (409, "not-enough-in-year")
        assert "l’exercice 2024" in problem["detail"]
        years = office.seen("/v1/pocket-years", pocket=ISED)["items"]
        assert [(y["fiscal_year"], y["left"]["cents"]) for y in years] == [
            (2024, 30_000_00),
            (2025, 30_000_00),
        ]
        [meie] = office.seen("/v1/pocket-years", pocket=MEIE)["items"]
        assert (meie["ceiling"], meie["left"], meie["reserved"]["cents"]) == (
            None,
            None,
            20_000_00,
        )

    def test_reservations_are_shown(self, office: Office) -> None:
        """The open reservations say who has how much, for which year, since when."""
        path = office.sitting(ROBOTS)
        office.done(f"{path}/items/{ROBOTS}/decision", FUND)
        first = office.seen("/v1/reservations", limit="1")
        rest = office.seen("/v1/reservations", limit="1", cursor=first["next"])
        [one], [two] = first["items"], rest["items"]
        assert (one["pocket"], two["pocket"], rest["next"]) == (ISED, MEIE, None)
        assert (one["title"], one["lead"], one["programme"]) == (
            "Robots that sort",
            "Hydro",
            "IND-P2",
        )
        assert (one["amount"]["cents"], one["fiscal_year"], one["since"]) == (
            40_000_00,
            2024,
            str(APRIL_3),
        )
        office.done(f"/v1/awards/{one['award_id']}/withdrawal", {})
        assert office.seen("/v1/reservations")["items"] == []


class TestTheRegister:
    def decided(self, office: Office) -> str:
        """Three applications submitted on different days: two are decided, one is deferred."""
        for days, application_id in enumerate((ROBOTS, CLINIC, DRONES)):
            fact = forwarded(application_id).model_copy(
                update={"submitted_on": APRIL_3 - timedelta(days=10 + 20 * days)}
            )
            office.house.hears(fact)
        path = office.sitting()
        office.done(f"{path}/items/{ROBOTS}/decision", FUND)
        office.done(f"{path}/items/{CLINIC}/decision", {**DECLINE, "reasons": ["=1+1; no"]})
        office.done(f"{path}/items/{DRONES}/decision", {"outcome": "defer"})
        return path

    def test_is_narrowed(self, office: Office) -> None:
        """The register is narrowed by meeting and by province of the lead too."""
        path = self.decided(office)
        meeting_id = path.rpartition("/")[2]

        def outcomes(**params: str) -> list[str]:
            return [each["outcome"] for each in office.seen("/v1/decisions", **params)["items"]]

        assert outcomes(meeting_id=meeting_id) == ["defer", "decline", "fund"]
        assert outcomes(meeting_id=str(ROBOTS)) == []
        assert outcomes(province="QC") == ["defer", "decline", "fund"]
        assert outcomes(province="ON") == []
        assert office.get("/v1/decisions", province="Québec").status_code == 422

    def test_as_comma_separated_values(self, office: Office) -> None:
        """A file in the reader's language, in which nothing is a formula and no cent is lost."""
        self.decided(office)
        response = office.get("/v1/decisions/export", outcome="fund")
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        [header, line] = csv.reader(StringIO(response.content.decode("utf-8-sig")))
        row = dict(zip(header, line, strict=True))
        assert (row["Asked (CAD)"], row["Outcome"], row["Submitted on"]) == (
            "60000.00",
            "fund",
            str(APRIL_3 - timedelta(days=10)),
        )
        headers = {
            **office.headers("secretary", "committee-secretary", amr=("otp",)),
            "Accept-Language": "fr",
        }
        french = office.client.get("/v1/decisions/export", headers=headers)
        lines = list(csv.DictReader(StringIO(french.content.decode("utf-8-sig"))))
        assert [each["Décision"] for each in lines] == ["reporter", "refuser", "financer"]
        assert lines[1]["Motifs"] == "'=1+1; no"

    def test_as_a_spreadsheet(self, office: Office) -> None:
        """A spreadsheet that opens, with amounts as numbers and no formula in it."""
        self.decided(office)
        response = office.get("/v1/decisions/export", format="xlsx")
        assert response.headers["content-disposition"].endswith('.xlsx"')
        with ZipFile(BytesIO(response.content)) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
            texts = book.read("xl/sharedStrings.xml").decode()
        assert "<v>60000</v>" in sheet
        assert "<f>" not in sheet
        assert "=1+1; no" in texts

    def test_is_not_for_members(self, office: Office) -> None:
        """Where nothing is hidden from those in conflict, members have no access."""
        for path in (
            "/v1/decisions/export",
            "/v1/pocket-years",
            "/v1/reservations",
            "/v1/waiting-list",
            "/v1/statistics/waiting-time",
            "/v1/statistics/success-rate",
        ):
            member = office.get(path, person="dean", roles=("committee-member",))
            assert member.status_code == 403
            assert office.get(path, roles=("auditor",)).status_code == 200

    def test_says_how_long_applicants_waited(self, office: Office) -> None:
        """From submission to a final decision; what is deferred still waits and is not counted."""
        self.decided(office)
        times = office.seen("/v1/statistics/waiting-time")
        [line] = times["items"]
        assert (line["programme"], line["measured"], line["not_measured"]) == ("IND-P2", 2, 0)
        assert (line["median_days"], line["p90_days"]) == (20.0, 30)
        assert "first such decision" in times["base"]["en"]
        assert office.seen("/v1/statistics/waiting-time", province="ON")["items"] == []

    def test_says_how_many_are_funded(self, office: Office) -> None:
        """The rate is of the applications with a final decision, and says so."""
        self.decided(office)
        rates = office.seen("/v1/statistics/success-rate", decided_from=str(APRIL_3))
        [line] = rates["items"]
        assert (line["province"], line["decided"], line["funded"], line["declined"]) == (
            "QC",
            2,
            1,
            1,
        )
        assert line["rate_bp"] == 5_000
        assert rates["period"]["decided_from"] == str(APRIL_3)
        assert "par" in rates["base"]["fr"] or "selon" in rates["base"]["fr"]


def test_deferring_to_a_named_meeting(office: Office) -> None:
    """An item goes to the meeting that is named, past one that comes sooner."""
    path = office.sitting(ROBOTS)
    committee_id = office.seen(path)["committee_id"]
    office.meeting(committee_id, MAY_1)
    june = office.meeting(committee_id, date(2023, 6, 1))
    decision = f"{path}/items/{ROBOTS}/decision"
    refused = office.post(decision, {"outcome": "defer", "defer_to": str(ROBOTS)})
    assert (refused.status_code, refused.json()["code"]) == (409, "meeting-not-scheduled")
    office.done(decision, {"outcome": "defer", "defer_to": june})
    assert len(office.seen(f"/v1/meetings/{june}")["items"]) == 1
    assert office.seen("/v1/decisions")["items"][0]["deferred_to"] == june


def test_an_unknown_rule_of_voting(office: Office) -> None:
    """How a committee votes is one of two ways."""
    refused = office.post("/v1/committees", {**COMMITTEE, "ballot": "shouting"})
    assert refused.status_code == 422
