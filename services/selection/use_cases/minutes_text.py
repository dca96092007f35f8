"""The minutes in words, French or English: the same content always gives the same text."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.selection.domain.ballots import SecretCount
from services.selection.domain.meeting import ItemDecided, Vote
from services.selection.domain.minutes import Approval, Content, MinutedItem
from shared.kernel.language import Language, said

SENTENCES: dict[str, dict[Language, str]] = {
    "title": {
        "en": "Minutes of the meeting of {held_on}",
        "fr": "Procès-verbal de la réunion du {held_on}",
    },
    "regular": {"en": "Regular meeting.", "fr": "Réunion ordinaire."},
    "extraordinary": {"en": "Extraordinary meeting.", "fr": "Réunion extraordinaire."},
    "written": {
        "en": "Written meeting: votes came in from {opened_on} to {closes_on}.",
        "fr": "Consultation écrite : les votes ont été reçus du {opened_on} au {closes_on}.",
    },
    "draft": {"en": "Draft, not approved.", "fr": "Projet, non approuvé."},
    "extract": {
        "en": "Extract: items on which the reader has a conflict of interest are left out.",
        "fr": "Extrait : les points sur lesquels la personne qui lit est en conflit sont omis.",
    },
    "attendance": {"en": "Attendance", "fr": "Présences"},
    "chair": {"en": "Chair: {chair}.", "fr": "Présidence : {chair}."},
    "present": {"en": "Present: {people}.", "fr": "Présents : {people}."},
    "absent": {"en": "Absent: {people}.", "fr": "Absents : {people}."},
    "employee": {"en": "{person} (employee)", "fr": "{person} (personnel)"},
    "independent": {"en": "{person} (independent)", "fr": "{person} (indépendant)"},
    "quorum": {
        "en": "The quorum is {quorum}, at least half of those counted being independent.",
        "fr": "Le quorum est de {quorum}, dont au moins la moitié de membres indépendants.",
    },
    "item": {"en": "Item {number}: {title}", "fr": "Point {number} : {title}"},
    "conflicts": {
        "en": "Without part in the item because of a conflict of interest: {people}.",
        "fr": "Sans part à ce point en raison d’un conflit d’intérêts : {people}.",
    },
    "undecided": {
        "en": "Not decided: it goes to a later meeting.",
        "fr": "Sans décision : le point passe à une réunion ultérieure.",
    },
    "fund": {
        "en": "Decided to fund: {granted} of {asked} asked.",
        "fr": "Décision de financer : {granted} sur {asked} demandés.",
    },
    "decline": {"en": "Decided to decline.", "fr": "Décision de refuser."},
    "defer": {"en": "Deferred to a later meeting.", "fr": "Reporté à une réunion ultérieure."},
    "waitlist": {
        "en": "Put on the waiting list: the committee would fund it, and there is no money.",
        "fr": "Mis sur la liste d’attente : le comité financerait, et les fonds manquent.",
    },
    "condition": {
        "en": "Condition, to be met by {due_on}: {text}",
        "fr": "Condition, à remplir au plus tard le {due_on} : {text}",
    },
    "secret": {
        "en": "Secret ballot: {votes_for} for, {votes_against} against, {abstained} abstained.",
        "fr": (
            "Scrutin secret : {votes_for} pour, {votes_against} contre, abstentions : {abstained}."
        ),
    },
    "voted": {"en": "Voted: {people}.", "fr": "Ont voté : {people}."},
    "casting-for": {
        "en": "The chair broke the tie for funding.",
        "fr": "La présidence a tranché l’égalité en faveur du financement.",
    },
    "casting-against": {
        "en": "The chair broke the tie against funding.",
        "fr": "La présidence a tranché l’égalité contre le financement.",
    },
    "for": {"en": "For: {people}.", "fr": "Pour : {people}."},
    "against": {"en": "Against: {people}.", "fr": "Contre : {people}."},
    "abstain": {"en": "Abstained: {people}.", "fr": "Abstentions : {people}."},
    "reason": {"en": "Reason: {reason}", "fr": "Motif : {reason}"},
    "corrections": {"en": "Corrections", "fr": "Corrections"},
    "approval": {"en": "Approval", "fr": "Approbation"},
    "approved": {
        "en": "Approved by {approved_by} on {approved_on}.",
        "fr": "Approuvé par {approved_by} le {approved_on}.",
    },
    "sealed": {"en": "Sealed on {sealed_on}.", "fr": "Scellé le {sealed_on}."},
    "hash": {"en": "SHA-256 of the content: {digest}", "fr": "SHA-256 du contenu : {digest}"},
}
"""Every sentence of the minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The minutes in one language."""

    language: Language
    title: str
    committee: str
    preamble: tuple[str, ...]
    sections: tuple[Section, ...]


def text_of(content: Content, digest: str | None, *, extract: bool, language: Language) -> Text:
    """The minutes in a language; ``digest`` when they are sealed."""

    def say(name: str, **parameters: object) -> str:
        return said(SENTENCES[name][language], parameters, language)

    def sections() -> Iterator[Section]:
        yield Section(heading=say("attendance"), lines=(*_attendance(content, language),))
        for item in content.items:
            yield Section(
                heading=say("item", number=item.number, title=item.title),
                lines=(*_item(item, language),),
            )
        if content.corrections:
            yield Section(
                heading=say("corrections"),
                lines=tuple(correction.text for correction in content.corrections),
            )
        if content.approval is not None:
            yield Section(
                heading=say("approval"), lines=(*_approval(content.approval, digest, language),)
            )

    kind = say(content.kind.value, opened_on=content.opened_on, closes_on=content.closes_on)
    return Text(
        language=language,
        title=say("title", held_on=content.held_on),
        committee=content.committee,
        preamble=(
            kind,
            *([say("draft")] if content.approval is None else []),
            *([say("extract")] if extract else []),
        ),
        sections=tuple(sections()),
    )


def _said(name: str, language: Language, **parameters: object) -> str:
    return said(SENTENCES[name][language], parameters, language)


def _attendance(content: Content, language: Language) -> Iterator[str]:
    yield _said("chair", language, chair=content.chair)
    for name, present in (("present", True), ("absent", False)):
        people = [
            _said(each.kind, language, person=each.person_id)
            for each in content.attendance
            if each.present is present
        ]
        if people:
            yield _said(name, language, people=people)
    yield _said("quorum", language, quorum=content.quorum)


def _item(item: MinutedItem, language: Language) -> Iterator[str]:
    if item.conflicted:
        yield _said("conflicts", language, people=item.conflicted)
    if item.decision is None:
        yield _said("undecided", language)
        return
    yield from _decision(item.decision, language)


def _decision(decided: ItemDecided, language: Language) -> Iterator[str]:
    yield _said(decided.outcome.value, language, granted=decided.granted, asked=decided.asked)
    for vote in Vote:
        people = [ballot.person_id for ballot in decided.votes if ballot.vote is vote]
        if people:
            yield _said(vote.value, language, people=sorted(people))
    if decided.secret is not None:
        yield from _count(decided.secret, language)
    for condition in decided.conditions:
        text = condition.text_fr if language == "fr" else condition.text_en
        yield _said("condition", language, due_on=condition.due_on, text=text)
    for reason in decided.reasons:
        yield _said("reason", language, reason=reason)


def _count(count: SecretCount, language: Language) -> Iterator[str]:
    yield _said(
        "secret",
        language,
        votes_for=count.votes_for,
        votes_against=count.votes_against,
        abstained=count.abstained,
    )
    yield _said("voted", language, people=sorted(count.voted))
    if count.casting_for is not None:
        yield _said("casting-for" if count.casting_for else "casting-against", language)


def _approval(approval: Approval, digest: str | None, language: Language) -> Iterator[str]:
    if approval.approved_by is not None:
        yield _said(
            "approved",
            language,
            approved_by=approval.approved_by,
            approved_on=approval.approved_on,
        )
    yield _said("sealed", language, sealed_on=approval.sealed_on)
    if digest is not None:
        yield _said("hash", language, digest=digest)
