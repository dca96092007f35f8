"""What happened to something, in sentences: when, what, and in which role someone did it."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic import BaseModel

from services.intake.domain.bilingual import Bilingual
from shared.eventstore.store import Recorded
from shared.kernel.language import Language, said
from shared.web.paging import Page, Paging

ROLE_NAMES = {
    "intake-officer": Bilingual(en="intake officer", fr="agente ou agent de l’accueil"),
    "programme-manager": Bilingual(en="programme manager", fr="responsable de programme"),
    "applicant": Bilingual(en="applicant", fr="demandeur"),
}
"""Those who change organisations and calls; who has several is named by the first."""

SYSTEM = Bilingual(en="system", fr="système")


class Sentence(NamedTuple):
    """What an event says: format strings, and what is filled in as each language writes it."""

    en: str
    fr: str
    parameters: dict[str, object]


class HistoryLine(BaseModel):
    """One thing that happened."""

    effective_on: date
    """The day on which it happened."""
    recorded_at: datetime
    """The instant at which it was heard of."""
    event: str
    role: Bilingual
    """As what someone did it; nobody is named."""
    says: Bilingual


def history(
    recorded: Iterable[Recorded], tell: Callable[[Any], Sentence | None], paging: Paging
) -> Page[HistoryLine]:
    """The events that ``tell`` has a sentence for, oldest first."""
    after = paging.after(int)
    told = [
        (each, sentence)
        for each in recorded
        if (after is None or each.version > after[0]) and (sentence := tell(each.event)) is not None
    ]
    return paging.page(
        told[: paging.fetch], key=lambda row: (row[0].version,), item=lambda row: _line(*row)
    )


def _line(recorded: Recorded, sentence: Sentence) -> HistoryLine:
    return HistoryLine(
        effective_on=recorded.event.effective_on,
        recorded_at=recorded.recorded_at,
        event=recorded.type,
        role=next(
            (name for role, name in ROLE_NAMES.items() if role in recorded.context.actor.roles),
            SYSTEM,
        ),
        says=Bilingual(en=_said(sentence, "en"), fr=_said(sentence, "fr")),
    )


def _said(sentence: Sentence, language: Language) -> str:
    text = sentence.fr if language == "fr" else sentence.en
    parameters = {
        name: getattr(value, language) if isinstance(value, Bilingual) else value
        for name, value in sentence.parameters.items()
    }
    return said(text, parameters, language)
