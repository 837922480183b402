"""Results: datasets and analyses to one long typed table. The only caller of `stats/`."""
