"""A whole meeting over HTTP, and who may see and do what, on PostgreSQL."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from services.selection import main, worker
from shared.web.development import DevelopmentIssuer
from tests.integration.selection.facts import MAY_1, executed, forwarded, granted
from tests.integration.selection.house import House
from tests.integration.selection.office import COMMITTEE, FUND, MEMBERS, Office, settings_for
from tests.unit.selection.examples import (
    ADOPTER,
    APRIL_3,
    AWARD,
    CLINIC,
    ISED,
    MEIE,
    ROBOTS,
    SEPTEMBER_30,
)

pytestmark = pytest.mark.postgres


def test_a_whole_meeting(office: Office) -> None:
    """From the committee's foundation to sealed minutes, every step is seen in every view."""
    office.house.hears(granted(ISED, 100_000))
    office.house.hears(granted(MEIE, 30_000))
    office.house.hears(forwarded(ROBOTS))
    committee_id = office.committee()
    assert office.seen(f"/v1/committees/{committee_id}")["docket"] == [str(ROBOTS)]
    meeting_id = office.meeting(committee_id)
    next_id = office.meeting(committee_id, MAY_1)
    path = f"/v1/meetings/{meeting_id}"

    pack = office.seen(path)
    [item] = pack["items"]
    assert (pack["state"], item["state"], item["title"]) == (
        "scheduled",
        "undecided",
        "Robots that sort",
    )
    assert [each["name"] for each in item["participants"]] == ["Hydro", "Lab"]
    assert item["scores"] == [{"criterion": "impact", "score": 8, "out_of": 10}]
    assert item["asks"] == [
        {"pocket": ISED, "fiscal_year": 2024, "amount": {"cents": 40_000_00, "currency": "CAD"}},
        {"pocket": MEIE, "fiscal_year": 2024, "amount": {"cents": 20_000_00, "currency": "CAD"}},
    ]
    assert {each["pocket"]: each["would_remain"]["cents"] for each in pack["pockets"]} == {
        ISED: 60_000_00,
        MEIE: 10_000_00,
    }

    office.house.hears(forwarded(CLINIC))  # the agenda of today's meeting is closed
    assert [each["application_id"] for each in office.seen(f"/v1/meetings/{next_id}")["items"]] == [
        str(CLINIC)
    ]

    everybody = [member["person_id"] for member in MEMBERS]
    office.done(f"{path}/opening", {"present": everybody})
    office.done(f"{path}/items/{ROBOTS}/decision", FUND)
    office.done(f"{path}/sealing", {})

    pack = office.seen(path)
    [item] = pack["items"]
    assert (pack["state"], pack["sealed_on"], item["state"]) == ("sealed", str(APRIL_3), "fund")
    assert item["decision"]["granted"]["cents"] == 60_000_00
    award_id = item["decision"]["award_id"]
    award = office.seen(f"/v1/awards/{award_id}")
    assert (award["state"], award["granted"]["cents"], award["lapses_on"]) == (
        "approved",
        60_000_00,
        str(SEPTEMBER_30),
    )
    [line] = office.seen("/v1/decisions")["items"]
    assert (line["outcome"], line["votes_for"], line["votes_against"], line["abstained"]) == (
        "fund",
        2,
        0,
        1,
    )
    listed = {each["code"]: each for each in office.seen("/v1/pockets")["items"]}
    assert {code: each["available"]["cents"] for code, each in listed.items()} == {
        ISED: 60_000_00,
        MEIE: 10_000_00,
    }
    one = office.seen(f"/v1/pockets/{MEIE}")
    assert one["reserved_for"] == [
        {"award_id": award_id, "amount": {"cents": 20_000_00, "currency": "CAD"}}
    ]
    meetings = office.seen("/v1/meetings", committee_id=committee_id)["items"]
    assert [(each["meeting_id"], each["state"]) for each in meetings] == [
        (meeting_id, "sealed"),
        (next_id, "scheduled"),
    ]
    refused = office.post(f"{path}/items/{ROBOTS}/decision", FUND)
    assert (refused.status_code, refused.json()["code"]) == (409, "meeting-is-sealed")


