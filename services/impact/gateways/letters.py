"""What is written to the people who are asked, in French and in English, as text and as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shared.kernel.language import Language, shown

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(("html.j2",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSurvey:
    """One survey that a letter asks to answer."""

    title: str
    """Of the project."""
    year: int
    due_on: date
    standing: Literal["open", "due", "late", "queried"]
    """Before, on and after its due date; or answered, and an officer asks about the answers."""
    link: str
    """Opens this survey, and nothing else."""
    handed_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter, ready to be sent."""

    subject: str
    text: str
    html: str


def letter(*, name: str, language: Language, surveys: Sequence[AskedSurvey]) -> Letter:
    """The letter to a person about one or several surveys."""
    said = {
        "name": name,
        "subject": _subject(language, surveys),
        "surveys": [
            {
                # A title is one line, whatever was typed.
                "title": " ".join(each.title.split()),
                "year": each.year,
                "due_on": shown(each.due_on, language),
                "standing": each.standing,
                "link": each.link,
                "handed_over": each.handed_over,
            }
            for each in surveys
        ],
    }
    return Letter(
        subject=str(said["subject"]),
        text=_TEMPLATES.get_template(f"reminder.{language}.txt.j2").render(said),
        html=_TEMPLATES.get_template(f"reminder.{language}.html.j2").render(said),
    )


def _subject(language: Language, surveys: Sequence[AskedSurvey]) -> str:
    late = any(each.standing == "late" for each in surveys)
    if language == "fr":
        what = (
            "Votre sondage annuel" if len(surveys) == 1 else f"Vos {len(surveys)} sondages annuels"
        )
        return f"{what} sur les effets de vos projets{' : en retard' if late else ''}"
    what = "Your yearly survey" if len(surveys) == 1 else f"Your {len(surveys)} yearly surveys"
    return f"{what} on the effects of your projects{': late' if late else ''}"
