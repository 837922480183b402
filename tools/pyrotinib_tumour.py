"""The tumour forms of pyrotinib-mcrc: lesions, their measurements and the response by visit.

The patients' dates and responses are the seed's. Measurements are made up so that they imply these by
RECIST 1.1; the response form is what the measurements give, and a patient for whom best response or
progression would differ from the seed stops the generator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from pyrotinib_course import (
    Date,
    Row,
    between,
    chance,
    day,
    each,
    head,
    interruption,
    iso,
    joined,
    later,
    organs,
    screened,
    slack,
    spaced,
)

INTERVAL, WINDOW = 42, 7  # days between scans, and how far one may be off
MISSED = {"SIM-012": (6, 7)}  # subject -> scans (the first after the screening is 1) that were not made
UNMEASURED = {("SIM-016", 4): "Scan without contrast medium, lesion cannot be measured"}
GONE = {"SIM-019": 3}  # subject -> the scan from which the non-target lesions are no longer seen
TARGETS = {  # organ -> at most this many targets, smallest and largest at screening (mm)
    "Liver": (2, 22, 58), "Lung": (2, 13, 34), "Lymph node": (2, 17, 29), "Adrenal gland": (1, 20, 38),
    "Ovary": (1, 32, 64),
}  # fmt: skip
PLACES = {
    "Liver": ("Segment VI", "Segment VII", "Segment IV", "Left lateral section", "Segment VIII"),
    "Lung": ("Right lower lobe", "Left upper lobe", "Right upper lobe", "Left lower lobe"),
    "Lymph node": ("Para-aortic", "Left common iliac", "Retroperitoneal", "Mediastinal"),
    "Adrenal gland": ("Left", "Right"),
    "Ovary": ("Left", "Right"),
    "Peritoneum": ("Greater omentum", "Pelvic floor"),
    "Bone": ("L3 vertebra", "Left iliac bone"),
}
SMALL = {  # organ -> lesions that are no targets
    "Liver": "Several lesions below 10 mm", "Lung": "Several nodules below 10 mm",
    "Lymph node": "Nodes with a short axis of 10 to 14 mm",
}  # fmt: skip
PARTIAL = {  # subject -> sum of targets as a part of that at screening, scan by scan until the best
    "SIM-004": (0.79, 0.62, 0.54, 0.51),
    "SIM-011": (0.64, 0.52, 0.47, 0.45),
    "SIM-018": (0.81, 0.63, 0.55, 0.48),
    "SIM-019": (0.62, 0.49, 0.41, 0.38),
}
GROWTH, NEW, NON_TARGET = "target growth", "new lesion", "non-target progression"
WAYS = ((GROWTH,), (NEW,), (GROWTH, NEW), (NON_TARGET,), (GROWTH,), (NEW, NON_TARGET))  # in turn


@dataclass(frozen=True)
class Lesion:
    name: str
    group: str  # Target, Non-target, New
    organ: str
    place: str
    size: int = 0  # mm at screening, of a target


@dataclass(frozen=True)
class Scan:
    """One tumour assessment; number 0 is the screening."""

    number: int
    event: str
    date: Date
    sizes: dict[str, int | None] = field(default_factory=dict)  # target -> mm, None where not measured
    states: dict[str, str] = field(default_factory=dict)  # other lesion -> state


def scan_dates(patient: Row) -> list[Scan]:
    """The scans that were made: the screening, then every six weeks until the seed's last one.

    After an interruption they follow the delayed cycles. A last scan that is no six-weekly one is that of
    the end of treatment.
    """
    subject, first = patient["usubjid"], day(patient["first_dose_date"])
    source = chance("scans", subject)
    found = [Scan(0, "Screening", later(screened(patient), source.randrange(3)))]
    if not patient["pfs_date"]:
        return found
    last, gap, number = day(patient["pfs_date"]), interruption(patient), 0
    while found[-1].date < last:
        number += 1
        planned = later(first, INTERVAL * number)
        planned = later(planned, slack(patient)) if gap and planned >= gap[0] else planned
        date = later(planned, source.randrange(-3, 5))
        ends = abs((last - planned).days) <= WINDOW
        if planned > last and not ends:
            found.append(Scan(number, "End of treatment", last))
        elif number not in MISSED.get(subject, ()):
            found.append(Scan(number, f"Week {6 * number}", last if ends else date))
    return found


def lesions(patient: Row) -> list[Lesion]:
    """The lesions at screening: at most five targets, at most two an organ, and the others."""
    source, found = chance("lesions", patient["usubjid"]), list[Lesion]()
    others: list[tuple[str, str]] = []
    for organ in organs(patient):
        places = source.sample(PLACES[organ], len(PLACES[organ]))
        if organ not in TARGETS:
            others.append((organ, places[0]))
            continue
        most, low, high = TARGETS[organ]
        for place in places[: min(source.randrange(1, most + 1), 5 - len(found))]:
            size = round(between(source, low, high))
            found.append(Lesion(f"T{len(found) + 1:02}", "Target", organ, place, size))
        if organ in SMALL and source.random() < 0.4:
            others.append((organ, SMALL[organ]))
    others = others or ([("Liver", SMALL["Liver"])] if patient["usubjid"] in GONE else [])
    return found + [
        Lesion(f"NT{n:02}", "Non-target", organ, place) for n, (organ, place) in enumerate(others, start=1)
    ]


def ways_of(patient: Row, there: list[Lesion]) -> tuple[str, ...]:
    """How the disease progresses at the last scan; nothing where it does not."""
    if patient["pfs_end"] != "PD":
        return ()
    ways = WAYS[int(patient["usubjid"][-3:]) % len(WAYS)]
    seen = tuple(w for w in ways if w != NON_TARGET or any(x.group == "Non-target" for x in there))
    return seen or (GROWTH,)


def parts(patient: Row, scans: int, ways: tuple[str, ...]) -> list[float]:
    """The sum of targets at each scan after the screening, as a part of that at the screening."""
    subject = patient["usubjid"]
    source = chance("course", subject)
    best = between(source, 0.77, 1.02)
    if subject in PARTIAL:
        falling = PARTIAL[subject]
        found = [falling[min(n, len(falling) - 1)] for n in range(scans)]
    elif patient["bor"] == "PD":
        found = [1.04] * scans
    else:
        found = [1 - (1 - best) * share for share in (0.6, 0.9, 1.0)][:scans]
        found += [min(best + 0.02 * n, 1.1 * best) for n in range(1, scans - 2)]
    if GROWTH in ways:
        found[-1] = min(1.0, *found) * between(source, 1.34, 1.6)
    return found


def measured(patient: Row) -> tuple[list[Lesion], list[Scan]]:
    """The lesions, new ones included, and the scans with what they show."""
    subject, there = patient["usubjid"], lesions(patient)
    plain = scan_dates(patient)
    ways = ways_of(patient, there)
    shares = [1.0, *parts(patient, len(plain) - 1, ways)] if len(plain) > 1 else [1.0]
    source = chance("sizes", subject)
    tilt = {x.name: between(source, -0.04, 0.04) for x in there}
    if NEW in ways:
        organ = source.choice(
            [o for o in ("Liver", "Lung", "Peritoneum") if o not in organs(patient)] or ["Liver"]
        )
        there.append(Lesion("NEW01", "New", organ, PLACES[organ][-1]))
    scans = []
    for scan, share in zip(plain, shares, strict=True):
        ends = bool(ways) and scan is plain[-1]
        sizes: dict[str, int | None] = {}
        for x in (x for x in there if x.group == "Target"):
            own = share * (1 + tilt[x.name] + between(source, -0.02, 0.02)) if scan.number else 1.0
            sizes[x.name] = max(5, round(x.size * own + (2 if ends and GROWTH in ways else 0)))
        if (subject, scan.number) in UNMEASURED:
            sizes[max(sizes)] = None
        gone = 0 < GONE.get(subject, 0) <= scan.number
        states = {x.name: "Absent" if gone else "Present" for x in there if x.group == "Non-target"}
        if ends and NON_TARGET in ways:
            states["NT01"] = "Unequivocal progression"
        if ends and NEW in ways:
            states["NEW01"] = "Present"
        scans.append(replace(scan, sizes=sizes, states=states))
    agree(patient, scans)
    return there, scans


# --- RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228-247)


def target_response(scans: list[Scan], at: int, nodes: set[str]) -> str:
    """CR, PR, SD, PD or NE of the targets at a scan, against the screening and the smallest sum before."""
    sizes = scans[at].sizes
    complete = [
        sum(s for s in x.sizes.values() if s is not None) for x in scans[:at] if None not in x.sizes.values()
    ]
    total, smallest = sum(s for s in sizes.values() if s is not None), min(complete)
    if total >= 1.2 * smallest and total - smallest >= 5:
        return "PD"
    if None in sizes.values():
        return "NE"
    if all(size is not None and (size < 10 if name in nodes else size == 0) for name, size in sizes.items()):
        return "CR"
    return "PR" if total <= 0.7 * complete[0] else "SD"


def non_target_response(scan: Scan) -> str:
    """Blank where there are no non-target lesions."""
    states = [state for name, state in scan.states.items() if name.startswith("NT")]
    if "Unequivocal progression" in states:
        return "PD"
    if not states:
        return ""
    return "CR" if set(states) == {"Absent"} else "Non-CR/Non-PD"


def overall_response(target: str, non_target: str, new: bool) -> str:
    """The guideline's table of target, non-target and new lesions."""
    if new or "PD" in (target, non_target):
        return "PD"
    if target == "CR":
        return "CR" if non_target in ("CR", "") else "PR"
    return target


