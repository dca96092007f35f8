"""How intake holds when a call closes: complete submissions at a steady rate, over HTTP."""
