"""
Every view as a file: CSV for programs, XLSX for spreadsheets, HTML to read and to print.

An endpoint takes ``file: AskedFile`` and answers ``file.of(reports, name=...)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from services.finance.api import report_printing, report_sheets
from services.finance.domain.report import Report
from shared.kernel.language import Language
from shared.spreadsheets.reading import CSV, XLSX
from shared.web import files
from shared.web.language import language_of

HTML = "text/html"
FILE_ANSWER: dict[int | str, dict[str, object]] = {200: {"content": {CSV: {}, XLSX: {}, HTML: {}}}}

# The page brings its own style, asks nobody for anything, and runs nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class Form(StrEnum):
    """As what a view is taken away."""

    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


def written(reports: Sequence[Report], form: Form, language: Language, name: str) -> Response:
    """The reports in one file, saved under ``name``; a page is shown where it is asked for."""
    match form:
        case Form.CSV:
            table = report_sheets.flat(reports, language)
            return files.csv(table, name=name, language=language)
        case Form.XLSX:
            sheets = [report_sheets.sheet_of(report, language) for report in reports]
            return files.xlsx(sheets, name=name, language=language)
        case Form.HTML:
            return Response(
                report_printing.as_html(reports, language),
                media_type=f"{HTML}; charset=utf-8",
                headers={"Content-Language": language, "Content-Security-Policy": _POLICY},
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """In which form and language a file is asked for."""

    form: Form
    language: Language

    def of(self, reports: Sequence[Report], *, name: str) -> Response:
        """The reports as that file."""
        return written(reports, self.form, self.language, name)


def _asked(
    request: Request,
    format: Annotated[Form, Query(description="As what it is taken away.")] = Form.CSV,  # noqa: A002  # as it is called in a query
    lang: Annotated[
        Language | None, Query(description="In place of what `Accept-Language` says.")
    ] = None,
) -> File:
    return File(form=format, language=lang or language_of(request.headers.get("accept-language")))


AskedFile = Annotated[File, Depends(_asked)]
"""For the signature of an endpoint: ``file: AskedFile``."""
