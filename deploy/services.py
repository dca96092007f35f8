"""The services that make up Jalon, and where each listens on one machine."""

PORTS = {"intake": 8101, "selection": 8102, "claims": 8103, "impact": 8104, "finance": 8105}
"""The HTTP port of each service; its database and database role carry its name."""

LOG_DATABASE = "jalon_log"
"""Where the postgres transport keeps its log."""


def database_name(service: str) -> str:
    """The database of a service."""
    return f"jalon_{service}"
