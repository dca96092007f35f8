"""Reasons, as they are answered where nothing is refused."""

from collections.abc import Iterable

from shared.kernel.refusals import Reason
from shared.web.openapi import Messages, ProblemError


def told(reasons: Iterable[Reason]) -> list[ProblemError]:
    """The same shape as the ``errors`` of a refusal, in both languages."""
    return [
        ProblemError(
            code=reason.code,
            field=reason.field,
            messages=Messages(en=reason.en, fr=reason.fr),
            accepted=reason.accepted,
        )
        for reason in reasons
    ]
