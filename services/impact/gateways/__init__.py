"""What impact keeps and speaks to beside events: tables of its own, and the mail server."""
