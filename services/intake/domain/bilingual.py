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


def _hundredths(basis_points: int) -> str:
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
