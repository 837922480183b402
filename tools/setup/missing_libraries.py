"""Name the libraries that WeasyPrint loads and this machine lacks, one a line; none, where all load.

They are loaded, not looked up in a package list: that also finds those built by hand.
Source: WeasyPrint 70, weasyprint/text/ffi.py, the names it opens on Linux and macOS.
"""

import ctypes

LIBRARIES = {
    "gobject-2.0": ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib"),
    "pango-1.0": ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    "pangoft2-1.0": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    "harfbuzz": ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    "harfbuzz-subset": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
    "fontconfig": ("libfontconfig.so.1", "libfontconfig.1.dylib"),
}


def loads(names: tuple[str, ...]) -> bool:
    """Try each name a library has; the first that loads will do."""
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


if __name__ == "__main__":
    print(*(library for library, names in LIBRARIES.items() if not loads(names)), sep="\n", end="")
