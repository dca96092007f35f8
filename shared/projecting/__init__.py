"""Read models: folded from events, disposable, rebuilt beside the live version."""
