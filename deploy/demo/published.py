"""
The tables as the corporate plan 2023-2024 printed them, for the side-by-side print only.

Millions of dollars as printed. The keys are the codes of the demo's own programmes, pockets and
funder agreements; the services know none of this.
"""

PRINTED_ROWS: dict[str, dict[str, str]] = {
    "1": {
        "IND-P1": "128",
        "IND-P2": "38.6",
        "HEALTH": "3.6",
        "SME-SCALE": "0.8",
        "TRAINING": "0.8",
        "total": "171.8",
    },
    "2": {
        "ISED-P1-PROJECTS": "61.6",
        "ISED-P2-PROJECTS": "14.3",
        "ISED-PCAIS": "3.6",
        "ISED-P1-SME": "0.8",
        "ISED-P1-TRAINING": "0.8",
        "MATCH": "82.8",
        "MEIE-P1": "7.9",
        "total": "171.8",
    },
    "3": {
        "P1": "71.1",
        "P2": "14.3",
        "PCAIS": "3.6",
        "OPERATIONS": "5.6",
        "total": "94.6",
    },
    "4": {
        "ISED-P1": "63.2",
        "ISED-P2": "14.3",
        "ISED-PCAIS": "3.6",
        "ISED-OPERATIONS": "4.1",
        "MEIE-P1": "7.9",
        "OTHER": "1.6",
        "total": "94.7",
    },
}
"""Tables 1 to 4: one amount per row."""

PRINTED_QUARTERS: dict[str, tuple[str, str, str, str, str]] = {
    "ISED-P1": ("17.6", "17.5", "14.1", "13.9", "63.2"),
    "ISED-P2": ("0", "0", "2", "12.3", "14.3"),
    "ISED-PCAIS": ("0", "0", "0", "3.6", "3.6"),
    "MEIE-P1": ("5", "2.9", "0", "0", "7.9"),
    "ISED-OPERATIONS": ("1.03", "1.03", "1.03", "1.03", "4.1"),
    "OTHER": ("0.4", "0.4", "0.4", "0.4", "1.6"),
    "RECEIVABLE-ISED": ("2.4", "0", "0", "0", "2.4"),
    "total": ("26.4", "21.9", "17.5", "31.2", "97.1"),
}
"""Table 5: T1 to T4 and the year."""

PRINTED_SURPLUS_DOLLARS = 51_000
"""Table 4 less table 3."""
