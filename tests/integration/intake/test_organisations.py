"""Organisations over HTTP: amended, held, merged, found, and brought in as a list."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.domain.organisation import organisation_id_of
from services.intake.use_cases import known
from tests.integration.intake.conftest import LEAD, Office, beginning, organisation

OFFICER, OTHER_OFFICER = "intake-officer", "programme-manager"
HEADINGS = "business_number,legal_name,kind,province,employees,for_profit,incorporated_in_canada"
TYPO = "123026653"


def place(business_number: str) -> str:
    return f"/v1/organisations/{organisation_id_of(business_number)}"


def amendment(**changes: Any) -> dict[str, Any]:
    """The body that amends the lead."""
    body = organisation(LEAD) | {"effective_on": "2023-01-01", "reason": "Growth"} | changes
    del body["business_number"]
    return body


def bring_in(
    office: Office, text: str, *, query: str = "", status: int = 200, key: UUID | None = None
) -> Any:
    """Hand in a list as a file; the answer's JSON."""
    headers = office.headers(OFFICER) | {
        "Idempotency-Key": str(key or uuid4()),
        "Content-Type": "text/csv",
    }
    answer = office.client.post(
        f"/v1/organisations/import{query}", content=text.encode(), headers=headers
    )
    assert answer.status_code == status, answer.text
    return answer.json()


def row(number: str, name: str, *, employees: str = "12") -> str:
    return f"{number},{name},sme,QC,{employees},oui,true"


class TestDescribing:
    def test_amended(self, office: Office, call_id: str) -> None:
        """An organisation amends itself; what changed is told without naming anybody."""
        del call_id
        who = f"applicant:{LEAD}"
        office.do(who, "PUT", place(LEAD), amendment(employees=41, naics="5415"))
        seen = office.see(who, place(LEAD))
        assert (seen["employees"], seen["naics"], seen["on_hold"]) == (41, "5415", None)
        lines = office.see(who, f"{place(LEAD)}/history")["items"]
        assert [line["event"] for line in lines] == [
            "organisation.registered",
            "organisation.amended",
        ]
        assert lines[1]["role"] == {"en": "applicant", "fr": "demandeur"}
        assert "employees 40 → 41" in lines[1]["says"]["en"]
        assert "person-" not in str(lines)

    def test_of_another(self, office: Office, call_id: str) -> None:
        """To whoever acts for another organisation it is not there to be amended."""
        del call_id
        stranger = "applicant:200000008"
        office.do(stranger, "PUT", place(LEAD), amendment(), status=404)
        office.see(stranger, f"{place(LEAD)}/history", status=404)
        named = office.see(stranger, place(LEAD))
        assert (named["legal_name"], named["employees"]) == (f"Firm {LEAD}", None)

    def test_a_programme_account(self, office: Office) -> None:
        """The number of a programme account is that of the organisation."""
        made = office.do(OFFICER, "POST", "/v1/organisations", organisation("123026635 RT 0001"))
        assert made["id"] == str(organisation_id_of(LEAD))


class TestFinding:
    def test_by_staff(self, office: Office, call_id: str) -> None:
        """Staff find organisations by name, place, kind and number."""
        del call_id
        for query, count in (
            ("name=firm", 4),
            ("name=FIRM 1234&kind=large", 1),
            ("province=ON", 1),
            ("business_number=123-026-635", 1),
            ("on_hold=true", 0),
            ("limit=1", 1),
        ):
            found = office.see(OFFICER, f"/v1/organisations?{query}")["items"]
            assert len(found) == count, query

    def test_from_outside(self, office: Office, call_id: str) -> None:
        """From outside one finds one's own, and another by its whole number."""
        del call_id
        who = "applicant:200000008"
        [own] = office.see(who, "/v1/organisations?name=firm")["items"]
        assert own["id"] == str(organisation_id_of("200000008"))
        [other] = office.see(who, f"/v1/organisations?business_number={LEAD}")["items"]
        assert (other["id"], other["on_hold"]) == (str(organisation_id_of(LEAD)), None)


class TestHolding:
    def test_two_people(self, office: Office, call_id: str) -> None:
        """One officer puts it on hold, and another one releases it."""
        del call_id
        office.do(OFFICER, "POST", f"{place(LEAD)}/hold", {"reason": "Overdue"})
        path = f"{place(LEAD)}/hold-release"
        again = office.do(OFFICER, "POST", path, {"reason": "Paid"}, status=409)
        assert again["code"] == "hold-released-by-who-set-it"
        [found] = office.see(OFFICER, "/v1/organisations?on_hold=true")["items"]
        assert found["id"] == str(organisation_id_of(LEAD))
        assert len(known.on_hold_among(office.store, [organisation_id_of(LEAD)])) == 1
        told = office.see(f"applicant:{LEAD}", f"{place(LEAD)}/history")["items"]
        assert [line["event"] for line in told] == ["organisation.registered"]
        token = office.issuer.token("another-officer", [OFFICER], None)
        released = office.client.post(
            path,
            json={"reason": "Paid"},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())},
        )
        assert released.status_code == 200, released.text
        assert office.see(OFFICER, place(LEAD))["on_hold"] is False


