"""Seats, packs, conflicts, reviews, written votes and minutes over HTTP, on PostgreSQL."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.integration.selection.facts import forwarded, granted
from tests.integration.selection.office import FUND, MEMBERS, Office
from tests.unit.selection.examples import APRIL_3, CLINIC, HYDRO, ISED, MEIE, ROBOTS

pytestmark = pytest.mark.postgres

MEMBER = {"roles": ("committee-member",), "amr": ("pwd",)}
APRIL_20 = date(2023, 4, 20)
WHO = ("committee-member",)


def ahead(office: Office, *, held_on: date = APRIL_20, **body: object) -> str:
    """The path of a meeting on 20 April with the robots and the clinic on its agenda."""
    office.house.hears(granted(ISED, 100_000))
    office.house.hears(granted(MEIE, 50_000))
    committee_id = office.committee()
    answer = office.done(
        f"/v1/committees/{committee_id}/meetings", {"held_on": str(held_on), **body}
    )
    for application_id in (ROBOTS, CLINIC):
        office.house.hears(forwarded(application_id))
    return f"/v1/meetings/{answer['id']}"


def seen_by(office: Office, path: str, person: str, **params: str) -> Any:
    return office.seen(path, person=person, roles=WHO, **params)


class TestSeats:
    def test_come_and_go(self, office: Office) -> None:
        """A seat is given, passed on and left; who has none sees nothing of the committee."""
        path = f"/v1/committees/{office.committee()}"
        newcomer = {"person_id": "newcomer", "kind": "independent", "until": "2023-04-30"}
        office.done(f"{path}/members", {"member": newcomer})
        assert len(seen_by(office, "/v1/committees", "newcomer")["items"]) == 1
        office.house.goes_to(date(2023, 5, 1))
        assert seen_by(office, "/v1/committees", "newcomer")["items"] == []
        successor = {"person_id": "successor", "kind": "independent"}
        body = {"member": successor, "reason": "has retired"}
        office.done(f"{path}/members/dean/replacement", body)
        office.done(f"{path}/members/insider/departure", {"reason": "has another post"})
        office.done(f"{path}/chair", {"chair": "successor"})
        shown = office.seen(path)
        assert shown["chair"] == "successor"
        people = [each["person_id"] for each in shown["members"]]
        assert people == ["colleague", "professor", "investor", "newcomer", "successor"]
        for person, number in (("dean", 0), ("insider", 0), ("successor", 1)):
            assert len(seen_by(office, "/v1/committees", person)["items"]) == number

    def test_stay_sound(self, office: Office) -> None:
        """A change that would leave the committee unsound is refused with its reason."""
        path = f"/v1/committees/{office.committee()}"
        refused = office.post(f"{path}/members/professor/departure", {"reason": "has retired"})
        assert refused.status_code == 409
        assert [each["code"] for each in refused.json()["errors"]] == ["chair-not-a-member"]
        weak = office.post(f"{path}/chair", {"chair": "dean"}, **MEMBER)
        assert weak.status_code == 403

    def test_whose_term_is_over(self, office: Office) -> None:
        """A member whose term has ended is not at a meeting, and cannot be."""
        members = [{**each, "until": "2023-04-19"} if each["person_id"] == "dean" else each
                   for each in MEMBERS]  # fmt: skip
        committee_id = office.committee(members=members)
        path = f"/v1/meetings/{office.meeting(committee_id, APRIL_20)}"
        office.house.goes_to(APRIL_20)
        refused = office.post(f"{path}/opening", {"present": ["professor", "dean"]})
        assert (refused.status_code, refused.json()["code"]) == (409, "not-members")
        office.done(f"{path}/opening", {"present": ["professor", "insider"]})
        assert "dean" not in {each["person_id"] for each in office.seen(path)["members"]}

    def test_with_a_calendar(self, office: Office) -> None:
        """A committee with a rule has its meetings at once; one is moved, one is cancelled."""
        rule = {"week": 2, "weekday": 4}
        committee_id = office.committee(calendar=rule)
        shown = office.seen(f"/v1/committees/{committee_id}")
        assert shown["calendar"] == rule
        first, second, *_ = shown["scheduled"]
        assert first["held_on"] == "2023-04-13"
        path = f"/v1/meetings/{first['meeting_id']}"
        office.done(f"{path}/move", {"held_on": "2023-04-18", "reason": "no room"})
        out = office.post(f"{path}/move", {"held_on": "2023-05-02", "reason": "no room"})
        assert (out.status_code, out.json()["code"]) == (409, "moved-out-of-its-month")
        other = f"/v1/meetings/{second['meeting_id']}"
        office.done(f"{other}/cancellation", {"reason": "nobody can come"})
        lines = office.seen("/v1/meetings")["items"]
        assert [(each["held_on"], each["state"]) for each in lines[:2]] == [
            ("2023-04-18", "scheduled"),
            ("2023-05-11", "cancelled"),
        ]
        assert office.seen(other)["state"] == "cancelled"
        assert office.seen(other)["reason"] == "nobody can come"
        opening = office.post(f"{other}/opening", {"present": ["professor"]})
        assert (opening.status_code, opening.json()["code"]) == (409, "meeting-is-cancelled")


class TestPack:
    def test_shows_what_has_changed(self, office: Office) -> None:
        """A pack is kept as it was when the agenda closed, with later changes beside it."""
        path = ahead(office)
        so_far = office.seen(f"{path}/pack")
        assert so_far["frozen_on"] is None
        assert len(so_far["items"]) == 2
        office.house.goes_to(date(2023, 4, 11))
        better = forwarded(ROBOTS).model_copy(
            update={"title": "Robots that sort better", "risks": ("one supplier",)}
        )
        office.house.hears(better)
        office.house.hears(granted(ISED, 10))
        pack = office.seen(f"{path}/pack")
        assert pack["frozen_on"] == "2023-04-10"
        by_id = {each["application_id"]: each for each in pack["items"]}
        robots = by_id[str(ROBOTS)]
        assert robots["proposal"]["title"] == "Robots that sort"
        assert robots["changed_since"]["fields"] == ["title", "risks"]
        assert robots["changed_since"]["now"]["risks"] == ["one supplier"]
        assert by_id[str(CLINIC)]["changed_since"] is None
        left = {each["pocket"]: each["would_remain"]["cents"] for each in pack["pockets"]}
        assert left == {ISED: 20_000_00, MEIE: 10_000_00}
        first = pack["items"][0]["after"]
        assert [each["would_remain"]["cents"] for each in first] == [60_000_00, 30_000_00]
        [year] = first[0]["years"]
        assert (year["fiscal_year"], year["asked"]["cents"]) == (2024, 40_000_00)

    def test_hides_what_a_conflict_hides(self, office: Office) -> None:
        """A member sees nothing of an item on which they have a conflict, in no figure either."""
        path = ahead(office)
        body = {"application_id": str(ROBOTS), "person_id": "dean"}
        office.done(f"{path}/conflicts", body, person="dean", **MEMBER)
        for _ in range(2):
            answer = office.get(f"{path}/pack", person="dean", roles=WHO)
            assert str(ROBOTS) not in answer.text
            left = {each["pocket"]: each["would_remain"]["cents"]
                    for each in answer.json()["pockets"]}  # fmt: skip
            assert left == {ISED: 60_000_00, MEIE: 30_000_00}
            office.house.goes_to(APRIL_20)
        office.done(f"{path}/opening", {"present": ["professor", "insider", "dean"]})
        ballots = [{"person_id": each, "vote": "for"} for each in ("professor", "insider")]
        office.done(f"{path}/items/{ROBOTS}/decision", {**FUND, "votes": ballots})
        after = seen_by(office, path, "dean")
        assert {each["pocket"]: each["available"]["cents"] for each in after["pockets"]} == {
            ISED: 100_000_00,
            MEIE: 50_000_00,
        }
        assert office.get(f"{path}/pack", person="stranger", roles=WHO).status_code == 404


class TestConflicts:
    def test_links_are_shown_to_the_secretary(self, office: Office) -> None:
        """Undeclared links are found by the system and listed apart from declared conflicts."""
        path = ahead(office)
        committee_id = office.seen(path)["committee_id"]
        interest = {"person_id": "dean", "organisation_id": str(HYDRO)}
        office.done(f"/v1/committees/{committee_id}/interests", interest, person="dean", **MEMBER)
        office.done(f"{path}/conflicts", {"application_id": str(ROBOTS), "person_id": "insider"})
        listed = office.seen(f"{path}/conflicts")["conflicts"]
        about_robots = [
            (each["person_id"], each["declared"], each["link"])
            for each in listed
            if each["application_id"] == str(ROBOTS)
        ]
        assert about_robots == [
            ("dean", False, "declared-interest"),
            ("insider", True, None),
            ("investor", False, "same-organisation"),
        ]
        assert seen_by(office, path, "dean")["items"] == []
        assert office.get(f"{path}/conflicts", person="dean", roles=WHO).status_code == 403
        other = {"person_id": "professor", "organisation_id": str(HYDRO)}
        refused = office.post(
            f"/v1/committees/{committee_id}/interests", other, person="dean", **MEMBER
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "interest-of-another")
        end = {**interest, "reason": "sold"}
        office.done(f"/v1/committees/{committee_id}/interests/end", end)
        assert len(seen_by(office, path, "dean")["items"]) == 2

    def test_a_wrong_one_is_withdrawn(self, office: Office) -> None:
        """The secretary withdraws a conflict that was declared wrongly, before the decision."""
        path = office.sitting(ROBOTS)
        body = {"application_id": str(ROBOTS), "person_id": "dean"}
        office.done(f"{path}/conflicts", body, person="dean", **MEMBER)
        assert seen_by(office, path, "dean")["items"] == []
        withdraw = {**body, "reason": "another company of a similar name"}
        by_the_dean = office.post(f"{path}/conflicts/withdrawal", withdraw, person="dean", **MEMBER)
        assert by_the_dean.status_code == 403
        assert office.post(f"{path}/conflicts/withdrawal", body).status_code == 422
        office.done(f"{path}/conflicts/withdrawal", withdraw)
        assert len(seen_by(office, path, "dean")["items"]) == 1
        office.done(f"{path}/items/{ROBOTS}/decision", FUND)
        late = office.post(f"{path}/conflicts/withdrawal", withdraw)
        assert (late.status_code, late.json()["code"]) == (409, "item-already-decided")

    def test_hide_from_the_secretary_too(self, office: Office) -> None:
        """A secretary who is a member sees nothing of an item on which they have a conflict."""
        path = ahead(office)
        office.done(f"{path}/conflicts", {"application_id": str(ROBOTS), "person_id": "dean"})
        committee_id = office.seen(path)["committee_id"]
        for place in (path, f"{path}/pack", f"{path}/conflicts", f"{path}/reviews",
                      f"/v1/committees/{committee_id}"):  # fmt: skip
            assert str(ROBOTS) not in office.get(place, person="dean").text
            assert str(ROBOTS) in office.get(place).text
        assert office.get(f"{path}/items/{ROBOTS}/reviews", person="dean").status_code == 404


class TestReviews:
    def test_are_hidden_until_ones_own_is_in(self, office: Office) -> None:
        """A member sees the others' scores and their spread when their own score is in."""
        path = f"{ahead(office)}/items/{ROBOTS}"
        office.done(f"{path}/scores", {"points": {"impact": 9}}, person="professor", **MEMBER)
        body = {"recommendation": "discuss", "text": "The schedule is tight."}
        office.done(f"{path}/recommendation", body, person="professor", **MEMBER)
        before = seen_by(office, f"{path}/reviews", "dean")
        assert (before["opinions"], before["spread"]) == ([], [])
        assert before["others_hidden"]
        assert before["scored"] == ["professor"]
        office.done(f"{path}/scores", {"points": {"impact": 4}}, person="dean", **MEMBER)
        after = seen_by(office, f"{path}/reviews", "dean")
        assert [each["person_id"] for each in after["opinions"]] == ["dean", "professor"]
        assert after["opinions"][1]["recommendation"] == "discuss"
        assert [(each["lowest"], each["highest"], each["mean_tenths"])
                for each in after["spread"]] == [(4, 9, 65), (4, 9, 65)]  # fmt: skip
        missing = office.seen(f"{path.rsplit('/items', 1)[0]}/reviews")["items"]
        assert {each["application_id"]: each["not_scored"] for each in missing} == {
            str(ROBOTS): ["colleague", "insider"],
            str(CLINIC): ["colleague", "dean", "insider", "professor"],
        }

    def test_of_those_who_may(self, office: Office) -> None:
        """Members without a conflict score, on the grid, until the item is decided."""
        path = f"{ahead(office)}/items/{ROBOTS}"
        points = {"points": {"impact": 9}}
        for person in ("investor", "stranger"):
            assert office.post(f"{path}/scores", points, person=person, **MEMBER).status_code == 404
        off = office.post(f"{path}/scores", {"points": {"style": 9}}, person="dean", **MEMBER)
        assert off.status_code == 409
        assert {each["code"] for each in off.json()["errors"]} == {
            "criterion-not-scored",
            "no-such-criterion",
        }
        office.house.goes_to(APRIL_20)
        meeting = path.rsplit("/items", 1)[0]
        office.done(f"{meeting}/opening", {"present": ["professor", "insider", "dean"]})
        office.done(f"{path}/scores", points, person="dean", **MEMBER)
        office.done(f"{path}/decision", FUND)
        late = office.post(f"{path}/scores", points, person="professor", **MEMBER)
        assert (late.status_code, late.json()["code"]) == (409, "item-already-decided")

    def test_at_the_meeting_only(self, office: Office) -> None:
        """Where the committee says so, nobody sees the others' before the meeting opens."""
        office.house.hears(forwarded(ROBOTS))
        committee_id = office.committee(scores_visible="at-meeting")
        meeting = f"/v1/meetings/{office.meeting(committee_id)}"
        path = f"{meeting}/items/{ROBOTS}"
        for person in ("dean", "professor"):
            office.done(f"{path}/scores", {"points": {"impact": 9}}, person=person, **MEMBER)
        assert seen_by(office, f"{path}/reviews", "dean")["others_hidden"]
        office.done(f"{meeting}/opening", {"present": ["professor", "insider", "dean"]})
        assert not seen_by(office, f"{path}/reviews", "dean")["others_hidden"]


