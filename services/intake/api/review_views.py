"""The review of an application and the officers' queue, as they are answered."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row

from services.intake.api.application_schemas import ApplicationOut, DecisionOut
from services.intake.api.information_schemas import InformationRequestOut
from services.intake.domain import open_points
from services.intake.domain.application_state import (
    Awarded,
    Declined,
    Draft,
    Lapsed,
    Started,
    UnderReview,
    Withdrawn,
    review_of,
    stage_of,
)
from services.intake.domain.review import Finding
from services.intake.domain.review_events import (
    CybersecurityPlan,
    EmissionsEstimate,
    IpPlan,
    RuleFinding,
    ThemeConcluded,
)


class FindingVersionOut(BaseModel):
    """What a finding says, or said until it was corrected."""

    severity: str
    text: str
    document_sha256: str | None
    reason: str | None
    """Why it replaces the one before."""
    on: date
    by: str


class FindingOut(BaseModel):
    """A finding in all its versions, oldest first; the last one counts."""

    id: UUID
    theme: str
    versions: list[FindingVersionOut]
    resolution: str | None
    resolved_on: date | None
    resolved_by: str | None
    stands_in_the_way: bool

    @classmethod
    def of(cls, finding: Finding) -> "FindingOut":
        """As officers read it."""
        resolved = finding.resolved
        return cls(
            id=finding.finding_id,
            theme=finding.theme,
            versions=[
                FindingVersionOut(
                    severity=version.severity,
                    text=version.text,
                    document_sha256=version.document_sha256,
                    reason=version.reason,
                    on=version.on,
                    by=version.by,
                )
                for version in finding.versions
            ],
            resolution=resolved.resolution if resolved else None,
            resolved_on=resolved.effective_on if resolved else None,
            resolved_by=resolved.by if resolved else None,
            stands_in_the_way=finding.stands_in_the_way,
        )


class ConclusionOut(BaseModel):
    """What officers think of a theme."""

    score: int
    out_of: int
    text: str
    ip_plan: IpPlan | None
    emissions: EmissionsEstimate | None
    cybersecurity: CybersecurityPlan | None
    on: date
    by: str

    @classmethod
    def of(cls, concluded: ThemeConcluded) -> "ConclusionOut":
        """As officers read it."""
        return cls(
            score=concluded.score,
            out_of=concluded.out_of,
            text=concluded.text,
            ip_plan=concluded.ip_plan,
            emissions=concluded.emissions,
            cybersecurity=concluded.cybersecurity,
            on=concluded.effective_on,
            by=concluded.by,
        )


class ThemeOut(BaseModel):
    """A theme of the programme, and what to think of it once it is concluded."""

    theme: str
    conclusion: ConclusionOut | None


class OpenPointOut(BaseModel):
    """What still stands before an assessment or a forwarding."""

    code: str
    en: str
    fr: str
    field: str | None


class ReviewOut(BaseModel):
    """Where the officers' work on an application stands; for staff."""

    application_id: UUID
    version: int
    stage: str
    officer_id: str | None
    eligibility: list[RuleFinding]
    """What was found rule by rule, where an officer wrote it down."""
    information_requests: list[InformationRequestOut]
    due_diligence_opened_on: date | None
    themes: list[ThemeOut]
    """As the programme lists them."""
    findings: list[FindingOut]
    open_points: list[OpenPointOut]
    """All that keeps it from being assessed or forwarded."""
    risks: list[str]
    """What the committee reads, or would read now."""
    decision: DecisionOut | None
    """How it ended, also as selection decided it."""

    @classmethod
    def of(cls, state: Started, *, version: int) -> "ReviewOut":
        """The review of an application, at whatever stage it is."""
        review = review_of(state)
        concluded = {each.theme: ConclusionOut.of(each) for each in review.conclusions}
        points = open_points.open_points(state) if isinstance(state, UnderReview) else ()
        return cls(
            application_id=state.proposal.application_id,
            version=version,
            stage=stage_of(state),
            officer_id=review.officer_id,
            eligibility=list(review.eligibility),
            information_requests=[InformationRequestOut.of(each) for each in review.requests],
            due_diligence_opened_on=review.opened.effective_on if review.opened else None,
            themes=[
                ThemeOut(theme=theme, conclusion=concluded.get(theme)) for theme in _themes(state)
            ],
            findings=[FindingOut.of(each) for each in review.findings],
            open_points=[
                OpenPointOut(code=each.code, en=each.en, fr=each.fr, field=each.field)
                for each in (point.as_reason() for point in points)
            ],
            risks=list(review.risks),
            decision=ApplicationOut.of(state, version=version, for_staff=True).decision,
        )


class QueueLine(BaseModel):
    """An application that waits for officers."""

    application_id: UUID
    programme_code: str
    call_id: UUID
    title: str
    lead_organisation_id: UUID
    stage: str
    officer_id: str | None
    submitted_on: date
    days_waiting: int
    """Calendar days since it was last submitted."""
    days_at_stage: int
    open_requests: int
    """Requests for information that are not closed."""
    next_due_on: date | None
    """When the applicant answers next."""
    overdue: bool
    """A request for information was not answered in time."""
    themes_asked: int
    themes_concluded: int
    blocking_findings: int

    @classmethod
    def of(cls, row: Row[Any], *, today: date) -> "QueueLine":
        """As officers read it on a day."""
        return cls(
            application_id=row.application_id,
            programme_code=row.programme_code,
            call_id=row.call_id,
            title=row.title,
            lead_organisation_id=row.lead_organisation_id,
            stage=row.stage,
            officer_id=row.officer_id,
            submitted_on=row.submitted_on,
            days_waiting=(today - row.submitted_on).days,
            days_at_stage=(today - row.stage_since).days,
            open_requests=row.open_requests,
            next_due_on=row.next_due_on,
            overdue=row.overdue_requests > 0,
            themes_asked=row.themes_asked,
            themes_concluded=row.themes_concluded,
            blocking_findings=row.blocking_findings,
        )


def _themes(state: Started) -> tuple[str, ...]:
    """The themes of the programme as it was when the application was submitted."""
    match state:
        case Draft():
            return ()
        case Withdrawn():
            return _themes(state.before)
        case Awarded() | Declined() | Lapsed():
            return _themes(state.forwarded)
        case _:
            return state.sent.definition.due_diligence
