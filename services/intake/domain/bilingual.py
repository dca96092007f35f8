"""Words that people read are kept in both official languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilingual:
    """One text in English and in French."""

    en: str
    fr: str

    @property
    def is_complete(self) -> bool:
        """Neither language is missing."""
        return bool(self.en.strip() and self.fr.strip())


def percent_en(basis_points: int) -> str:
    """A rate as English writes it: 4 440 basis points is ``44.4%``."""
    return f"{_hundredths(basis_points)}%"


def percent_fr(basis_points: int) -> str:
    """A rate as French writes it: 4 440 basis points is ``44,4 %`` (with a no-break space)."""
    return f"{_hundredths(basis_points).replace('.', ',')}\u00a0%"


def dollars_en(cents: int) -> str:
    """An amount as English writes it: ``$1,234.50``."""
    return f"{'-' if cents < 0 else ''}${_thousands(cents, ',')}.{abs(cents) % 100:02d}"


def dollars_fr(cents: int) -> str:
    """An amount as French writes it: ``1 234,50 $`` (with no-break spaces)."""
    whole = _thousands(cents, "\u00a0")
    return f"{'-' if cents < 0 else ''}{whole},{abs(cents) % 100:02d}\u00a0$"


def _hundredths(basis_points: int) -> str:
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


def _thousands(cents: int, separator: str) -> str:
    return f"{abs(cents) // 100:,}".replace(",", separator)