class TestWritten:
    def test_votes_come_in_until_the_closing_day(self, office: Office) -> None:
        """Members vote through the API; those who answered are the quorum; then it is decided."""
        path = ahead(office, kind="written", closes_on="2023-04-22")
        office.house.goes_to(APRIL_20)
        office.done(f"{path}/opening", {})
        ballot = f"{path}/items/{ROBOTS}/ballot"
        for person, vote in (("professor", "for"), ("insider", "against"), ("insider", "for")):
            office.done(ballot, {"vote": vote}, person=person, **MEMBER)
        hidden = office.post(ballot, {"vote": "for"}, person="investor", **MEMBER)
        assert (hidden.status_code, hidden.json()["code"]) == (409, "not-on-the-agenda")
        fund = {**FUND, "votes": []}
        early = office.post(f"{path}/items/{ROBOTS}/decision", fund)
        assert [each["code"] for each in early.json()["errors"]] == ["votes-still-come-in"]
        office.house.goes_to(APRIL_20 + timedelta(days=3))
        late = office.post(ballot, {"vote": "for"}, person="dean", **MEMBER)
        assert (late.status_code, late.json()["code"]) == (409, "voting-closed")
        office.done(f"{path}/items/{ROBOTS}/decision", fund)
        [item] = [each for each in office.seen(path)["items"] if each["decision"]]
        assert [(each["person_id"], each["vote"]) for each in item["decision"]["votes"]] == [
            ("insider", "for"),
            ("professor", "for"),
        ]


