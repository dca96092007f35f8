"""Finance: what is promised, owed and paid, by whom and when?"""
