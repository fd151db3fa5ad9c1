#!/usr/bin/env bash
# Resolves pyproject.toml into requirements.lock; --check only says whether the lock is up to date.
set -eu
compile() {
    .venv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q \
        pyproject.toml --group local --group dev -o "$1"
}
if [ "${1:-}" != --check ]; then
    compile requirements.lock
    exit
fi
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
cp requirements.lock "$fresh"    # what is locked stays unless pyproject.toml asks for another
compile "$fresh"
if ! diff -q requirements.lock "$fresh" >/dev/null; then
    echo "requirements.lock is not what pyproject.toml asks for: run 'make lock'" >&2
    exit 1
fi