def test_money_that_is_short(office: Office) -> None:
    """What a pocket cannot hold is refused in both languages, with what is asked and left."""
    path = office.sitting(ROBOTS, CLINIC)
    office.house.hears(granted(MEIE, 39_999))
    office.done(f"{path}/items/{ROBOTS}/decision", FUND)

    refused = office.post(f"{path}/items/{CLINIC}/decision", FUND, language="fr")

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "not-enough-in-pocket")
    assert problem["messages"] == {
        "en": f"Pocket {MEIE} has $19,999.00 left, and $20,000.00 is asked of it.",
        "fr": (
            f"Il reste 19\N{NARROW NO-BREAK SPACE}999,00\N{NARROW NO-BREAK SPACE}$ dans"
            f" l’enveloppe {MEIE}, à laquelle on demande"
            " 20\N{NARROW NO-BREAK SPACE}000,00\N{NARROW NO-BREAK SPACE}$."
        ),
    }
    assert problem["detail"] == problem["messages"]["fr"]
    [short] = problem["errors"]
    assert short["field"] == f"funding[{MEIE}]"
    assert short["accepted"] == {"at_most": {"cents": 19_999_00, "currency": "CAD"}}
    assert office.seen(f"/v1/pockets/{MEIE}")["reserved"]["cents"] == 20_000_00

    less = {
        **FUND,
        "funding": [
            {
                "participant_id": str(ADOPTER),
                "pocket": MEIE,
                "quarter": "2024-T3",
                "amount": {"cents": 19_999_00, "currency": "CAD"},
            }
        ],
    }
    office.done(f"{path}/items/{CLINIC}/decision", less)
    assert office.seen(f"/v1/pockets/{MEIE}")["available"]["cents"] == 0


def test_an_award_lapses(office: Office) -> None:
    """On the day it lapses its money is available again, and the award says why."""
    path = office.sitting(ROBOTS)
    office.done(f"{path}/items/{ROBOTS}/decision", FUND)
    [item] = office.seen(path)["items"]
    award_path = f"/v1/awards/{item['decision']['award_id']}"
    office.house.goes_to(SEPTEMBER_30 - timedelta(days=1))
    assert office.seen(award_path)["state"] == "approved"
    office.house.goes_to(SEPTEMBER_30)
    lapsed = office.seen(award_path)
    assert (lapsed["state"], lapsed["lapsed_on"], lapsed["reason"]) == (
        "lapsed",
        str(SEPTEMBER_30),
        "not-executed-in-time",
    )
    assert office.seen(f"/v1/pockets/{ISED}")["available"]["cents"] == 100_000_00


def test_an_agreement_is_executed(office: Office) -> None:
    """An executed agreement is seen with its award, and its money as committed."""
    path = office.sitting(ROBOTS)
    office.done(f"{path}/items/{ROBOTS}/decision", FUND)
    [item] = office.seen(path)["items"]
    award_id = UUID(item["decision"]["award_id"])
    fact = executed().model_copy(update={"award_id": award_id})
    office.house.hears(fact)
    assert office.seen(f"/v1/awards/{award_id}")["state"] == "committed"
    pocket = office.seen(f"/v1/pockets/{ISED}")
    assert (pocket["reserved"]["cents"], pocket["committed"]["cents"]) == (0, 40_000_00)
    assert pocket["committed_to"][0]["project_id"] == str(ROBOTS)


