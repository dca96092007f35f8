"""
Due diligence: what officers look into, theme by theme, before they assess.

A programme lists its themes; one that lists none asks for no due diligence. A finding that is in
the way is settled by somebody who did not write it, and so is one that is no longer to be: no one
person both stops an application and lets it go.
"""

from uuid import UUID

from services.intake.domain.application_state import Assessed, Eligible, Started
from services.intake.domain.conclusions import ConclusionNotValid, problems_of_conclusion
from services.intake.domain.definition import NotAmongThese, TextMissing
from services.intake.domain.review import BLOCKING, SEVERITIES, Finding, Review
from services.intake.domain.review_commands import (
    ConcludeTheme,
    CorrectFinding,
    OpenDueDiligence,
    RecordFinding,
    ReopenTheme,
    ResolveFinding,
)
from services.intake.domain.review_events import (
    DueDiligenceCompleted,
    DueDiligenceOpened,
    FindingCorrected,
    FindingRecorded,
    FindingResolved,
    ReviewEvent,
    ThemeConcluded,
    ThemeReopened,
)
from services.intake.domain.stages import ReasonMissing, must_be_another, not_at_stage
from shared.kernel.refusals import Invalid, NotFound, Refusal, RuleBroken

OUT_OF = 10
"""The score of a theme is between 0 and this."""
MOST_FINDINGS = 100
"""What a committee is told of fits one message."""


class NoDueDiligenceAsked(RuleBroken):
    """Due diligence is for programmes that list its themes."""

    en = "This programme asks for no due diligence."
    fr = "Ce programme ne demande aucun contrôle préalable."


class DueDiligenceAlreadyOpened(RuleBroken):
    """Due diligence is opened once."""

    en = "Due diligence is already open."
    fr = "Le contrôle préalable est déjà ouvert."


class DueDiligenceNotOpened(RuleBroken):
    """Findings and conclusions are part of due diligence that was opened."""

    en = "Due diligence is not open yet."
    fr = "Le contrôle préalable n’est pas encore ouvert."


class FindingNotValid(Invalid):
    """A finding is about a theme of the programme, has a severity, and says something."""

    en = "The finding cannot be as described."
    fr = "Le constat ne peut pas être tel que décrit."


class TooManyFindings(RuleBroken):
    """Findings are few enough to be read."""

    en = "There are {most} findings; no more can be recorded."
    fr = "Il y a {most} constats; on ne peut pas en consigner d’autres."


class ThemeIsConcluded(RuleBroken):
    """Who has more to say of a concluded theme opens it again."""

    en = "The theme {theme} is concluded."
    fr = "Le thème {theme} est conclu."


class ThemeIsNotConcluded(RuleBroken):
    """Only a conclusion is taken back."""

    en = "The theme {theme} is not concluded."
    fr = "Le thème {theme} n’est pas conclu."


class FindingAlreadyResolved(RuleBroken):
    """A finding is settled once."""

    en = "This finding is already resolved."
    fr = "Ce constat est déjà réglé."


class AuthorCannotUnblock(RuleBroken):
    """Whoever wrote a blocking finding neither settles nor softens it."""

    en = "You wrote this blocking finding; someone else settles it."
    fr = "Vous avez rédigé ce constat bloquant; quelqu’un d’autre le règle."


def open_it(command: OpenDueDiligence, state: Started) -> list[ReviewEvent]:
    """Begin; refused where the programme lists no theme."""
    eligible = _at_work(state, command.by)
    themes = eligible.sent.definition.due_diligence
    if not themes:
        raise NoDueDiligenceAsked
    if eligible.review.opened is not None:
        raise DueDiligenceAlreadyOpened
    return [
        DueDiligenceOpened(
            effective_on=command.on,
            application_id=eligible.proposal.application_id,
            themes=themes,
            by=command.by,
        )
    ]


def record(command: RecordFinding, state: Started) -> list[ReviewEvent]:
    """Write a finding down; raises every problem of it at once."""
    eligible = _opened(state, command.by)
    review = eligible.review
    themes = eligible.sent.definition.due_diligence
    problems = _problems(command)
    if command.theme not in themes:
        problems.append(NotAmongThese(value=command.theme, field="theme", accepted=list(themes)))
    if problems:
        raise FindingNotValid(reasons=[problem.as_reason() for problem in problems])
    if review.is_concluded(command.theme):
        raise ThemeIsConcluded(theme=command.theme, field="theme")
    if len(review.findings) >= MOST_FINDINGS:
        raise TooManyFindings(most=MOST_FINDINGS)
    return [
        FindingRecorded(
            effective_on=command.on,
            application_id=eligible.proposal.application_id,
            finding_id=command.finding_id,
            theme=command.theme,
            severity=command.severity,
            text=command.text,
            document_sha256=command.document_sha256,
            by=command.by,
        )
    ]


