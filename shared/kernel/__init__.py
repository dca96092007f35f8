"""What every service speaks: money, periods, identifiers, refusals and the decider. Plain Python."""
