"""The HTTP edge: who asks, what they may, and how refusals are said."""
