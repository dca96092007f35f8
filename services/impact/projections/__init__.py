"""Impact's read models: the surveys, and what they say."""
