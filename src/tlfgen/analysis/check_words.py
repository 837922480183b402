"""Notes about texts: a number that is typed where a result could be quoted, and a comparison that is typed.

A sentence that was right at the first cut is wrong at the second. What follows from data is quoted: n,
counted, ranked, compared, listed. What study.yaml, a spec, a version or a reference gives is no finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tlfgen.errors import Finding
from tlfgen.spec.own_texts import texts_of
from tlfgen.spec.specs import Specs
from tlfgen.spec.template import FILLED

RULE_NUMBER, RULE_WORD = "typed number", "typed comparison"
COUNTS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
WORDS = "|".join(COUNTS)
PEOPLE = r"(?:patient|subject|participant|responder|volunteer|wom[ae]n|m[ae]n|death|case)s?"
COUNTED = rf"(?:{PEOPLE}|events?|records?|responses|progressions|relapses|infusions|discontinuations)\b"
NUMBER = re.compile(r"(?<![\w.,\-/+:=<>%])(\d+(?:[.,]\d+)*)(?![\w+]|[.,-]\d|-\w)")
WORD = re.compile(rf"\b({WORDS})\b", re.IGNORECASE)
# What stands before a number that a plan, a rule or a reference gives.
GIVEN_BEFORE = re.compile(
    r"(?:\b(?:section|table|figure|listing|appendix|appendices|chapter|reference|no\.|number|version|versions|"
    r"grade|grades|week|weeks|day|days|month|months|cycle|cycles|visit|visits|year|stage|phase|level|levels|"
    r"class|score|scores|status|part|period|group|line|lines|step|site|page|PCTLDEF)s?[ =]"
    r")(?:\d[\d.]*(?:,| and| or| to| with)? )*$",
    re.IGNORECASE,
)
ACRONYM_BEFORE = re.compile(r"\b[A-Z]{2,}[A-Za-z0-9]* (?:version )?$")
LEVEL_AFTER = re.compile(r"^(?: ?% (?:CI\b|confidence|limits?|interval|level)| standard errors?\b)")
MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
YEAR_BEFORE = re.compile(rf"(?:(?:{MONTH}) |[(,;.] ?)$")
SIZE_AFTER = re.compile(
    rf"^(?: (?:\d+|{WORDS}|of|the|to|or|all|treated|evaluable|enrolled|different))*"
    rf"(?: [\w\-/]+)? {COUNTED}",
    re.IGNORECASE,
)
ONE_AFTER = re.compile(rf"^ {PEOPLE}\b(?! with\b| a | each)", re.IGNORECASE)
SHARE_AFTER = re.compile(r"^ of (?:the )?(?:\d|\x01|" + WORDS + r")", re.IGNORECASE)
SHARE_BEFORE = re.compile(r"(?:\d|\x01|" + WORDS + r")(?: \w+)? of (?:the |all )?$", re.IGNORECASE)
BOUND_BEFORE = re.compile(r"\b(?:at least|at most|more than|fewer than|no|any|than|up to|each|every) $", re.I)
RANKED = re.compile(r"\b(?:ranked|compared)\(")
COMPARISONS = re.compile(
    r"\b(?:alike|similar|similarly|comparable|majority|minority|mostly|mainly|predominantly|fewer|fewest|"
    r"higher|lower|greater|most|commonest|well tolerated|balanced|nearly all|almost all|"
    r"(?:more|less) (?:frequent|frequently|common|commonly|often)|few (?:patients|subjects|values|events)|"
    r"are of few|no (?:relevant |notable |clear )?differences?|nobody (?:was|had|died)|"
    r"no (?:patient|subject)s? (?:was|were|had|died))\b",
    re.IGNORECASE,
)
# Comparisons that are a definition: grade 3 or higher, at most, the lower limit.
DEFINED = re.compile(
    r"(?:\bor (?:higher|lower|greater|fewer)\b|\bfrom the most frequent\b|\bat (?:the )?most\b|"
    r"\b(?:higher|lower|greater) (?:of|than (?:the )?(?:upper|lower|limit|grade|baseline)|limits?|dose|one|"
    r"bound|grade)\b)",
    re.IGNORECASE,
)
PUBLISHED = re.compile(r"\b(?:publication|published|abstract)\b", re.IGNORECASE)
REFERENCE = re.compile(r"^\s*\d+\. .*\b(?:19|20)\d\d\b")


@dataclass(frozen=True)
class Line:
    """A line of a text: where it stands, as written, and with what is filled in it as one character."""

    file: str
    number: int
    source: str
    text: str


def check_words(specs: Specs) -> list[Finding]:
    """Read every narrative, title and footnote; a note for each number and comparison that is typed."""
    given = _Given(specs)
    found = []
    for line in lines_of(specs):
        for sentence, source in _sentences(line):
            words = [(RULE_NUMBER, word) for word in _numbers(sentence, given)]
            if not RANKED.search(source):
                words += [(RULE_WORD, word) for word in _comparisons(sentence)]
            found += [
                Finding("note", "specs", line.file, rule, _say(rule, word), row=line.number, value=word)
                for rule, word in words
            ]
    return found


def _say(rule: str, word: str) -> str:
    if rule == RULE_NUMBER:
        return (
            f"The number '{word}' is typed: nothing changes it when the data change. Quote the result: "
            '{{ n("output.row.n[GROUP=level]") }}.'
        )
    return (
        f"'{word}' is typed: nothing changes it when the data change. Quote the results, or let ranked, "
        "compared or counted say it."
    )


def lines_of(specs: Specs) -> Iterator[Line]:
    """Every line of the narratives, and of the outputs' own texts."""
    for path, raw in specs.texts.items():
        if path.startswith("report/") and path.endswith(".j2"):
            yield from _split(specs.shown(path), raw.decode("utf-8", "replace"), 1)
    for output in specs.outputs.values():
        path = "outputs/" + output.at.path.rsplit("/", 1)[-1]
        whole = specs.texts.get(path, b"").decode("utf-8", "replace")
        for _, text in texts_of(output):
            at = whole.find(text.split("\n")[0][:40]) if text else -1
            yield from _split(output.at.path, text, whole.count("\n", 0, max(at, 0)) + 1)


