"""
The codes of what projects are expected to change.

What each one means, and how its yearly answers add up, is the business of the surveys after
completion; the codes are the words that both share.
"""

INDICATORS = (
    "REVENUE-GROWTH",
    "COSTS-REDUCED",
    "JOBS-CREATED",
    "JOBS-KEPT",
    "IP-REGISTERED",
    "IP-COMMERCIALISED",
    "IP-REUSED",
    "FOLLOW-ON-INVESTMENT",
    "EXPORTS",
    "NEW-PARTNERSHIPS",
    "CO2E-AVOIDED",
    "PATIENTS-SERVED",
    "PEOPLE-TRAINED",
    "CLIENTS-WON",
    "LATEST-ROUND",
)
