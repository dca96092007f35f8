"""Connections, migrations and the simulated clock: what PostgreSQL gives every service."""
