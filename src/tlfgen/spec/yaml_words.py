"""What a YAML parser's words mean to somebody who writes specs."""

from __future__ import annotations

import re

import yaml

_TAB = "A line begins with a tab.", "Indent with spaces, two a level."
_BRACKET = (
    "A bracket [ ] or { } is not closed as it was opened.",
    "Close it, put commas between entries, and put a text with , : { } [ ] or quotes into quotes.",
)
_SAID = (
    ("mapping values are not allowed", "A colon stands where none can be.",
     "A text with ': ' in it goes into quotes; else look at how this line and the one above are indented."),
    ("did not find expected ','", *_BRACKET),
    ("found unexpected end of stream", "A quote that was opened is not closed.", "Close it."),
    ("did not find expected key", "The line does not go on as it began.",
     "A quoted text ends at its second quote; a quote inside it is written twice. Or the indent differs."),
    ("did not find expected '-' indicator", "The line is not an item of the list that it stands in.",
     "Begin it with '- ', or indent it as its keys are."),
    ("did not find expected <document start>", "The line is indented less than the first one.",
     "Keys of one entry are indented alike."),
    ("found undefined alias", "A text that begins with * is an alias that nothing defines.",
     "Put the text into quotes."),
    ("found unknown escape character", "A backslash stands in double quotes.",
     "Put the text into single quotes."),
    ("did not find expected comment or line break", "A text begins with > or |.",
     "Put the text into quotes."),
)  # fmt: skip


def said_of(error: yaml.YAMLError, text: str) -> tuple[str, str]:
    """(what is wrong, what to write) of a text that is no YAML."""
    problem, mark = str(getattr(error, "problem", None) or error), getattr(error, "problem_mark", None)
    line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    if re.match(r" *\t", line):
        return _TAB
    if "cannot start any token" in problem and mark is not None:
        return f"No text begins with {line[mark.column : mark.column + 1]}.", "Put the text into quotes."
    for part, what, remedy in _SAID:
        if part in problem:
            return what, remedy
    return f"It cannot be read: {problem}.", "Look at the quotes, the colons and how the line is indented."