def responses(scans: list[Scan], nodes: set[str]) -> list[tuple[str, str, bool, str]]:
    """Target, non-target, new lesion and overall, of each scan after the screening."""
    found = []
    for at in range(1, len(scans)):
        target, other = target_response(scans, at, nodes), non_target_response(scans[at])
        new = "NEW01" in scans[at].states
        found.append((target, other, new, overall_response(target, other, new)))
    return found


def agree(patient: Row, scans: list[Scan]) -> None:
    """Stop where the measurements do not give the seed's best response and progression."""
    nodes = {x.name for x in lesions(patient) if x.organ == "Lymph node"}
    given = [overall for *_, overall in responses(scans, nodes)]
    best = next((r for r in ("CR", "PR", "SD", "PD") if r in given), "NE")
    wanted = given[:-1] + ["PD"] if patient["pfs_end"] == "PD" else [r for r in given if r != "PD"]
    if best != patient["bor"] or given != wanted or "PD" in given[:-1]:
        raise SystemExit(f"{patient['usubjid']}: the measurements give {given}, the seed {patient['bor']}")


# --- forms


def identified(patient: Row) -> Iterable[Row]:
    """One row a lesion, on the visit at which it was found."""
    there, scans = measured(patient)
    for x in there:
        scan = scans[-1] if x.group == "New" else scans[0]
        yield head(patient["usubjid"], scan.event) | {
            "TUDAT": spaced(scan.date).replace(" ", "-"), "LESION": x.name, "LESTYPE": x.group,
            "ORGAN": x.organ, "PLACE": x.place, "METHOD": method(patient, x),
        }  # fmt: skip


