"""What files come with and go away as."""

from collections.abc import Sequence

from fastapi import Response

from services.claims.gateways.spreadsheet import CSV, XLSX
from services.claims.gateways.workbook import Table, as_csv, as_xlsx
from shared.kernel.language import Language
from shared.web.files import attachment

XLSX_ANSWER: dict[int | str, dict[str, object]] = {200: {"content": {XLSX: {}}}}
CSV_ANSWER: dict[int | str, dict[str, object]] = {200: {"content": {CSV: {}}}}


def xlsx(tables: Sequence[Table], *, name: str, language: Language) -> Response:
    """A workbook to save under a name."""
    return attachment(as_xlsx(tables), XLSX, name=f"{name}.xlsx", language=language)


def csv(table: Table, *, name: str, language: Language) -> Response:
    """A table to save under a name."""
    content = as_csv(table, language)
    return attachment(content, f"{CSV}; charset=utf-8", name=f"{name}.csv", language=language)
