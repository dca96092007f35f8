"""Alembic's home: the revisions of the durable tables that all services share."""