def method(patient: Row, lesion: Lesion) -> str:
    """The same at each visit."""
    return "MRI" if lesion.organ == "Liver" and int(patient["usubjid"][-3:]) % 7 == 0 else "CT scan"


def measurements(patient: Row) -> Iterable[Row]:
    """One row a lesion and scan."""
    there, scans = measured(patient)
    for scan in scans:
        for x in (x for x in there if x.name in scan.sizes or x.name in scan.states):
            size = scan.sizes.get(x.name)
            test = "Short axis" if x.organ == "Lymph node" else "Longest diameter"
            why = UNMEASURED.get((patient["usubjid"], scan.number), "")
            yield head(patient["usubjid"], scan.event) | {
                "TRDAT": iso(scan.date), "ASSESS": f"A{scan.number + 1}", "LESION": x.name,
                "LESTYPE": x.group, "METHOD": method(patient, x),
                "TEST": test if x.group == "Target" else "",
                "RESULT": str(size) if size is not None else "", "UNIT": "mm" if size is not None else "",
                "STATE": scan.states.get(x.name, ""),
                "NOTDONE": why if x.group == "Target" and size is None else "",
            }  # fmt: skip


def response(patient: Row) -> Iterable[Row]:
    """One row a scan after the screening."""
    there, scans = measured(patient)
    nodes = {x.name for x in there if x.organ == "Lymph node" and x.group == "Target"}
    for scan, (target, other, new, overall) in zip(scans[1:], responses(scans, nodes), strict=True):
        yield head(patient["usubjid"], scan.event) | {
            "RSDAT": joined(scan.date), "ASSESS": f"A{scan.number + 1}", "TARGET": target, "NONTARG": other,
            "NEWLES": "Unequivocal" if new else "No", "OVERALL": overall,
        }  # fmt: skip


FORMS: dict[str, Callable[[list[Row]], Iterable[Row]]] = {
    "tu": each(identified),
    "tr": each(measurements),
    "rs": each(response),
}
