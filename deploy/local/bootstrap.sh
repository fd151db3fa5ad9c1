#!/usr/bin/env bash
# Makes .venv with exactly what requirements.lock names. PYTHON=… chooses the interpreter.
set -eu

usable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if ! { [ -x .venv/bin/python ] && usable .venv/bin/python; }; then
    python=""
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if command -v "$candidate" >/dev/null && usable "$candidate"; then python=$candidate; break; fi
    done
    if [ -z "$python" ]; then
        echo "Python 3.11 or newer is needed. Install it, or name it: make env PYTHON=/path/to/python3.12" >&2
        exit 1
    fi
    echo "making .venv with $("$python" --version)"
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        echo "$python cannot make environments. On Debian and Ubuntu: apt install python3-venv" >&2
        exit 1
    fi
fi
uv=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements.lock)
if [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$uv" ]; then
    .venv/bin/python -m pip install -q --disable-pip-version-check "uv==$uv"
fi
echo "installing what requirements.lock names"
.venv/bin/uv pip sync -q --require-hashes requirements.lock
