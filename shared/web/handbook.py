"""``/problems/…``: every refusal has a page that says what it means."""

from collections.abc import Iterator
from html import escape

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import HTMLResponse, Response

from shared.kernel.refusals import Refusal
from shared.web import problems, validation
from shared.web.language import language_of
from shared.web.refusals import PathUnknown, RequestInvalid

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = "body{font:1.1rem/1.5 system-ui;max-width:42rem;margin:2rem auto;padding:0 1rem}"


class Meaning(BaseModel):
    """What one refusal means."""

    code: str
    status: int
    titles: dict[str, str]
    """The rule, whatever the particulars."""
    messages: dict[str, str]
    """The sentence; names in braces are filled in."""


def handbook() -> APIRouter:
    """The pages of all refusals that this process knows."""
    router = APIRouter(tags=["problems"])

    @router.get("/problems", response_model=list[Meaning])
    async def index(request: Request) -> list[Meaning] | Response:
        """Every code with which this service may refuse."""
        meanings = sorted(_all_meanings(), key=lambda meaning: meaning.code)
        if not _wants_a_page(request):
            return meanings
        links = "".join(
            f'<li><a href="/problems/{each.code}">{each.code}</a> ({each.status})</li>'
            for each in meanings
        )
        return _page("Problems", f"<h1>Problems</h1><ul>{links}</ul>")

    @router.get("/problems/{code}", response_model=Meaning)
    async def meaning(code: str, request: Request) -> Meaning | Response:
        """What one code means, in both languages; a page for people, JSON for machines."""
        found = next((each for each in _all_meanings() if each.code == code), None)
        if found is None:
            raise PathUnknown
        if not _wants_a_page(request):
            return found
        language = language_of(request.headers.get("accept-language"))
        second = "fr" if language == "en" else "en"
        sections = "".join(
            f'<section lang="{each}"><h2>{escape(found.titles[each])}</h2>'
            f"<p>{escape(found.messages[each])}</p></section>"
            for each in (language, second)
        )
        if code == RequestInvalid.code():
            rows = "".join(
                f"<li><code>{escape(text_code)}</code>: {escape(en)} {escape(fr)}</li>"
                for text_code, en, fr in validation.every_text()
            )
            sections += f"<section><h2><code>errors[].code</code></h2><ul>{rows}</ul></section>"
        return _page(code, f"<h1>{escape(code)} ({found.status})</h1>{sections}")

    return router


def _all_meanings() -> Iterator[Meaning]:
    seen = set()
    for kind in _descendants(Refusal):
        if kind.code() not in seen:
            seen.add(kind.code())
            yield Meaning(
                code=kind.code(),
                status=problems.status_of(kind),
                titles={
                    "en": problems.title_of(kind, "en"),
                    "fr": problems.title_of(kind, "fr"),
                },
                messages={"en": kind.en, "fr": kind.fr},
            )


def _descendants(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _descendants(child)


def _wants_a_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _page(title: str, body: str) -> HTMLResponse:
    document = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><body>{body}</body></html>"
    )
    return HTMLResponse(document, headers={"Content-Security-Policy": _POLICY})
