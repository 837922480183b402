"""A build as steps: what each reads and leaves, its key, where it runs, how its files are published."""