class TestMerging:
    @pytest.fixture
    def typo(self, office: Office, call_id: str) -> str:
        """The lead a second time, imported with two digits exchanged."""
        del call_id
        bring_in(office, f"{HEADINGS}\n{row(TYPO, 'Firm ' + LEAD)}\n")
        return str(organisation_id_of(TYPO))

    def test_proposed_and_merged(self, office: Office, typo: str) -> None:
        """Two that are one are proposed; merged, one stands for both wherever it is named."""
        [pair, *_] = office.see(OFFICER, "/v1/organisations/duplicates?limit=1")["items"]
        assert (pair["first"], pair["second"]) == (str(organisation_id_of(LEAD)), typo)
        assert [why["code"] for why in pair["reasons"]] == ["near-number", "similar-name"]
        body = {"into": pair["first"], "reason": "Typed wrong"}
        merged = office.do(OFFICER, "POST", f"{place(TYPO)}/merger", body)
        assert merged["id"] == typo
        seen = office.see(OFFICER, place(TYPO))
        assert (seen["id"], seen["absorbed"]) == (pair["first"], [typo])
        [found] = office.see(OFFICER, f"/v1/organisations?business_number={TYPO}")["items"]
        assert found["id"] == pair["first"]
        left = office.see(OFFICER, "/v1/organisations/duplicates")["items"]
        assert typo not in {each[side] for each in left for side in ("first", "second")}
        back = {"into": typo, "reason": "Undo"}
        gone_round = office.do(OFFICER, "POST", f"{place(LEAD)}/merger", back, status=409)
        assert gone_round["code"] == "merger-would-go-round"
        lead = known.participant_of(
            office.store, uuid4(), organisation_id_of(TYPO), "lead", field="x"
        )
        assert lead.organisation_id == organisation_id_of(LEAD)

    def test_whoever_signed_in_as_the_other(self, office: Office, call_id: str, typo: str) -> None:
        """Whoever acts for an organisation that was merged acts for the one that stands for it."""
        body = {"into": str(organisation_id_of(LEAD)), "reason": "Typed wrong"}
        merged = office.do(OFFICER, "POST", f"{place(TYPO)}/merger", body)
        assert merged["id"] == typo
        who = f"applicant:{TYPO}"
        started = office.do(who, "POST", "/v1/applications", beginning(call_id))
        path = f"/v1/applications/{started['id']}"
        for reader in (who, f"applicant:{LEAD}"):
            assert office.see(reader, path)["lead_organisation_id"] == body["into"]
        office.do(who, "POST", f"{path}/withdrawal", {"reason": "Enough"})

    def test_what_is_not_there(self, office: Office, typo: str) -> None:
        """Both sides of a merger are registered."""
        del typo
        body = {"into": str(uuid4()), "reason": "x"}
        office.do(OFFICER, "POST", f"{place(TYPO)}/merger", body, status=404)


class TestImporting:
    def test_all_rows(self, office: Office) -> None:
        """Every row is registered; one with a wrong number is flagged; again changes nothing."""
        text = f"\ufeff{HEADINGS};neq\n".replace(",", ";") + (
            row(LEAD, "Aciers") + ",1143920115\n" + row(TYPO, "Robots") + ",\n"
        ).replace(",", ";")
        key = uuid4()
        first = bring_in(office, text, key=key)
        assert [(each["row"], each["business_number_valid"]) for each in first["registered"]] == [
            (2, True),
            (3, False),
        ]
        assert bring_in(office, text, key=key) == first
        again = bring_in(office, text)
        assert [each["row"] for each in again["unchanged"]] == [2, 3]
        assert office.see(OFFICER, place(TYPO))["business_number_valid"] is False

    def test_a_row_that_is_wrong(self, office: Office) -> None:
        """With one bad row nothing is registered, unless only the valid rows are asked for."""
        bad = [row(LEAD, "A"), row(LEAD, "B"), row("123456782", "C", employees="x"), "1,2,3,4,5"]
        text = "\n".join([HEADINGS, *bad])
        problem = bring_in(office, text, status=422)
        assert problem["code"] == "rows-not-valid"
        assert {each["field"] for each in problem["errors"]} == {
            "rows[3].business_number",
            "rows[4].employees",
            "rows[5].for_profit",
            "rows[5].incorporated_in_canada",
        }
        office.see(OFFICER, place(LEAD), status=404)
        key = uuid4()
        done = bring_in(office, text, query="?valid_rows_only=true", key=key)
        assert [each["row"] for each in done["registered"]] == [2]
        assert {(each["row"], each["column"]) for each in done["refused"]} >= {
            (3, "business_number"),
            (4, "employees"),
        }
        assert all(each["says"]["en"] != each["says"]["fr"] for each in done["refused"])
        again = bring_in(office, text, query="?valid_rows_only=true", key=key)
        assert again["registered"] == done["registered"]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "list-unreadable"),
            (HEADINGS, "list-unreadable"),
            (f'{HEADINGS}\n"', "list-unreadable"),
            (f"{HEADINGS}\n\x00", "list-unreadable"),
            ("a,b\n1,2", "headings-not-valid"),
            (HEADINGS + "\n" + (row(LEAD, "A") + "\n") * 5_001, "list-too-long"),
        ],
    )
    def test_no_list(self, office: Office, text: str, code: str) -> None:
        """What is no list of organisations is refused as a whole."""
        assert bring_in(office, text, status=422)["code"] == code
