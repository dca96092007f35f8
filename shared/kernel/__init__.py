"""What every service speaks: money, periods, ids, refusals and the decider. Plain Python."""