class TestMinutes:
    def test_from_draft_to_seal(self, office: Office) -> None:
        """Drafted, corrected by a member, approved by the chair, sealed by its hash, unchanged."""
        path = office.sitting(ROBOTS, CLINIC)
        office.done(f"{path}/items/{ROBOTS}/decision", FUND)
        assert office.seen(f"{path}/minutes")["state"] == "draft"
        body = {"text": "The dean was heard first.", "application_id": str(ROBOTS)}
        office.done(f"{path}/minutes/corrections", body, person="dean", **MEMBER)
        [correction] = office.seen(f"{path}/minutes")["corrections"]
        assert correction["accepted"] is None
        early = office.post(f"{path}/sealing", {})
        assert (early.status_code, early.json()["code"]) == (409, "corrections-unsettled")
        settlement = f"{path}/minutes/corrections/{correction['correction_id']}/settlement"
        office.done(settlement, {"accepted": True})
        not_the_chair = office.post(f"{path}/minutes/approval", {}, person="dean", **MEMBER)
        assert (not_the_chair.status_code, not_the_chair.json()["code"]) == (
            403,
            "not-their-minutes",
        )
        office.done(f"{path}/minutes/approval", {}, person="professor", **MEMBER)
        assert office.seen(f"{path}/minutes")["state"] == "approved"
        decline = {"outcome": "defer"}
        closed = office.post(f"{path}/items/{CLINIC}/decision", decline)
        assert (closed.status_code, closed.json()["code"]) == (409, "minutes-are-approved")
        office.done(f"{path}/sealing", {})
        sealed = office.seen(f"{path}/minutes", language="fr")
        assert (sealed["state"], sealed["approved_by"]) == ("sealed", "professor")
        assert len(sealed["content_hash"]) == 64
        assert sealed["title"] == "Procès-verbal de la réunion du 3 avril 2023"
        assert any(sealed["content_hash"] in line for line in sealed["sections"][-1]["lines"])
        again = office.post(f"{path}/minutes/corrections", body, person="dean", **MEMBER)
        assert (again.status_code, again.json()["code"]) == (409, "meeting-is-sealed")

    def test_documents_are_the_same_bytes(self, office: Office) -> None:
        """Page and PDF do not change as long as the facts do not, whatever day it is."""
        path = office.sitting(ROBOTS)
        office.done(f"{path}/items/{ROBOTS}/decision", FUND)
        office.done(f"{path}/sealing", {})

        def documents() -> list[bytes]:
            answers = [
                office.get(f"{path}/minutes.{kind}", language=language)
                for kind in ("html", "pdf")
                for language in ("en", "fr")
            ]
            assert [each.status_code for each in answers] == [200] * 4
            assert answers[0].headers["content-type"] == "text/html; charset=utf-8"
            assert answers[2].headers["content-type"] == "application/pdf"
            return [each.content for each in answers]

        first = documents()
        office.house.goes_to(APRIL_3 + timedelta(days=100))
        office.house.hears(forwarded(ROBOTS).model_copy(update={"title": "Another"}))
        assert documents() == first
        assert len(set(first)) == 4

    def test_an_extract_for_those_in_conflict(self, office: Office) -> None:
        """Minutes for whoever has a conflict on an item say nothing of it, in any form."""
        path = office.sitting(ROBOTS, CLINIC)
        body = {"application_id": str(ROBOTS), "person_id": "dean"}
        office.done(f"{path}/conflicts", body)
        note = {"text": "About robots.", "application_id": str(ROBOTS)}
        office.done(f"{path}/minutes/corrections", note, person="insider", **MEMBER)
        shown = office.get(f"{path}/minutes", person="dean", roles=WHO)
        assert shown.json()["extract"]
        assert [each["application_id"] for each in shown.json()["items"]] == [str(CLINIC)]
        assert str(ROBOTS) not in shown.text
        assert "About robots." not in shown.text
        page = office.get(f"{path}/minutes.html", person="dean", roles=WHO).text
        assert page.count("Item ") == 1
        assert not office.seen(f"{path}/minutes")["extract"]
        assert office.get(f"{path}/minutes", person="stranger", roles=WHO).status_code == 404

    def test_of_a_meeting_ahead(self, office: Office) -> None:
        """A meeting that has not opened has no minutes."""
        path = ahead(office)
        refused = office.get(f"{path}/minutes")
        assert (refused.status_code, refused.json()["code"]) == (409, "meeting-not-open")
        assert office.get(f"/v1/meetings/{uuid4()}/minutes").status_code == 404
