"""What finance calls itself."""

SERVICE = "finance"
TITLE = "Finance"
DESCRIPTION = "What is promised, owed and paid, by whom and when: one ledger, now or as of any day."
