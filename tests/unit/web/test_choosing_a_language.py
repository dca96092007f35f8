import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.language import language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA, en;q=0.9", "fr"),
        ("en-CA,fr;q=0.8", "en"),
        ("fr;q=0.3, en;q=0.7", "en"),
        ("de, fr;q=0.5", "fr"),
        ("de", "en"),
        ("*", "en"),
        ("en;q=0, *", "fr"),
        ("fr;q=nonsense", "en"),
        ("FR-ca", "fr"),
    ],
)
def test_the_language_the_reader_prefers(header: str | None, language: str) -> None:
    """French and English are weighed as the header says, and English breaks a tie."""
    assert language_of(header) == language


@given(st.text())
def test_any_header_is_survived(header: str) -> None:
    """Whatever is sent, one of the two languages is chosen."""
    assert language_of(header) in {"en", "fr"}
