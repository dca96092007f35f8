"""``jalon programme``: look at a programme's document, and try it out, before it is published."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from services.intake.api.programme_check import (
    DocumentRefused,
    Verdict,
    read_programme,
    try_example,
)
from services.intake.api.programme_schemas import programme_schema
from shared.kernel.refusals import Reason

NOT_AS_EXPECTED = 1
"""Exit status when an example has another outcome than it says."""
NOT_IN_ORDER = 2
"""Exit status when a file does not fit."""

programme = typer.Typer(
    no_args_is_help=True, help="Look at a programme's document before it is published."
)
console = Console()


@programme.command()
def schema() -> None:
    """Print the JSON Schema of a programme's document."""
    typer.echo(json.dumps(programme_schema(), indent=2, ensure_ascii=False))


@programme.command()
def check(
    file: Annotated[Path, typer.Argument(help="The programme's document, JSON.")],
    example: Annotated[
        list[Path] | None,
        typer.Option(help="A complete application to judge by it; may be given several times."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """
    Check a programme's document, and try worked examples on it without storing anything.

    Ends with 0 when all is in order and every example has the outcome that it says (accepted,
    unless it names reasons), with 1 when one has another, with 2 when a file does not fit.
    """
    answer: dict[str, Any] = {"file": str(file), "problems": [], "examples": []}
    status = 0
    try:
        definition = read_programme(file)
    except DocumentRefused as refused:
        answer["problems"] = _told(refused.reasons)
        status = NOT_IN_ORDER
    else:
        answer["code"] = definition.code
        for each in example or []:
            try:
                verdict = try_example(definition, each)
            except DocumentRefused as refused:
                answer["examples"].append({"file": str(each), "problems": _told(refused.reasons)})
                status = NOT_IN_ORDER
            else:
                answer["examples"].append(_judged(each, verdict))
                if not verdict.as_expected:
                    status = max(status, NOT_AS_EXPECTED)
    if as_json:
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _print(answer)
    raise typer.Exit(status)


def _told(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    return [
        {
            "code": reason.code,
            "field": reason.field,
            "en": reason.en,
            "fr": reason.fr,
            "accepted": reason.accepted,
        }
        for reason in reasons
    ]


def _judged(file: Path, verdict: Verdict) -> dict[str, Any]:
    return {
        "file": str(file),
        "about": verdict.about.model_dump(),
        "problems": [],
        "accepted": verdict.accepted,
        "as_expected": verdict.as_expected,
        "expected": [{"code": code, "field": field} for code, field in verdict.expected],
        "reasons": _told(verdict.reasons),
    }


def _print(answer: dict[str, Any]) -> None:
    if answer["problems"]:
        _say("red", f"✗ {answer['file']}: not in order · non conforme")
        _print_reasons(answer["problems"])
        return
    _say("green", f"✓ {answer['code']}: in order · conforme")
    for each in answer["examples"]:
        if each["problems"]:
            _say("red", f"✗ {each['file']}: not an example · pas un exemple")
            _print_reasons(each["problems"])
            continue
        outcome = "accepted · acceptée" if each["accepted"] else "refused · refusée"
        colour, sign = ("green", "✓") if each["as_expected"] else ("red", "✗")
        _say(colour, f"{sign} {each['file']}: {outcome}")
        _print_reasons(each["reasons"])
        if not each["as_expected"]:
            expected = ", ".join(f"{one['code']} ({one['field']})" for one in each["expected"])
            _say("red", f"  expected · attendu : {expected or 'accepted · acceptée'}")


def _print_reasons(reasons: Sequence[dict[str, Any]]) -> None:
    for reason in reasons:
        _say("bold", f"  {reason['code']} ({reason['field']})")
        _say("default", f"    {reason['en']}\n    {reason['fr']}")


def _say(style: str, text: str) -> None:
    console.print(f"[{style}]{escape(text)}[/{style}]", soft_wrap=True, highlight=False)
