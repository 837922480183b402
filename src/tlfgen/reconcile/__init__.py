"""Built datasets held against each other: what several of them tell of one subject must agree."""
