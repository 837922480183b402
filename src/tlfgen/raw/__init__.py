"""Forms as collected to typed records and findings."""
