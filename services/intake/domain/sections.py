"""
The sections of a programme's form: saved one by one, complete or not, and checked when read.

A section's schema (JSON Schema 2020-12) says what its answers look like once they are complete.
Saving never fails because they are not; submitting does, with everything that is still missing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from services.intake.domain.answers import objections
from services.intake.domain.application_commands import SaveSection
from services.intake.domain.application_events import Event, SectionSaved
from services.intake.domain.application_state import Draft
from services.intake.domain.definition import Section
from services.intake.domain.people import must_write
from shared.kernel.refusals import Invalid, NotFound, Reason, RuleBroken

MOST_BYTES = 65_536
"""Of the answers of one section, as JSON in UTF-8."""

DEEPEST = 12
"""Objects and lists within one another."""

MOST_PROBLEMS = 100
"""Named per section: nobody mends more at once."""


class SectionTooLarge(Invalid):
    """The answers of a section have a size that people can read."""

    en = "The answers of this section take {bytes} bytes; at most {limit} are kept."
    fr = "Les réponses de cette section occupent {bytes} octets; au plus {limit} sont conservés."


class SectionTooDeep(Invalid):
    """Answers are not nested without end."""

    en = "The answers of this section are nested more than {limit} deep."
    fr = "Les réponses de cette section sont imbriquées sur plus de {limit} niveaux."


class SectionMissing(RuleBroken):
    """Every section that a programme requires is answered."""

    en = "The section “{title}” is not answered."
    fr = "La section «\u00a0{title_fr}\u00a0» est sans réponse."


def save_section(command: SaveSection, draft: Draft) -> list[Event]:
    """Keep the answers of a section; the same answers again change nothing."""
    proposal = draft.proposal
    must_write(command.by, proposal)
    section = section_of(command.definition.sections, command.code)
    if _is_deeper(command.answers, DEEPEST):
        raise SectionTooDeep(limit=DEEPEST, field="answers", accepted={"maximum": DEEPEST})
    size = len(json.dumps(command.answers, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MOST_BYTES:
        raise SectionTooLarge(
            bytes=size, limit=MOST_BYTES, field="answers", accepted={"maximum": MOST_BYTES}
        )
    if proposal.answers.get(command.code) == command.answers:
        return []
    return [
        SectionSaved(
            effective_on=command.on,
            application_id=proposal.application_id,
            code=command.code,
            answers=command.answers,
            complete=not problems_of_section(section, command.answers),
            by=command.by,
        )
    ]


def section_of(sections: Sequence[Section], code: str) -> Section:
    """The section of that code. Raises ``NotFound``."""
    for section in sections:
        if section.code == code:
            return section
    raise NotFound(kind="section")


def problems_of_section(section: Section, answers: Mapping[str, Any] | None) -> list[Reason]:
    """
    What keeps one section from being complete, each with its path in ``answers``.

    The first ``MOST_PROBLEMS`` of them. ``answers`` None: it was never saved. A section that is
    not required, and of which nothing is answered, is complete.
    """
    if not answers and not section.required:
        return []
    if answers is None:
        return [
            SectionMissing(
                title=section.titles.en, title_fr=section.titles.fr, accepted={"type": "object"}
            ).as_reason()
        ]
    found = objections(section.schema, answers)
    return [refusal.as_reason() for refusal in islice(found, MOST_PROBLEMS)]


def problems_of_sections(
    sections: Sequence[Section], answers: Mapping[str, Mapping[str, Any]]
) -> list[Reason]:
    """What keeps the form from being submitted; fields are ``sections.<code>.<path>``."""
    return list(_problems(sections, answers))


def _problems(
    sections: Sequence[Section], answers: Mapping[str, Mapping[str, Any]]
) -> Iterator[Reason]:
    for section in sections:
        place = f"sections.{section.code}"
        for reason in problems_of_section(section, answers.get(section.code)):
            yield Reason(
                code=reason.code,
                en=reason.en,
                fr=reason.fr,
                field=f"{place}.{reason.field}" if reason.field else place,
                accepted=reason.accepted,
            )


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            each
            for container in level
            if isinstance(container, Mapping | list)
            for each in (container.values() if isinstance(container, Mapping) else container)
        ]
    return any(isinstance(each, Mapping | list) for each in level)
