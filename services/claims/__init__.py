"""Claims: what is owed, and what has been paid?"""
