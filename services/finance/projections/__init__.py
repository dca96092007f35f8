"""What can be read: the ledger in PostgreSQL and the questions put to it."""