class TestConflicts:
    def test_hide_the_item(self, office: Office) -> None:
        """A member sees nothing of an item on which they have a conflict, before or after."""
        path = office.sitting(ROBOTS, CLINIC)
        # The investor belongs to a participant of both; the dean has said nothing yet.
        member = ("committee-member",)
        assert office.seen(path, person="investor", roles=member)["items"] == []
        assert office.seen(path, person="investor", roles=member)["pockets"] == []
        assert len(office.seen(path, person="dean", roles=member)["items"]) == 2
        body = {"application_id": str(ROBOTS), "person_id": "dean"}
        office.done(f"{path}/conflicts", body, person="dean", roles=member, amr=("pwd",))
        pack = office.seen(path, person="dean", roles=member)
        assert [each["application_id"] for each in pack["items"]] == [str(CLINIC)]
        assert str(ROBOTS) not in office.get(path, person="dean", roles=member).text
        assert {each["pocket"]: each["asked"]["cents"] for each in pack["pockets"]} == {
            ISED: 40_000_00,
            MEIE: 20_000_00,
        }
        assert len(office.seen(path)["items"]) == 2

    def test_in_whatever_role(self, office: Office) -> None:
        """Another role does not show a member what their conflict hides."""
        path = office.sitting(ROBOTS)
        both = ("committee-member", "auditor")
        assert office.seen(path, person="investor", roles=both)["items"] == []

    def test_take_the_vote(self, office: Office) -> None:
        """The vote of a member with a conflict is refused, naming who may vote."""
        path = office.sitting(ROBOTS)
        ballots = [*FUND["votes"], {"person_id": "investor", "vote": "for"}]
        refused = office.post(f"{path}/items/{ROBOTS}/decision", {**FUND, "votes": ballots})
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (409, "decision-not-valid")
        [error] = problem["errors"]
        assert (error["code"], error["field"]) == (
            "conflicted-member-has-no-vote",
            "votes[3].person_id",
        )
        assert "investor" not in error["accepted"]

    def test_are_ones_own_to_declare(self, office: Office) -> None:
        """A member declares their own conflicts; the secretary records anybody's."""
        path = office.sitting(ROBOTS)
        body = {"application_id": str(ROBOTS), "person_id": "professor"}
        refused = office.post(f"{path}/conflicts", body, person="dean", roles=("committee-member",))
        assert (refused.status_code, refused.json()["code"]) == (403, "conflict-of-another")
        office.done(f"{path}/conflicts", body)

    def test_before_the_meeting(self, office: Office) -> None:
        """A conflict declared before the meeting counts at it."""
        office.house.hears(forwarded(ROBOTS))
        path = f"/v1/meetings/{office.meeting(office.committee())}"
        body = {"application_id": str(ROBOTS), "person_id": "dean"}
        office.done(f"{path}/conflicts", body)
        assert office.seen(path, person="dean", roles=("committee-member",))["items"] == []
        everybody = [member["person_id"] for member in MEMBERS]
        office.done(f"{path}/opening", {"present": everybody})
        refused = office.post(f"{path}/items/{ROBOTS}/decision", FUND)
        assert "conflicted-member-has-no-vote" in {
            each["code"] for each in refused.json()["errors"]
        }


class TestCommands:
    def test_once(self, office: Office) -> None:
        """The same Idempotency-Key answers the same, and refuses another body."""
        key = uuid4()
        first = office.post("/v1/committees", COMMITTEE, key=key)
        again = office.post("/v1/committees", COMMITTEE, key=key)
        other = office.post("/v1/committees", {**COMMITTEE, "quorum": 3}, key=key)
        assert (first.status_code, again.json()) == (201, first.json())
        assert first.headers["Location"] == f"/v1/committees/{first.json()['id']}"
        assert (other.status_code, other.json()["code"]) == (422, "command-id-reused")

    def test_on_what_was_seen(self, office: Office) -> None:
        """If-Match with an older version of the meeting is refused, with the present one not."""
        path = office.sitting(ROBOTS)
        decision = f"{path}/items/{ROBOTS}/decision"
        seen = office.get(path).headers["ETag"]
        stale = office.post(decision, FUND, if_match='"1"')
        assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
        done = office.post(decision, FUND, if_match=seen)
        assert (done.status_code, done.headers["ETag"]) == (200, '"4"')

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"quorum": 9}, "quorum-out-of-reach"),
            ({"chair": "stranger"}, "chair-not-a-member"),
            ({"members": MEMBERS[:3]}, "too-few-independents"),
        ],
    )
    def test_an_unsound_committee(
        self, office: Office, change: dict[str, object], code: str
    ) -> None:
        """A committee that cannot decide is not set up."""
        refused = office.post("/v1/committees", {**COMMITTEE, **change})
        assert refused.status_code == 409
        assert code in {each["code"] for each in refused.json()["errors"]}

    def test_a_second_committee_for_a_programme(self, office: Office) -> None:
        """One committee decides for a programme."""
        office.committee()
        refused = office.post("/v1/committees", COMMITTEE)
        assert (refused.status_code, refused.json()["code"]) == (409, "programme-has-committee")

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            (f"/v1/committees/{AWARD}/meetings", {"held_on": str(APRIL_3)}),
            (f"/v1/meetings/{AWARD}/opening", {"present": ["professor"]}),
            (f"/v1/meetings/{AWARD}/sealing", {}),
            (f"/v1/meetings/{AWARD}/items/{ROBOTS}/decision", FUND),
            (
                f"/v1/meetings/{AWARD}/conflicts",
                {"application_id": str(ROBOTS), "person_id": "dean"},
            ),
        ],
    )
    def test_on_what_does_not_exist(
        self, office: Office, path: str, body: dict[str, object]
    ) -> None:
        """Nothing is done about what does not exist."""
        assert office.post(path, body).status_code == 404

    def test_without_saying_why(self, office: Office) -> None:
        """What is missing or unknown in a body is refused before any rule is asked."""
        path = office.sitting(ROBOTS)
        decision = f"{path}/items/{ROBOTS}/decision"
        for body in ({}, {"outcome": "maybe"}, {**FUND, "comment": "none"}):
            assert office.post(decision, body).status_code == 422


