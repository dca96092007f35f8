"""What finance does when asked, and when others publish something."""
