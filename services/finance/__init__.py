"""What is promised, owed and paid, by whom and when: one ledger over what every service says."""
