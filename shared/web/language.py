"""Which of our two languages a reader wants."""

from functools import lru_cache

from shared.kernel.language import Language

DEFAULT: Language = "en"


@lru_cache(maxsize=256)
def language_of(accept_language: str | None) -> Language:
    """
    The better of French and English for an ``Accept-Language`` header (RFC 9110, 12.5.4).

    English when nothing is said, when neither is wanted, and when both are wanted alike.
    A header that makes no sense is read as far as it does.
    """
    wanted: dict[str, float] = {}
    for part in (accept_language or "").lower().split(","):
        tag, _, parameter = part.partition(";")
        primary = tag.strip().partition("-")[0]
        if primary in {"en", "fr", "*"}:
            wanted[primary] = max(wanted.get(primary, 0.0), _quality(parameter))
    otherwise = wanted.get("*", 0.0)
    return "fr" if wanted.get("fr", otherwise) > wanted.get("en", otherwise) else DEFAULT


def _quality(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0
