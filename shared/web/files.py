"""Files on their way out, and who looks at them on their way in."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Request, Response

from shared.documents.scanning import Scanner
from shared.kernel.language import Language
from shared.spreadsheets.reading import CSV, XLSX
from shared.spreadsheets.writing import Table, as_csv, as_xlsx

XLSX_ANSWER: dict[int | str, dict[str, object]] = {200: {"content": {XLSX: {}}}}
CSV_ANSWER: dict[int | str, dict[str, object]] = {200: {"content": {CSV: {}}}}


def xlsx(tables: Sequence[Table], *, name: str, language: Language) -> Response:
    """A workbook to save under a name."""
    return attachment(as_xlsx(tables), XLSX, name=f"{name}.xlsx", language=language)


def csv(table: Table, *, name: str, language: Language) -> Response:
    """A table to save under a name."""
    content = as_csv(table, language)
    return attachment(content, f"{CSV}; charset=utf-8", name=f"{name}.csv", language=language)


def attachment(
    content: bytes, media_type: str, *, name: str, language: Language | None = None
) -> Response:
    """A file to save, never to show in a page; ``name`` is plain ASCII."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if language is not None:
        headers["Content-Language"] = language
    return Response(content, media_type=media_type, headers=headers)


async def _scanner(request: Request) -> Scanner:
    scanner: Scanner = request.app.state.scanner
    return scanner


TheScanner = Annotated[Scanner, Depends(_scanner)]
"""For the signature of an endpoint that takes documents: ``scanner: TheScanner``."""
