"""What happened to a call, in sentences for everyone."""

from typing import assert_never

from services.intake.api.histories import Sentence
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.call_facts import (
    Announcement,
    CallAmended,
    CallClosedEarly,
    CallExtended,
    CallPublished,
    Event,
)

NEVER = Bilingual(en="never", fr="jamais")

FIELDS = {
    "title": Bilingual(en="title", fr="titre"),
    "opens_at": Bilingual(en="opening", fr="ouverture"),
    "closes_at": Bilingual(en="closing", fr="clôture"),
    "instructions": Bilingual(en="instructions", fr="instructions"),
}


def tell(event: Event) -> Sentence:
    """One sentence about one event."""
    match event:
        case CallPublished():
            return Sentence(
                "Published: opening {opens_at}, closing {closes_at}.",
                "Publié; ouverture : {opens_at}; clôture : {closes_at}.",
                {"opens_at": event.opens_at, "closes_at": event.closes_at or NEVER},
            )
        case CallAmended():
            changed = _changed(event.before, event.after)
            return Sentence(
                "Amended ({changed}): {reason}",
                "Modifié ({changed}) : {reason}",
                {"changed": changed, "reason": event.reason},
            )
        case CallExtended():
            return Sentence(
                "Extended from {before} to {closes_at}: {reason}",
                "Prolongé du {before} au {closes_at} : {reason}",
                {"before": event.before, "closes_at": event.closes_at, "reason": event.reason},
            )
        case CallClosedEarly():
            return Sentence(
                "Closes early, on {closes_at} (before: {before}): {reason}",
                "Prend fin plus tôt, le {closes_at} (auparavant : {before}) : {reason}",
                {
                    "closes_at": event.closes_at,
                    "before": event.before or NEVER,
                    "reason": event.reason,
                },
            )
        case unreachable:
            assert_never(unreachable)


def _changed(before: Announcement, after: Announcement) -> Bilingual:
    names = [FIELDS[name] for name in FIELDS if getattr(before, name) != getattr(after, name)]
    return Bilingual(
        en=", ".join(name.en for name in names), fr=", ".join(name.fr for name in names)
    )
