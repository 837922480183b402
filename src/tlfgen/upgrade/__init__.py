"""Studies of an older grammar, rewritten: one file a change, each a function on a file's YAML tree."""
