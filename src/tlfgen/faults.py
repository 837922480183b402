"""What a person is told when something fails that no message was written for, and text made safe to print."""

from __future__ import annotations

import datetime
import errno
import os
import tempfile
import traceback
import unicodedata
from pathlib import Path

SHOWN = frozenset("\n\t")
REMEDIES = {
    errno.ENOSPC: "The disk is full. Make room and build again; the last good build stays.",
    errno.EDQUOT: "The quota of disk space is used up. Make room and build again; the last good build stays.",
    errno.EFBIG: "The file is larger than this system lets it be. The last good build stays.",
    errno.EACCES: "There is no permission for it.",
    errno.EPERM: "There is no permission for it.",
    errno.EROFS: "It stands on a disk that can only be read.",
    errno.EMFILE: "Too many files are open at once. Raise the limit (ulimit -n).",
}


def printable(text: str) -> str:
    """Write the characters that a terminal would obey as visible text.

    Control characters and those that turn the direction of writing become `\\x1b` or `\\u202e`; line ends and
    tabs stay.

    >>> printable("Mild\\x1b[31m")
    'Mild\\\\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(c if c in SHOWN or not _commands(c) else _visible(c) for c in text)


def _commands(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _visible(character: str) -> str:
    number = ord(character)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def disk_error(error: OSError) -> str:
    """Say which path a disk, a permission or the system refused, and what to do."""
    path = error.filename2 or error.filename
    what = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
    remedy = REMEDIES.get(error.errno or 0) or error.strerror or str(error)
    return f"{what} cannot be read or written.\n  {remedy}" if what else f"The system refused.\n  {remedy}"


def fault_of_tlfgen(error: BaseException) -> str:
    """Keep the traceback in a file and say in one line where it is; the fault is ours, not the user's."""
    when = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    text = "".join(traceback.format_exception(error))
    what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    for folder in (Path.cwd(), Path(tempfile.gettempdir())):
        path = folder / f"tlfgen-fault-{when}-{os.getpid()}.txt"
        try:
            path.write_text(text, "utf-8", errors="backslashreplace")
        except OSError:
            continue
        return f"This is a fault of tlfgen ({what}). Please report it with {path}; the last good build stays."
    return f"This is a fault of tlfgen ({what}), and no file could be written. The last good build stays."