def _split(file: str, source: str, first: int) -> Iterator[Line]:
    """The lines of a text; what is filled in is one character, with the lines that it takes."""

    def blank(found: re.Match[str]) -> str:
        return (
            "\x01" + "\n" * found[0].count("\n") if found[0].startswith("{{") else "\n" * found[0].count("\n")
        )

    filled = FILLED.sub(blank, source)
    for i, (own, text) in enumerate(zip(source.split("\n"), filled.split("\n"), strict=False)):
        yield Line(file, first + i, own, text)


def _sentences(line: Line) -> Iterator[tuple[str, str]]:
    """The sentences of a line, each with the source that it may come from: a line is a paragraph."""
    if REFERENCE.match(line.text):
        return
    texts = re.split(r"(?<=[.;:|]) (?=\S)", line.text)
    sources = re.split(r"(?<=[.;:|]) (?=\S)", line.source)
    for i, text in enumerate(texts):
        yield text, sources[i] if len(sources) == len(texts) else line.source


def _comparisons(sentence: str) -> list[str]:
    plain = DEFINED.sub("", sentence)
    return [m[0] for m in COMPARISONS.finditer(plain)]


def _numbers(sentence: str, given: _Given) -> Iterator[str]:
    quoted = given.published if PUBLISHED.search(sentence) else frozenset()
    for found in NUMBER.finditer(sentence):
        before, after, number = sentence[: found.start()], sentence[found.end() :], found[1]
        counted = number.isdigit() and (
            SIZE_AFTER.match(after) or SHARE_AFTER.match(after) or SHARE_BEFORE.search(before)
        )
        if number in quoted or given.has_phrase(number, after) or _of_rule(number, before, after):
            continue
        if counted or (number not in given.numbers and number not in given.places):
            yield number + ("%" if after[:1] == "%" else "")
    for found in WORD.finditer(sentence):
        before, after = sentence[: found.start()], sentence[found.end() :]
        size = ONE_AFTER if found[1].lower() == "one" else SIZE_AFTER
        counted = size.match(after) or SHARE_AFTER.match(after)
        if counted and not BOUND_BEFORE.search(before) and not given.has_phrase(found[1].lower(), after):
            yield found[1]


def _of_rule(number: str, before: str, after: str) -> bool:
    """Whether a plan, a rule, a version or a reference gives a number, by the words around it."""
    heads = "." in number and not before.strip(" *-")
    if number.count(".") > 1 or heads or LEVEL_AFTER.match(after):
        return True
    if GIVEN_BEFORE.search(before) or ACRONYM_BEFORE.search(before):
        return not SIZE_AFTER.match(after)
    return bool(re.fullmatch(r"(?:19|20)\d\d", number) and YEAR_BEFORE.search(before))


class _Given:
    """What the specs give: their numbers, the numbers of sections and outputs, the published ones."""

    def __init__(self, specs: Specs) -> None:
        self._specs = specs

    @cached_property
    def text(self) -> str:
        """Every spec but its titles and footnotes, and but the narratives."""
        kept = []
        for path, raw in self._specs.texts.items():
            if path.endswith(".yaml"):
                kept.append(raw.decode("utf-8", "replace"))
        whole = "\n".join(kept)
        for output in self._specs.outputs.values():
            for _, text in texts_of(output):
                whole = whole.replace(text, "") if text else whole
        return whole

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(re.findall(r"\d+(?:\.\d+)?", self.text))

    @cached_property
    def places(self) -> frozenset[str]:
        outputs = [o.number for o in self._specs.outputs.values()]
        return frozenset((*outputs, *(s.number for s in self._specs.report.sections)))

    @cached_property
    def published(self) -> frozenset[str]:
        path = self._specs.folder / "claims.yaml"
        if not path.is_file():
            return frozenset()
        return frozenset(re.findall(r"\d+(?:\.\d+)?", path.read_text("utf-8")))

    def has_phrase(self, number: str, after: str) -> bool:
        """Whether the specs have the number with the same word behind it."""
        word = re.match(r"[ -]([\w/]+)|(%)", after)
        if not word:
            return False
        return bool(re.search(rf"\b{re.escape(number)}[ -]?{re.escape(word[1] or word[2])}", self.text, re.I))
