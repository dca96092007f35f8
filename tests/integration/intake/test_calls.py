"""Calls over HTTP: changed openly, asked about, and racing with submissions."""

from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

from services.intake.domain.application import DECIDER
from services.intake.domain.application_commands import SubmitApplication
from services.intake.domain.application_state import Submitted
from services.intake.use_cases import known, streams
from shared.eventstore.commands import carry_out
from shared.eventstore.store import Actor, Context
from tests.integration.intake.conftest import BUDGET, CONSORTIUM, LEAD, STRANGER, Office

MANAGER, OFFICER = "programme-manager", "intake-officer"
APPLICANT = f"applicant:{LEAD}"
WHY = {"en": "Holiday", "fr": "Jour férié"}


def move_clock(office: Office, instant: str) -> None:
    moved = office.client.put(
        "/clock", json={"instant": instant}, headers=office.headers("operator")
    )
    assert moved.status_code == 200, moved.text


def complete(office: Office, application_id: str) -> str:
    path = f"/v1/applications/{application_id}"
    office.do(APPLICANT, "PUT", f"{path}/consortium", CONSORTIUM)
    office.do(APPLICANT, "PUT", f"{path}/budget", BUDGET)
    return path


class TestChanging:
    def test_openly(self, office: Office, call_id: str) -> None:
        """Amended, extended and closed early, each with its reason, for everyone to read."""
        path = f"/v1/calls/{call_id}"
        call = office.see(APPLICANT, path)
        assert call["closes_in_toronto"] == {
            "on": "2023-05-16", "at": "00:00:00", "utc_offset": "-04:00",
        }  # fmt: skip
        body: dict[str, Any] = {
            "title": call["title"],
            "opens_at": call["opens_at"],
            "closes_at": call["closes_at"],
            "instructions": {"en": "Be brief", "fr": "Soyez brefs"},
            "reason": WHY,
        }
        office.do(MANAGER, "PUT", path, body)
        later = {"closes_at": "2023-05-23T03:59:59.999999Z", "reason": WHY}
        office.do(MANAGER, "POST", f"{path}/extension", later)
        office.do(MANAGER, "POST", f"{path}/closure", {"reason": WHY})
        seen = office.see(APPLICANT, path)
        assert (seen["instructions"]["fr"], seen["open"]) == ("Soyez brefs", False)
        [listed] = office.see(APPLICANT, "/v1/calls?open=false")["items"]
        assert listed == seen
        assert office.see(APPLICANT, "/v1/calls?open=true")["items"] == []
        lines = office.see(APPLICANT, f"{path}/history")["items"]
        assert [line["event"] for line in lines] == [
            "call.published", "call.amended", "call.extended", "call.closed-early",
        ]  # fmt: skip
        assert all("Jour férié" in line["says"]["fr"] for line in lines[1:])
        refused = office.do(MANAGER, "POST", f"{path}/extension", later, status=409)
        assert refused["code"] == "call-has-closed"

    def test_by_managers(self, office: Office, call_id: str) -> None:
        """Nobody else changes a call, and one that is not there is not found."""
        body = {"reason": WHY}
        office.do(OFFICER, "POST", f"/v1/calls/{call_id}/closure", body, status=403)
        office.do(MANAGER, "POST", f"/v1/calls/{uuid4()}/closure", body, status=404)
        office.see(MANAGER, f"/v1/calls/{uuid4()}/history", status=404)


class TestQuestions:
    def test_answered_to_everyone(self, office: Office, call_id: str) -> None:
        """A question is between asker and officers until it is answered, then everyone's."""
        path = f"/v1/calls/{call_id}/questions"
        asked = office.do(APPLICANT, "POST", path, {"text": "We at Firm wonder: who leads?"})
        other = f"applicant:{STRANGER}"
        assert office.see(other, path)["items"] == []
        for reader in (APPLICANT, OFFICER):
            [waiting] = office.see(reader, f"{path}?answered=false")["items"]
            assert waiting["organisation_id"] is not None
        answer = {
            "question": {"en": "Who leads?", "fr": "Qui dirige?"},
            "answer": {"en": "A firm", "fr": "Une entreprise"},
        }
        office.do(OFFICER, "POST", f"{path}/{asked['id']}/answer", answer)
        [told] = office.see(other, path)["items"]
        assert (told["question"], told["answer"]) == (answer["question"], answer["answer"])
        assert (told["text"], told["organisation_id"]) == (None, None)
        elsewhere = f"/v1/calls/{uuid4()}/questions"
        office.do(APPLICANT, "POST", elsewhere, {"text": "Hello?"}, status=404)
        office.do(OFFICER, "POST", f"{elsewhere}/{asked['id']}/answer", answer, status=404)


class TestTheLastInstant:
    def test_the_closing_itself(self, office: Office, application_id: str) -> None:
        """What is received at the closing instant is late; a refusal can be asked again."""
        path = complete(office, application_id)
        move_clock(office, "2023-05-16T04:00:00Z")
        key = uuid4()
        late = office.do(
            APPLICANT, "POST", f"{path}/submission", {"certified": True}, status=409, key=key
        )
        assert [each["code"] for each in late["errors"]] == ["call-closed"]

    def test_a_microsecond_before(self, office: Office, application_id: str) -> None:
        """What is received a microsecond before the closing is in time."""
        path = complete(office, application_id)
        move_clock(office, "2023-05-16T03:59:59.999999Z")
        office.do(APPLICANT, "POST", f"{path}/submission", {"certified": True})

    def test_received_before_it_closed_early(
        self, office: Office, call_id: str, application_id: str
    ) -> None:
        """A submission that waited while its call was closed counts when it came before that."""
        complete(office, application_id)
        received = datetime.fromisoformat("2023-04-03T13:00:00+00:00")
        move_clock(office, "2023-04-03T13:00:00.000001Z")
        office.do(MANAGER, "POST", f"/v1/calls/{call_id}/closure", {"reason": WHY})
        stream = streams.application(UUID(application_id))
        call = known.call_of(office.store, UUID(call_id))
        assert call.closes_at == received + timedelta(microseconds=1)
        context = Context(
            command_id=uuid4(),
            actor=Actor(id="p1"),
            correlation_id=uuid4(),
            causation_id=uuid4(),
        )
        command = SubmitApplication(
            certified=True,
            call=call,
            definition=known.definition_of(office.store, call),
            now=received,
            on=received.date(),
            by="p1",
        )
        carry_out(office.store, DECIDER, stream, command, context)
        state = DECIDER.fold(office.store.events(stream))
        assert isinstance(state, Submitted)
        assert state.sent.submitted_at == received

    def test_extended_at_the_same_time(
        self, office: Office, call_id: str, application_id: str
    ) -> None:
        """An extension and a submission that come together both take place."""
        path = complete(office, application_id)
        move_clock(office, "2023-05-16T03:59:59.999999Z")
        together = Barrier(2)
        answers: list[int] = []

        def send(who: str, where: str, body: dict[str, Any]) -> None:
            headers = office.headers(who) | {"Idempotency-Key": str(uuid4())}
            together.wait()
            answers.append(office.client.post(where, json=body, headers=headers).status_code)

        extension = {"closes_at": "2023-05-23T04:00:00Z", "reason": WHY}
        senders = [
            Thread(target=send, args=(MANAGER, f"/v1/calls/{call_id}/extension", extension)),
            Thread(target=send, args=(APPLICANT, f"{path}/submission", {"certified": True})),
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert answers == [200, 200]
        assert office.see(APPLICANT, path)["stage"] == "submitted"
