"""How Jalon runs: databases and roles, topics, the local stack, the demo portfolio."""
