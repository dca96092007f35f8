"""
Minutes as documents: a page and a PDF.

The same text gives the same bytes: nothing in them depends on when or where they were made.
"""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from services.selection.use_cases.minutes_text import Text

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)

# Fonts that come with the library and write French; those of PDF itself lack some letters.
_FONTS = Path(reportlab.__file__).parent / "fonts"
registerFont(TTFont("Vera", _FONTS / "Vera.ttf"))
registerFont(TTFont("VeraBd", _FONTS / "VeraBd.ttf"))

_BODY = ParagraphStyle("body", fontName="Vera", fontSize=10, leading=15, spaceAfter=4)
_TITLE = ParagraphStyle("title", fontName="VeraBd", fontSize=16, leading=22, spaceAfter=8)
_HEADING = ParagraphStyle(
    "heading", fontName="VeraBd", fontSize=12, leading=17, spaceBefore=12, spaceAfter=4
)


def as_html(text: Text) -> str:
    """The minutes as a page that stands alone."""
    return _TEMPLATES.get_template("minutes.html.j2").render(text=text)


def as_pdf(text: Text, *, dated: date) -> bytes:
    """The minutes on letter paper; ``dated`` is the day that the document says it was made on."""
    paper = BytesIO()
    document = SimpleDocTemplate(
        paper,
        pagesize=LETTER,
        title=text.title,
        author=text.committee,
        subject=text.title,
        lang=f"{text.language}-CA",
        invariant=1,
    )

    def dating(canvas: Canvas, _document: Any) -> None:
        canvas.setDateFormatter(lambda *_now: f"D:{dated:%Y%m%d}000000Z")

    document.build(
        [
            Paragraph(escape(text.title), _TITLE),
            Paragraph(escape(text.committee), _BODY),
            *(Paragraph(escape(line), _BODY) for line in text.preamble),
            *(
                Paragraph(escape(line), style)
                for section in text.sections
                for line, style in (
                    (section.heading, _HEADING),
                    *((each, _BODY) for each in section.lines),
                )
            ),
        ],
        onFirstPage=dating,
        onLaterPages=dating,
    )
    return paper.getvalue()
