"""What study.yaml names once: codes, numbers and words that stand for one thing each."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from tlfgen.errors import Place, SpecError, unknown
from tlfgen.spec.characters import plain_text
from tlfgen.spec.study import StudySpec

Named = Iterable[tuple[Hashable, Place]]


def check_unique(study: StudySpec) -> None:
    """Refuse a code, a number or a word that stands for two things: the later would win in silence.

    Once each: ARMCD, ARM and order of arms; a word among all arms and `not_assigned` (its code, its name, its
    collected words, in any case); VISITNUM; ETCD; IETESTCD of a version. An element's arms are codes of arms.
    """
    arms, visits, elements = study.arms, study.visits, study.elements
    _once("The ARMCD", ((a.ARMCD, a.at_key("ARMCD")) for a in arms))
    _once("The ARM", ((a.ARM, a.at_key("ARM")) for a in arms))
    _once("The order", ((a.order, a.at_key("order")) for a in arms))
    _check_words(study)
    _once("The VISITNUM", ((f"{v.VISITNUM:g}", v.at_key("VISITNUM")) for v in visits))
    _once("The ETCD", ((e.ETCD, e.at_key("ETCD")) for e in elements))
    _once("The IETESTCD", (((c.IETESTCD, c.TIVERS or ""), c.at_key("IETESTCD")) for c in study.eligibility))
    for element in elements:
        for code in element.arms:
            if code not in {a.ARMCD for a in arms}:
                raise unknown("The arm", code, (a.ARMCD for a in arms), element.at_key("arms"))


def _once(what: str, named: Named) -> None:
    first: dict[Hashable, Place] = {}
    for name, place in named:
        if name in first:
            shown = name[0] if isinstance(name, tuple) else name
            raise SpecError(f"{what} '{shown}' stands twice, first in line {first[name].line}.", place=place)
        first[name] = place


def _check_words(study: StudySpec) -> None:
    """Every word in which a form may say the arm is of one arm, or of one reason for having none."""
    of: dict[str, tuple[str, Place]] = {}
    said = [
        (w, f"the arm {a.ARM}", a.at_key("collected"))
        for a in study.arms
        for w in (a.ARMCD, a.ARM, *a.collected)
    ]
    said += [(w, n.ARMNRS, n.at_key("collected")) for n in study.not_assigned for w in n.collected]
    for word, owner, place in said:
        key = plain_text(word).strip().casefold()
        other, _ = of.setdefault(key, (owner, place))
        if other != owner:
            raise SpecError(
                f"'{word}' stands for {other} and for {owner}.",
                place=place,
                hint="A word that the forms say is of one arm, else subjects change their arm.",
            )
