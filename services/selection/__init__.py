"""Selection: who is chosen, and what do we promise?"""
