"""Files that people bring: what they are by their content, whether they are clean, and tables."""
