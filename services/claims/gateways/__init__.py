"""What claims keeps and speaks to beside events: tables of its own, and systems outside."""
