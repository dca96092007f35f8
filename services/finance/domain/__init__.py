"""The ledger, the tables and finance's own facts: plain Python."""
