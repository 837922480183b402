"""What came before the study pyrotinib-mcrc: illnesses, biomarkers, prior therapy, eligibility.

The seed's covariates stand exactly; dates, drugs beside those that it names, and all other illnesses are made
up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyrotinib_course import Date, Row, between, chance, day, each, head, iso, later, organs, screened

WASHOUT_DAYS = 28  # from the last prior therapy to the first dose
SHORT_WASHOUT = {"SIM-017": 26}  # subject -> days; entered with a waiver
DAYS_A_MONTH = 30
FOLFOX = ("Oxaliplatin", "Fluorouracil", "Calcium folinate")
XELOX = ("Oxaliplatin", "Capecitabine")
FOLFIRI = ("Irinotecan", "Fluorouracil", "Calcium folinate")
XELIRI = ("Irinotecan", "Capecitabine")
TAS102 = ("Trifluridine and tipiracil",)
S1 = ("Tegafur, gimeracil and oteracil",)
KINDS = {
    "Cetuximab": "Anti-EGFR", "Bevacizumab": "Anti-angiogenic", "Sintilimab": "Immunotherapy",
    "Toripalimab": "Immunotherapy", "Fruquintinib": "Anti-angiogenic", "Regorafenib": "Anti-angiogenic",
}  # fmt: skip
BRANDS = {("SIM-006", "Bevacizumab"): "Avastin", ("SIM-019", "Cetuximab"): "Erbitux"}  # as the site wrote it
RESECTIONS = {
    "Rectum": "Low anterior resection", "Sigmoid colon": "Sigmoidectomy",
    "Ascending colon": "Right hemicolectomy", "Transverse colon": "Extended right hemicolectomy",
}  # fmt: skip
ILLNESSES = (  # as the sites wrote them; the first ones more often
    "Hypertension", "type 2 diabetes", "Fatty liver", "hyperlipidaemia", "Cholecystolithiasis",
    "Chronic gastritis", "appendicitis", "Benign prostatic hyperplasia", "Hypothyroidism", "Cataract",
    "chronic hepatitis B", "Lumbar disc herniation", "Renal cyst", "Iron deficiency", "Haemorrhoids",
)  # fmt: skip
ENDED = ("appendicitis", "Cataract")
OWN_ILLNESSES = {"SIM-015": ("Hypertension", "hyperlipidaemia"), "SIM-016": ("Hypothyroidism",)}
NEVER = {"SIM-018": ("Hypertension",)}  # a new event of this one
INCLUSION = tuple(f"INCL{n:02}" for n in range(1, 11))
EXCLUSION = tuple(f"EXCL{n:02}" for n in range(1, 7))
WASHOUT_CRITERION = "EXCL02"


# --- the course before the study


def regimens(patient: Row) -> list[tuple[str, ...]]:
    """The drugs of each line, by the seed: how many lines, and whether cetuximab, bevacizumab, a checkpoint
    inhibitor."""
    subject = patient["usubjid"]
    source = chance("regimens", subject)
    first = source.choice((FOLFOX, XELOX))
    lines = [first, FOLFIRI if first == FOLFOX else XELIRI]
    bevacizumab, cetuximab = patient["prior_antiangio"] == "Y", patient["prior_antiegfr"] == "Y"
    later_lines = [TAS102, ("Regorafenib",) if bevacizumab else S1]
    lines += later_lines[: int(patient["prior_lines"]) - 2]
    at = source.randrange(2) if bevacizumab and not cetuximab else int(cetuximab)
    if cetuximab:
        lines[0] = (*lines[0], "Cetuximab")
    if bevacizumab:
        lines[at] = (*lines[at], "Bevacizumab")
    if patient["prior_io"] == "Y":
        lines[-1] = (*lines[-1], source.choice(("Sintilimab", "Toripalimab")))
    return lines


def spans(patient: Row) -> list[tuple[Date, Date]]:
    """First and last day of each line, in the order of the lines; the last one ends before the washout."""
    subject, first = patient["usubjid"], day(patient["first_dose_date"])
    source, found = chance("lines", subject), list[tuple[Date, Date]]()
    apart = SHORT_WASHOUT.get(subject) or source.randrange(WASHOUT_DAYS + 3, 60)
    end = later(first, -apart)
    for _ in range(int(patient["prior_lines"])):
        start = later(end, -source.randrange(75, 260))
        found.insert(0, (start, end))
        end = later(start, -source.randrange(14, 45))
    return found


def stage(patient: Row) -> str:
    """AJCC 8 at diagnosis: with a resected primary a few had no metastases then."""
    if patient["prior_resection"] == "Y" and chance("stage", patient["usubjid"]).random() < 0.4:
        return chance("stage", patient["usubjid"], "III").choice(("IIIB", "IIIC"))
    if "Peritoneum" in organs(patient):
        return "IVC"
    return "IVA" if patient["n_met_sites"] == "1" else "IVB"


def diagnosed(patient: Row) -> tuple[Date, Date]:
    """Dates of the diagnosis of the cancer and of its metastases."""
    source, first_line = chance("diagnosis", patient["usubjid"]), spans(patient)[0][0]
    spread = later(first_line, -source.randrange(10, 40))
    if stage(patient).startswith("III"):
        return later(spread, -source.randrange(9, 30) * DAYS_A_MONTH), spread
    return spread, spread


def illnesses(patient: Row) -> list[str]:
    subject = patient["usubjid"]
    source = chance("illnesses", subject)
    left = [x for x in ILLNESSES if x not in NEVER.get(subject, ())]
    if patient["sex"] == "F":
        left.remove("Benign prostatic hyperplasia")
    found = list(OWN_ILLNESSES.get(subject, ()))
    while len(found) < source.randrange(1, 5):
        new = source.choices(left, [len(left) - n for n in range(len(left))])[0]
        found += [new] if new not in found else []
    return found[:4]


# --- forms


def disease_history(patient: Row) -> Iterable[Row]:
    found, spread = diagnosed(patient)
    grade = patient["differentiation"]
    yield head(patient["usubjid"], "Screening") | {
        "MHDAT": iso(screened(patient)), "DIAG": "Colorectal cancer", "DIAGDAT": iso(found),
        "METDAT": iso(spread), "PRIMSITE": patient["primary_site"], "SIDE": patient["primary_side"].title(),
        "DIFF": "Not available" if grade == "NA" else grade, "STAGE": stage(patient), "AJCC": "8",
        "NMETSITE": patient["n_met_sites"], "METSITES": "; ".join(organs(patient)),
    }  # fmt: skip


def medical_history(patient: Row) -> Iterable[Row]:
    subject, born = patient["usubjid"], screened(patient).year - int(patient["age"])
    for term in illnesses(patient):
        source = chance("illness", subject, term)
        year = min(born + source.randrange(30, int(patient["age"])), screened(patient).year - 1)
        ended = term in ENDED
        yield head(subject, "Screening") | {
            "MHDAT": iso(screened(patient)), "MHTERM": term, "MHSTYR": str(year),
            "MHENYR": str(year) if ended else "", "MHONGO": "No" if ended else "Yes",
        }  # fmt: skip


def her2_protein(patient: Row) -> Iterable[Row]:
    source = chance("her2", patient["usubjid"])
    taken = later(screened(patient), -source.randrange(20, 120))
    yield head(patient["usubjid"], "Screening") | {
        "MIDAT": iso(taken), "SPEC": source.choice(("Primary tumour", "Metastasis")),
        "METHOD": "IHC", "SCORE": patient["her2_ihc"],
    }  # fmt: skip


def genes(patient: Row) -> Iterable[Row]:
    """One row a test; a test that was not done says why.

    HER2 was tested by FISH where immunohistochemistry gave 2+, and by NGS in the others that were tested.
    """
    subject = patient["usubjid"]
    source = chance("genes", subject)
    taken, tested = later(screened(patient), -source.randrange(5, 40)), patient["fish_or_ngs_tested"] == "Y"
    by_fish = bool(patient["her2_fish"])
    by_ngs = tested and not by_fish
    ratio = f"{between(source, 2.4, 8.6):.1f}"
    amplified = "Amplified" if patient["her2_amplified"] == "Y" else "Not amplified"
    mutated = "Mutated" if patient["her2_mutation"] == "Y" else "Not mutated"
    kras = {"WILD TYPE": "Wild type", "KRAS MUTANT": "Mutated", "NA": ""}[patient["ras"]]
    nras = "Wild type" if kras else ""
    braf = {"WILD TYPE": "Wild type", "NA": ""}[patient["braf"]]
    satellites = "" if patient["ms_status"] == "NA" else "MSS"
    why_fish = "Not requested, IHC 3+"
    why_ngs = "Tested by FISH" if by_fish else "Not requested, IHC 3+"
    for test, method, result, why in (
        ("HER2 ratio", "FISH", ratio if by_fish else "", why_fish),
        ("HER2 amplification", "FISH", amplified if by_fish else "", why_fish),
        ("HER2 amplification", "NGS", amplified if by_ngs else "", why_ngs),
        ("HER2 mutation", "NGS", mutated if by_ngs else "", why_ngs),
        ("KRAS", "PCR", kras, "No tissue left"),
        ("NRAS", "PCR", nras, "No tissue left"),
        ("BRAF", "PCR", braf, "No tissue left"),
        ("Microsatellites", "PCR", satellites, "Not available"),
    ):
        yield head(subject, "Screening") | {
            "GFDAT": iso(taken) if result else "", "TEST": test, "METHOD": method,
            "DONE": "Yes" if result else "No", "RESULT": result, "REASND": "" if result else why,
        }  # fmt: skip


def prior_therapy(patient: Row) -> Iterable[Row]:
    """One row a line and drug."""
    subject, lines = patient["usubjid"], regimens(patient)
    for number, (drugs, (start, end)) in enumerate(zip(lines, spans(patient), strict=True), start=1):
        source = chance("line", subject, str(number))
        best = source.choice(("Partial response", "Stable disease", "Stable disease", "Progressive disease"))
        stop = "Intolerance" if source.random() < 0.12 else "Progression"
        for drug in drugs:
            yield head(subject, "Screening") | {
                "LINE": str(number), "CMTRT": BRANDS.get((subject, drug), drug),
                "KIND": KINDS.get(drug, "Chemotherapy"), "CMSTDAT": iso(start), "CMENDAT": iso(end),
                "BEST": best, "STOP": stop,
            }  # fmt: skip


def prior_procedures(patient: Row) -> Iterable[Row]:
    """One row a procedure; a patient without any has no row."""
    subject, source = patient["usubjid"], chance("procedures", patient["usubjid"])
    found, _ = diagnosed(patient)
    first_line = spans(patient)[0][0]
    site, kinds = patient["primary_site"], list[tuple[str, str, str, Date, str]]()
    operated = later(found, source.randrange(3, max(4, min(25, (first_line - found).days - 3))))
    if patient["prior_resection"] == "Y":
        kinds.append(("Resection of primary tumour", RESECTIONS[site], site, operated, ""))
    elif source.random() < 0.35:
        kinds.append(("Colostomy", "Sigmoid colostomy", "Colon", operated, ""))
    between_lines = later(spans(patient)[0][1], source.randrange(4, 11))
    if "Liver" in organs(patient) and source.random() < 0.3:
        kinds.append(
            (
                "Ablation of metastasis",
                "Radiofrequency ablation of a liver metastasis",
                "Liver",
                between_lines,
                "",
            )
        )
    if site == "Rectum" and source.random() < 0.5:
        kinds.append(("Radiotherapy", "Pelvic radiotherapy", "Pelvis", between_lines, "50"))
    for kind, words, place, date, dose in kinds:
        end = later(date, 34) if dose else date
        yield head(subject, "Screening") | {
            "KIND": kind, "PRTRT": words, "PRLOC": place, "PRSTDAT": iso(date),
            "PRENDAT": iso(end), "DOSE": dose, "DOSEU": "Gy" if dose else "",
        }  # fmt: skip


def eligibility(patient: Row) -> Iterable[Row]:
    """One row a criterion; who entered although one was not met has a waiver."""
    subject = patient["usubjid"]
    checked = day(patient["enrol_date"])
    for code in (*INCLUSION, *EXCLUSION):
        short = code == WASHOUT_CRITERION and subject in SHORT_WASHOUT
        answer = "Yes" if code in INCLUSION or short else "No"
        yield head(subject, "Screening") | {
            "IEDAT": iso(checked), "CRITERION": code, "ANSWER": answer, "WAIVER": "Yes" if short else ""
        }  # fmt: skip


FORMS: dict[str, Callable[[list[Row]], Iterable[Row]]] = {
    "mh_cancer": each(disease_history),
    "mh": each(medical_history),
    "mi_her2": each(her2_protein),
    "gf_genes": each(genes),
    "cm_prior": each(prior_therapy),
    "pr_prior": each(prior_procedures),
    "ie": each(eligibility),
}
