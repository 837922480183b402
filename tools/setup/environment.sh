#!/usr/bin/env bash
# Make .venv with everything that constraints.txt pins, and the libraries that WeasyPrint loads.
# A second run finds its stamp and does nothing. PYTHON names another interpreter than python3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

PYTHON=${PYTHON:-python3}
LIBRARIES=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1)
STAMP=.venv/tlfgen-stamp
NEW_ENOUGH='import sys; sys.exit(sys.version_info < (3, 11))'

stop() { printf 'tlfgen: %s\n' "$*" >&2; exit 1; }

# The interpreter is part of the stamp, since a system's upgrade changes it under an environment;
# so is the folder, since the scripts of a copied environment would run the original.
fingerprint() {
    cat pyproject.toml constraints.txt tools/setup/environment.sh | cksum
    .venv/bin/python -V
    pwd -P
}

ready() {
    local left
    [ -e "$STAMP" ] && [ "$(cat "$STAMP")" = "$(fingerprint 2>/dev/null)" ] || return 1
    left=$(missing_libraries .venv/bin/python) && [ -z "$left" ]
}

missing_libraries() { "$1" tools/setup/missing_libraries.py | tr '\n' ' '; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

may_install() {
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

install_packages() {
    local log
    if ! command -v apt-get >/dev/null; then
        stop "install Pango, its FreeType back end, HarfBuzz with its subsetter, and Fontconfig (and Python's venv), then run make again."
    fi
    may_install || stop "run 'sudo apt-get install $*', then make again."
    echo "tlfgen: installing $*"
    log=$(mktemp)
    # One unreachable source fails the update, yet the install may not need it.
    if ! { as_root apt-get update || true; as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        stop "apt-get failed as shown above; run 'sudo apt-get install $*', then make again."
    fi
    rm -f "$log"
}

# What the system must bring: venv and the libraries, asked for together.
complete_system() {
    local packages=()
    [ "$tool" = uv ] || "$1" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
    [ -z "$(missing_libraries "$1")" ] || packages+=("${LIBRARIES[@]}")
    [ ${#packages[@]} = 0 ] || install_packages "${packages[@]}"
    [ "$tool" = uv ] || "$1" -c 'import ensurepip, venv' 2>/dev/null \
        || stop "$1 cannot make environments; name one that can: make PYTHON=/usr/bin/python3"
    local left
    left=$(missing_libraries "$1")
    [ -z "$left" ] || stop "WeasyPrint cannot load ${left% }; install them, then run make again."
}

# An environment without a stamp is one whose making was cut short.
usable() {
    [ -e "$STAMP" ] && [ "$(tail -n 2 "$STAMP")" = "$(fingerprint 2>/dev/null | tail -n 2)" ] || return 1
    [ "$tool" = uv ] || .venv/bin/python -m pip --version >/dev/null 2>&1
}

make_environment() {
    if usable; then return; fi
    rm -rf .venv
    if [ "$tool" = uv ]; then
        uv venv --quiet --python "$1" .venv
    else
        "$1" -m venv .venv
    fi
}

install() {
    if [ "$tool" = uv ]; then
        uv pip install --quiet --python .venv/bin/python --compile-bytecode --constraint constraints.txt "$@"
    else
        .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt "$@"
    fi
}

if ready; then exit 0; fi
tool=venv
if command -v uv >/dev/null; then tool=uv; fi
command -v "$PYTHON" >/dev/null || stop "Python 3.11 or later is needed and '$PYTHON' is not there: make PYTHON=/path/to/python3"
"$PYTHON" -c "$NEW_ENOUGH" \
    || stop "Python 3.11 or later is needed and '$PYTHON' is $("$PYTHON" -V): make PYTHON=/path/to/python3"
complete_system "$PYTHON"
echo "tlfgen: making .venv with $("$PYTHON" -V) and $tool, a minute or two"
make_environment "$PYTHON"
rm -f "$STAMP"
# The build tools first, pinned like the rest: an isolated build would fetch its own, of any version.
install hatchling setuptools wheel
install --no-build-isolation --editable '.[dev]'
fingerprint >"$STAMP"
echo "tlfgen: .venv is ready after $SECONDS s"
