#!/usr/bin/env bash
# Make .venv what the lock files say: the first thing `make` does.
#
#   scripts/bootstrap.sh run     the application and its dependencies
#   scripts/bootstrap.sh test    those, the tests and the tools
#
# A stamp beside the packages holds the lock's digest, so that nothing is installed
# again until the lock changes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

purpose=${1:?run or test}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local name
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
        if command -v "$name" >/dev/null && is_new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
    printf >&2 'Mainstay needs Python 3.11 or newer; none was found. On Debian and Ubuntu:\n\n'
    printf >&2 '    sudo apt-get update && sudo apt-get install -y python3.11 python3.11-venv\n\n'
    return 1
}

digest() { sha256sum "$1" | cut -d' ' -f1; }

is_installed() { # lock
    [ "$(cat ".venv/$1.stamp" 2>/dev/null)" = "$(digest "$1")" ]
}

python=$(find_python)
scripts/system_packages.sh "$purpose" "$python"

locks=(requirements.lock)
[ "$purpose" = run ] || locks+=(requirements-dev.lock)

if ! is_new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --clear .venv
fi

for lock in "${locks[@]}"; do
    is_installed "$lock" && continue
    printf 'Installing the packages of %s into .venv (only when that file changed) …\n' "$lock"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --requirement "$lock"
    digest "$lock" >".venv/$lock.stamp"
done
