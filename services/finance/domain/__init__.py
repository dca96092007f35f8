"""Commands, events, state, decisions and rules. Plain Python."""
