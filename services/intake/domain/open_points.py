"""What still stands between an application under review and its committee, all of it at once."""

from collections.abc import Iterable

from services.intake.domain.application_state import UnderReview
from shared.kernel.refusals import Refusal, RuleBroken


class ReviewHasOpenPoints(RuleBroken):
    """An application is assessed and forwarded once everything that was begun is finished."""

    en = "The review is not finished; every open point is given."
    fr = "L’étude n’est pas terminée; tous les points ouverts sont donnés."


class ThemeNotConcluded(RuleBroken):
    """Every theme that the programme lists is concluded."""

    en = "The theme {theme} is not concluded."
    fr = "Le thème {theme} n’est pas conclu."


class InformationRequestOpen(RuleBroken):
    """Every request for information is closed: its answer was read, or none is needed any more."""

    en = "A request for information due on {due_on} is not closed."
    fr = "Une demande de renseignements à fournir le {due_on} n’est pas close."


class BlockingFindingStands(RuleBroken):
    """Every blocking finding is settled."""

    en = "A blocking finding of the theme {theme} stands: {text}"
    fr = "Un constat bloquant du thème {theme} demeure\u00a0: {text}"


def must_have_no_open_points(state: UnderReview) -> None:
    """Raises ``ReviewHasOpenPoints`` with all of them."""
    if points := [point.as_reason() for point in open_points(state)]:
        raise ReviewHasOpenPoints(reasons=points)


def open_points(state: UnderReview) -> Iterable[Refusal]:
    """Themes without a conclusion, requests that are not closed, findings in the way."""
    review = state.review
    for theme in state.sent.definition.due_diligence:
        if not review.is_concluded(theme):
            yield ThemeNotConcluded(theme=theme, field=f"themes.{theme}")
    for request in review.requests:
        if request.closed is None:
            yield InformationRequestOpen(
                due_on=request.due_on, field=f"information-requests.{request.request_id}"
            )
    for finding in review.findings:
        if finding.stands_in_the_way:
            yield BlockingFindingStands(
                theme=finding.theme,
                text=finding.current.text,
                field=f"findings.{finding.finding_id}",
            )
