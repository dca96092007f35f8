"""Files on their way out, and who looks at them on their way in."""

from typing import Annotated

from fastapi import Depends, Request, Response

from shared.documents.scanning import Scanner
from shared.kernel.language import Language


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