class TestRoles:
    @pytest.mark.parametrize("role", ["committee-member", "applicant", "auditor", "operator"])
    def test_only_the_secretary_acts(self, office: Office, role: str) -> None:
        """Committees and decisions are recorded by the secretary, with a second factor."""
        assert office.post("/v1/committees", COMMITTEE, roles=(role,)).status_code == 403
        weak = office.post("/v1/committees", COMMITTEE, amr=("pwd",))
        assert (weak.status_code, weak.json()["code"]) == (403, "second-factor-needed")

    def test_members_see_their_own_committees(self, office: Office) -> None:
        """A member sees the meetings of their committees and of no other."""
        committee_id = office.committee()
        meeting_id = office.meeting(committee_id)
        member = ("committee-member",)
        assert len(office.seen("/v1/committees", person="dean", roles=member)["items"]) == 1
        assert len(office.seen("/v1/meetings", person="dean", roles=member)["items"]) == 1
        assert office.seen("/v1/committees", person="stranger", roles=member)["items"] == []
        assert office.seen("/v1/meetings", person="stranger", roles=member)["items"] == []
        hidden = office.get(f"/v1/meetings/{meeting_id}", person="stranger", roles=member)
        assert hidden.status_code == 404

    @pytest.mark.parametrize("path", ["/v1/decisions", "/v1/pockets", f"/v1/awards/{AWARD}"])
    def test_registers_are_not_for_members(self, office: Office, path: str) -> None:
        """Where nothing is hidden from those in conflict, members have no access."""
        assert office.get(path, person="dean", roles=("committee-member",)).status_code == 403
        assert office.get(path, roles=("auditor",)).status_code in {200, 404}


class TestLists:
    def test_in_pages(self, office: Office) -> None:
        """Every list goes on where its page ended."""
        for code in "ABC":
            office.house.hears(granted(code, 1))
        programmes = ("ONE", "TWO", "THREE")
        committees = [office.committee(programmes=[each], name=each) for each in programmes]
        for number in range(3):
            office.meeting(committees[0], APRIL_3 + timedelta(days=number))
        for path, key, expected in (
            ("/v1/pockets", "code", ["A", "B", "C"]),
            ("/v1/committees", "name", ["ONE", "THREE", "TWO"]),
            (
                "/v1/meetings",
                "held_on",
                [str(APRIL_3 + timedelta(days=number)) for number in range(3)],
            ),
        ):
            first = office.seen(path, limit="2")
            rest = office.seen(path, limit="2", cursor=first["next"])
            assert [each[key] for each in (*first["items"], *rest["items"])] == expected
            assert rest["next"] is None

    def test_of_decisions(self, office: Office) -> None:
        """The register can be narrowed by programme, outcome and date, and paged."""
        path = office.sitting(ROBOTS, CLINIC)
        decline = {
            "outcome": "decline",
            "votes": [{"person_id": "professor", "vote": "against"}],
            "reasons": ["too early"],
        }
        office.done(f"{path}/items/{ROBOTS}/decision", FUND)
        office.done(f"{path}/items/{CLINIC}/decision", decline)

        def outcomes(**params: str) -> list[str]:
            return [each["outcome"] for each in office.seen("/v1/decisions", **params)["items"]]

        assert outcomes() == ["decline", "fund"]
        assert outcomes(outcome="fund") == ["fund"]
        assert outcomes(programme="HEALTH") == []
        assert outcomes(programme="IND-P2", decided_from=str(APRIL_3)) == ["decline", "fund"]
        assert outcomes(decided_until=str(APRIL_3 - timedelta(days=1))) == []
        first = office.seen("/v1/decisions", limit="1")
        assert outcomes(limit="1", cursor=first["next"]) == ["fund"]


def test_the_two_processes(house: House, tmp_path: Path) -> None:
    """The HTTP process and the worker can be made from settings alone."""
    issuer = DevelopmentIssuer(tmp_path, mode="embedded")
    settings = settings_for(house, issuer)
    with TestClient(main.build(settings)) as client:
        assert client.get("/health").json() == {"service": "selection", "alive": True}
        paths = client.get("/openapi.json").json()["paths"]
    assert "/v1/meetings/{meeting_id}/items/{application_id}/decision" in paths
    assert worker.build(settings) is not None
    assert {each.name for each in worker.PROJECTIONS} == {"calendar", "decisions", "pockets"}
