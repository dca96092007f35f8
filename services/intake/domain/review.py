"""What officers know and still have to do about an application, and how events change it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from services.intake.domain.review_events import (
    Answer,
    DueDiligenceCompleted,
    DueDiligenceOpened,
    FindingCorrected,
    FindingRecorded,
    FindingResolved,
    InformationMarkedOverdue,
    InformationRequestClosed,
    InformationRequested,
    InformationSupplied,
    OfficerAssigned,
    Question,
    ReviewEvent,
    RuleFinding,
    ThemeConcluded,
    ThemeReopened,
)

BLOCKING = "blocking"
SEVERITIES = ("note", "minor", "major", BLOCKING)
RISKS = ("major", BLOCKING)
"""The severities of what a committee is told of."""


WAITING = ("open", "overdue")
"""The statuses of a request that its applicant has not answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequest:
    """What the applicant was asked, and what became of it."""

    request_id: UUID
    questions: tuple[Question, ...]
    asked_on: date
    due_on: date
    asked_by: str
    overdue: bool = False
    """The date passed without an answer."""
    supplied: InformationSupplied | None = None
    closed: InformationRequestClosed | None = None

    @property
    def status(self) -> str:
        """``closed``, ``answered``, ``overdue`` or ``open``."""
        if self.closed is not None:
            return "closed"
        if self.supplied is not None:
            return "answered"
        return "overdue" if self.overdue else "open"

    @property
    def answers(self) -> tuple[Answer, ...]:
        """In the order of the questions; none before it is answered."""
        return self.supplied.answers if self.supplied else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingVersion:
    """What a finding says, or said until it was corrected."""

    severity: str
    text: str
    document_sha256: str | None
    reason: str | None
    """Why it replaces the one before; None for the first."""
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something officers found, in every version in which it was written down."""

    finding_id: UUID
    theme: str
    versions: tuple[FindingVersion, ...]
    """Oldest first."""
    resolved: FindingResolved | None = None

    @property
    def current(self) -> FindingVersion:
        """What it says now."""
        return self.versions[-1]

    @property
    def stands_in_the_way(self) -> bool:
        """It is blocking, and nobody has settled it."""
        return self.current.severity == BLOCKING and self.resolved is None

    @property
    def authors(self) -> frozenset[str]:
        """Whoever wrote any version of it."""
        return frozenset(version.by for version in self.versions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Where the officers' work stands."""

    officer_id: str | None = None
    eligibility: tuple[RuleFinding, ...] = ()
    """What was found of the programme's rules, where an officer wrote it down."""
    requests: tuple[InformationRequest, ...] = ()
    opened: DueDiligenceOpened | None = None
    findings: tuple[Finding, ...] = ()
    conclusions: tuple[ThemeConcluded, ...] = ()
    """Those that hold, one per theme, in the order in which they were drawn."""

    def request(self, request_id: UUID) -> InformationRequest | None:
        """The information request of that id."""
        return next((each for each in self.requests if each.request_id == request_id), None)

    def finding(self, finding_id: UUID) -> Finding | None:
        """The finding of that id."""
        return next((each for each in self.findings if each.finding_id == finding_id), None)

    def is_concluded(self, theme: str) -> bool:
        """The theme has a conclusion that holds."""
        return any(each.theme == theme for each in self.conclusions)

    @property
    def risks(self) -> tuple[str, ...]:
        """What may go wrong, for the committee; of what was settled, also how."""
        return tuple(
            f"{finding.current.text} → {finding.resolved.resolution}"
            if finding.resolved
            else finding.current.text
            for finding in self.findings
            if finding.current.severity in RISKS
        )


NOT_REVIEWED = Review()
"""What is known of an application when it was just submitted."""


def after(review: Review, event: ReviewEvent) -> Review:  # noqa: C901, PLR0911, PLR0912  # one case per event
    """The review after one more event."""
    match event:
        case OfficerAssigned():
            return replace(review, officer_id=event.officer_id)
        case InformationRequested():
            request = InformationRequest(
                request_id=event.request_id,
                questions=event.questions,
                asked_on=event.effective_on,
                due_on=event.due_on,
                asked_by=event.by,
            )
            return replace(review, requests=(*review.requests, request))
        case InformationSupplied():
            request = replace(_request(review, event.request_id), supplied=event)
            return _with_request(review, request)
        case InformationMarkedOverdue():
            request = replace(_request(review, event.request_id), overdue=True)
            return _with_request(review, request)
        case InformationRequestClosed():
            request = replace(_request(review, event.request_id), closed=event)
            return _with_request(review, request)
        case DueDiligenceOpened():
            return replace(review, opened=event)
        case FindingRecorded():
            finding = Finding(
                finding_id=event.finding_id, theme=event.theme, versions=(_version(event),)
            )
            return replace(review, findings=(*review.findings, finding))
        case FindingCorrected():
            before = _finding(review, event.finding_id)
            # Whatever settled it settled what it said before.
            resolved = None if event.severity == BLOCKING else before.resolved
            versions = (*before.versions, _version(event))
            return _with_finding(review, replace(before, versions=versions, resolved=resolved))
        case FindingResolved():
            finding = replace(_finding(review, event.finding_id), resolved=event)
            return _with_finding(review, finding)
        case ThemeConcluded():
            return replace(review, conclusions=(*review.conclusions, event))
        case ThemeReopened():
            kept = tuple(each for each in review.conclusions if each.theme != event.theme)
            return replace(review, conclusions=kept)
        case DueDiligenceCompleted():
            return review  # it follows from the conclusions
        case unreachable:
            assert_never(unreachable)


def _version(event: FindingRecorded | FindingCorrected) -> FindingVersion:
    return FindingVersion(
        severity=event.severity,
        text=event.text,
        document_sha256=event.document_sha256,
        reason=event.reason if isinstance(event, FindingCorrected) else None,
        on=event.effective_on,
        by=event.by,
    )


def _request(review: Review, request_id: UUID) -> InformationRequest:
    request = review.request(request_id)
    if request is None:
        raise TypeError(f"a history cannot go on so: nobody asked {request_id}")
    return request


def _finding(review: Review, finding_id: UUID) -> Finding:
    finding = review.finding(finding_id)
    if finding is None:
        raise TypeError(f"a history cannot go on so: nobody found {finding_id}")
    return finding


def _with_request(review: Review, changed: InformationRequest) -> Review:
    return replace(
        review,
        requests=tuple(
            changed if each.request_id == changed.request_id else each for each in review.requests
        ),
    )


def _with_finding(review: Review, changed: Finding) -> Review:
    return replace(
        review,
        findings=tuple(
            changed if each.finding_id == changed.finding_id else each for each in review.findings
        ),
    )
