"""Read models: pure deltas folded in batches, generations, rebuilds, and reading your own writes."""
