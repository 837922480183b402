"""Make docs/images/published-*.png: what the publication prints beside the pages of a built report.

Run by hand after a build of pyrotinib-mcrc: python tools/published_beside_ours.py

The left half sets the printed numbers from claims.yaml; the publication's own pictures are not ours to show.
The right half is the output's page as the build rendered it. Needs pdftoppm and Pillow.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import yaml
from PIL import Image, ImageChops
from weasyprint import HTML

ROOT = Path(__file__).resolve().parent.parent
CLAIMS = ROOT / "specs" / "pyrotinib-mcrc" / "claims.yaml"
OUTPUTS = ROOT / "output" / "pyrotinib-mcrc" / "outputs"
IMAGES = ROOT / "docs" / "images"
DPI, GAP = 110, 40
PICTURES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "published-table-1": ("Table 1 as printed", ("t1.",), ("baseline",)),
    "published-table-2": ("Table 2 as printed", ("t2.",), ("as-published-response", "as-published-survival")),
    "published-table-3": ("Table 3 as printed", ("t3.",), ("ae-related-by-grade",)),
    "published-figure-1": (
        "Numbers printed with Figure 1",
        ("ef.pfs", "ef.os", "ef.deaths"),
        ("pfs-km", "os-km"),
    ),
    "published-figure-2": (
        "Numbers printed with Figure 2",
        ("ex.pfs", "ex.os", "ex.kras", "ex.wt", "ex.unk"),
        ("pfs-by-ras-km", "os-by-ras-km"),
    ),
}
GRADES = {
    "g1": "Grade 1",
    "g2": "Grade 2",
    "g3": "Grade 3",
    "g4": "Grade 4",
    "any": "Any grade",
    "g34": "Grade 3-4",
}
STYLE = """@page{size:%s;margin:24pt} body{font:9pt 'Source Sans Pro',sans-serif;color:#000}
h1{font-size:11pt;margin:0 0 6pt}
table{border-collapse:collapse;width:100%%;border-top:.9pt solid;border-bottom:.9pt solid}
td{padding:1pt 8pt 1pt 0;vertical-align:top} td:last-child{white-space:nowrap}"""


def printed(title: str, starts: tuple[str, ...]) -> str:
    """The claims that begin so, as a page: label and number; Table 3 by grade, as it is laid out there."""
    claims = yaml.safe_load(CLAIMS.read_text("utf-8"))["claims"]
    own = {c["id"]: c for c in claims if c["id"].startswith(starts)}
    if starts == ("t3.",):
        terms = dict.fromkeys(i.split(".")[1] for i in own)
        lines = [["", *GRADES.values()]]
        for term in terms:
            name = own[f"t3.{term}.any"]["label"].removesuffix(", any grade")
            lines.append([name, *(own[f"t3.{term}.{g}"]["printed"] for g in GRADES)])
    else:
        lines = [[c["label"], c["printed"]] for c in own.values()]
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
    size = f"{140 + 70 * len(lines[0])}pt {90 + 15 * len(lines)}pt"
    return f"<style>{STYLE % size}</style><h1>{title}</h1><table>{rows}</table>"


def picture(pdf: Path, folder: Path) -> Image.Image:
    """The pages of a file, one below the other, without their empty margins."""
    stem = folder / pdf.stem
    subprocess.run(["pdftoppm", "-r", str(DPI), "-png", str(pdf), str(stem)], check=True)
    pages = [trimmed(Image.open(p).convert("RGB")) for p in sorted(folder.glob(f"{pdf.stem}-*.png"))]
    return stacked(pages)


def trimmed(image: Image.Image) -> Image.Image:
    """The image without its margins, and with no more than a gap of blank lines within."""
    box = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    image = image.crop(box) if box else image
    ink = np.asarray(image.convert("L")).min(axis=1) < 250
    kept = [y for y in range(image.height) if ink[max(0, y - GAP) : y + 1].any()]
    return Image.fromarray(np.asarray(image)[kept])


def stacked(images: list[Image.Image]) -> Image.Image:
    whole = Image.new(
        "RGB", (max(i.width for i in images), sum(i.height + GAP for i in images) - GAP), "white"
    )
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height + GAP
    return whole


def main() -> None:
    """Write every picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for target, (title, starts, outputs) in PICTURES.items():
            left_pdf = folder / f"left-{target}.pdf"
            HTML(string=printed(title, starts)).write_pdf(left_pdf)
            left, right = (
                picture(left_pdf, folder),
                stacked([picture(OUTPUTS / f"{o}.pdf", folder) for o in outputs]),
            )
            size = (left.width + right.width + 3 * GAP, max(left.height, right.height) + 2 * GAP)
            both = Image.new("RGB", size, "white")
            both.paste(left, (GAP, GAP))
            both.paste(right, (left.width + 2 * GAP, GAP))
            both.quantize(64).save(IMAGES / f"{target}.png", optimize=True)


if __name__ == "__main__":
    main()
