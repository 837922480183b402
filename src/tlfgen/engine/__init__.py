"""The graph of variables and its filling: which rule makes what, from what, and what came of it."""
