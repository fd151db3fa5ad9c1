#!/usr/bin/env bash
# Resolves pyproject.toml into requirements.lock, and into a part of it for each image; --check only says whether they are up to date.
set -eu
compile() { # TARGET, what to resolve
    target=$1
    shift
    .venv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q "$@" -o "$target"
}
all() { # FOLDER
    mkdir -p "$1/deploy/docker"
    compile "$1/requirements.lock" pyproject.toml --group flower --group local --group dev
    # The same versions: what tests ran on is what images hold.
    compile "$1/deploy/docker/services.lock" pyproject.toml -c "$1/requirements.lock"
    compile "$1/deploy/docker/flower.lock" --group flower -c "$1/requirements.lock"
}
if [ "${1:-}" != --check ]; then
    all .
    exit
fi
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
mkdir -p "$fresh/deploy/docker"
for lock in requirements.lock deploy/docker/services.lock deploy/docker/flower.lock; do
    cp "$lock" "$fresh/$lock"    # what is locked stays unless pyproject.toml asks for another
done
all "$fresh"
for lock in requirements.lock deploy/docker/services.lock deploy/docker/flower.lock; do
    if ! diff -q "$lock" "$fresh/$lock" >/dev/null; then
        echo "$lock is not what pyproject.toml asks for: run 'make lock'" >&2
        exit 1
    fi
done