def correct(command: CorrectFinding, state: Started) -> list[ReviewEvent]:
    """Say a finding otherwise; also when its theme is concluded, for the conclusion stays."""
    eligible = _opened(state, command.by)
    finding = _existing(eligible.review, command.finding_id)
    problems = _problems(command)
    if not command.reason.strip():
        problems.append(ReasonMissing(field="reason"))
    if problems:
        raise FindingNotValid(reasons=[problem.as_reason() for problem in problems])
    if finding.stands_in_the_way and command.severity != BLOCKING:
        _must_not_be_its_author(command.by, finding)
    return [
        FindingCorrected(
            effective_on=command.on,
            application_id=eligible.proposal.application_id,
            finding_id=finding.finding_id,
            theme=finding.theme,
            severity=command.severity,
            text=command.text,
            document_sha256=command.document_sha256,
            reason=command.reason,
            by=command.by,
        )
    ]


def resolve(command: ResolveFinding, state: Started) -> list[ReviewEvent]:
    """Say how a finding was settled."""
    eligible = _opened(state, command.by)
    finding = _existing(eligible.review, command.finding_id)
    if finding.resolved is not None:
        raise FindingAlreadyResolved
    if finding.stands_in_the_way:
        _must_not_be_its_author(command.by, finding)
    if not command.resolution.strip():
        raise FindingNotValid(reasons=[TextMissing(field="resolution").as_reason()])
    return [
        FindingResolved(
            effective_on=command.on,
            application_id=eligible.proposal.application_id,
            finding_id=finding.finding_id,
            theme=finding.theme,
            resolution=command.resolution,
            by=command.by,
        )
    ]


def conclude(command: ConcludeTheme, state: Started) -> list[ReviewEvent]:
    """Say what to think of a theme; the last conclusion completes due diligence."""
    eligible = _opened(state, command.by)
    review, application_id = eligible.review, eligible.proposal.application_id
    themes = eligible.sent.definition.due_diligence
    if command.theme not in themes:
        raise NotFound(kind="theme")
    if review.is_concluded(command.theme):
        raise ThemeIsConcluded(theme=command.theme)
    if problems := problems_of_conclusion(command, out_of=OUT_OF):
        raise ConclusionNotValid(reasons=problems)
    events: list[ReviewEvent] = [
        ThemeConcluded(
            effective_on=command.on,
            application_id=application_id,
            theme=command.theme,
            score=command.score,
            out_of=OUT_OF,
            text=command.text,
            ip_plan=command.ip_plan,
            emissions=command.emissions,
            cybersecurity=command.cybersecurity,
            by=command.by,
        )
    ]
    if all(review.is_concluded(theme) for theme in themes if theme != command.theme):
        events.append(
            DueDiligenceCompleted(
                effective_on=command.on, application_id=application_id, by=command.by
            )
        )
    return events


def reopen(command: ReopenTheme, state: Started) -> list[ReviewEvent]:
    """Take a conclusion back; another one is drawn later."""
    eligible = _opened(state, command.by)
    if command.theme not in eligible.sent.definition.due_diligence:
        raise NotFound(kind="theme")
    if not eligible.review.is_concluded(command.theme):
        raise ThemeIsNotConcluded(theme=command.theme)
    if not command.reason.strip():
        raise ReasonMissing(field="reason")
    return [
        ThemeReopened(
            effective_on=command.on,
            application_id=eligible.proposal.application_id,
            theme=command.theme,
            reason=command.reason,
            by=command.by,
        )
    ]


def _at_work(state: Started, by: str) -> Eligible | Assessed:
    if not isinstance(state, Eligible | Assessed):
        raise not_at_stage(state, "eligible")
    must_be_another(by, state)
    return state


def _opened(state: Started, by: str) -> Eligible | Assessed:
    eligible = _at_work(state, by)
    if eligible.review.opened is None:
        raise DueDiligenceNotOpened
    return eligible


def _existing(review: Review, finding_id: UUID) -> Finding:
    finding = review.finding(finding_id)
    if finding is None:
        raise NotFound(kind="finding")
    return finding


def _must_not_be_its_author(by: str, finding: Finding) -> None:
    if by in finding.authors:
        raise AuthorCannotUnblock


def _problems(command: RecordFinding | CorrectFinding) -> list[Refusal]:
    problems: list[Refusal] = []
    if command.severity not in SEVERITIES:
        problems.append(
            NotAmongThese(value=command.severity, field="severity", accepted=list(SEVERITIES))
        )
    if not command.text.strip():
        problems.append(TextMissing(field="text"))
    return problems
