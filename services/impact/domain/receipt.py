"""The receipt of a response: what was submitted, when, and a digest that anybody can compute."""

import hashlib
import json
from dataclasses import asdict, dataclass

from services.impact.domain.survey_events import ResponseSubmitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was submitted, as one text, and the SHA-256 of its UTF-8 bytes."""

    content: str
    sha256: str


def receipt_of(response: ResponseSubmitted) -> Receipt:
    """
    The receipt; the same response always gives the same.

    The content is JSON with sorted keys and no spaces. Whoever answered is not in it.
    """
    submitted_at = response.submitted_at
    # What is not there is not named: receipts without documents stay what they were.
    attached = {"documents": list(response.documents)} if response.documents else {}
    content = json.dumps(
        {
            "survey_id": str(response.survey_id),
            "submitted_on": response.effective_on.isoformat(),
            "submitted_at": submitted_at and submitted_at.isoformat(),
            "answers": {each.indicator: each.value for each in response.answers},
            "replies": {
                each.question: [asdict(entry) for entry in each.value]
                if isinstance(each.value, tuple)
                else each.value
                for each in response.replies
            },
            "surprises": {
                each.indicator: asdict(each.surprise)
                for each in response.answers
                if each.surprise is not None
            },
            **attached,
        },
        default=str,
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )
    return Receipt(content=content, sha256=hashlib.sha256(content.encode()).hexdigest())
