"""A programme that asks for due diligence, and what officers do about an application to it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.intake.domain import review_commands as commands
from services.intake.domain import review_events as events
from services.intake.domain.application_commands import AssessApplication, ForwardApplication
from services.intake.domain.application_events import Event
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.definition import Section
from tests.unit.intake.examples import TODAY, definition
from tests.unit.intake.test_application import (
    assessed,
    common,
    confirmed,
    draft,
    submitted,
)

APPLICANT, ANALYST, COLLEAGUE = "p1", "o1", "o2"
REQUEST, FINDING = UUID(int=21), UUID(int=22)
DUE_ON = TODAY + timedelta(days=14)
SHA256 = "0b" * 32

diligent = replace(
    definition,
    sections=(Section(code="market", titles=Bilingual(en="Market", fr="Marché"), schema={}),),
    due_diligence=("financial", "emissions"),
)
sent = replace(submitted, definition=diligent)
at_desk: list[Event] = [*draft, sent]
eligible: list[Event] = [*at_desk, confirmed]

assign = commands.AssignOfficer(officer_id=ANALYST, on=TODAY, by=COLLEAGUE)
assigned = events.OfficerAssigned(**common, officer_id=ANALYST, by=COLLEAGUE)

questions = (
    events.Question(text="Which clients have signed?", section="market"),
    events.Question(text="Why so much equipment?", section="budget"),
)
answers = (
    events.Answer(text="Two of five.", document_sha256=SHA256),
    events.Answer(text="The sensors wear out."),
)
ask = commands.RequestInformation(
    request_id=REQUEST, questions=questions, due_on=DUE_ON, on=TODAY, by=ANALYST
)
asked = events.InformationRequested(
    **common, request_id=REQUEST, questions=questions, due_on=DUE_ON, by=ANALYST
)
supply = commands.SupplyInformation(request_id=REQUEST, answers=answers, on=TODAY, by=APPLICANT)
supplied = events.InformationSupplied(
    **common, request_id=REQUEST, answers=answers, late=False, by=APPLICANT
)
mark_overdue = commands.MarkInformationOverdue(request_id=REQUEST, on=DUE_ON + timedelta(days=1))
overdue = events.InformationMarkedOverdue(
    **common | {"effective_on": DUE_ON + timedelta(days=1)}, request_id=REQUEST, due_on=DUE_ON
)
close = commands.CloseInformationRequest(request_id=REQUEST, reason=None, on=TODAY, by=ANALYST)
closed = events.InformationRequestClosed(**common, request_id=REQUEST, reason=None, by=ANALYST)

open_it = commands.OpenDueDiligence(on=TODAY, by=ANALYST)
opened = events.DueDiligenceOpened(**common, themes=("financial", "emissions"), by=ANALYST)
looking: list[Event] = [*eligible, opened]

said: dict[str, Any] = {
    "finding_id": FINDING,
    "severity": "blocking",
    "text": "The match is not secured.",
    "document_sha256": SHA256,
}
record = commands.RecordFinding(**said, theme="financial", on=TODAY, by=ANALYST)
recorded = events.FindingRecorded(**common, **said, theme="financial", by=ANALYST)
softer: dict[str, Any] = said | {"severity": "major", "text": "Half of the match is secured."}
correct = commands.CorrectFinding(**softer, reason="A letter came.", on=TODAY, by=COLLEAGUE)
corrected = events.FindingCorrected(
    **common, **softer, theme="financial", reason="A letter came.", by=COLLEAGUE
)
resolve = commands.ResolveFinding(
    finding_id=FINDING, resolution="The bank confirmed it.", on=TODAY, by=COLLEAGUE
)
resolved = events.FindingResolved(
    **common,
    finding_id=FINDING,
    theme="financial",
    resolution="The bank confirmed it.",
    by=COLLEAGUE,
)

estimate = events.EmissionsEstimate(tonnes=1_200, method="ISO 14064-2, over ten years")
conclude_financial = commands.ConcludeTheme(
    theme="financial",
    score=7,
    text="Sound.",
    ip_plan=None,
    emissions=None,
    cybersecurity=None,
    on=TODAY,
    by=ANALYST,
)
conclude_emissions = replace(
    conclude_financial, theme="emissions", score=8, text="Credible.", emissions=estimate
)
financial_concluded = events.ThemeConcluded(
    **common, theme="financial", score=7, out_of=10, text="Sound.", by=ANALYST
)
emissions_concluded = events.ThemeConcluded(
    **common,
    theme="emissions",
    score=8,
    out_of=10,
    text="Credible.",
    by=ANALYST,
    emissions=estimate,
)
completed = events.DueDiligenceCompleted(**common, by=ANALYST)
reopen = commands.ReopenTheme(
    theme="financial", reason="New statements came.", on=TODAY, by=ANALYST
)
reopened = events.ThemeReopened(
    **common, theme="financial", reason="New statements came.", by=ANALYST
)

conclusions: list[Event] = [financial_concluded, emissions_concluded, completed]
looked_into: list[Event] = [*looking, *conclusions]
assess = AssessApplication(
    scores=(("team", 4), ("impact", 9)), summary="Strong", on=TODAY, by=ANALYST
)
forward = ForwardApplication(funding=None, on=TODAY, by=COLLEAGUE)
scored: list[Event] = [*looked_into, assessed]
