#!/usr/bin/env bash
# See that the system packages which pip can't bring are there.
#
#   scripts/system_packages.sh run     what the application needs
#   scripts/system_packages.sh test    that, and what the tests need
#
# Missing ones are installed when root on Debian or Ubuntu. Otherwise the exact
# command is named: what the application needs is an error, what only some tests
# need is a notice, and those tests say that they are skipped.
set -euo pipefail

purpose=${1:?run or test}
python=${2:?the Python to look with}

has_library() { # by its name on disk, the way the PDF renderer loads it
    "$python" - "$1" <<'PYTHON' 2>/dev/null
import ctypes, sys
ctypes.CDLL(sys.argv[1])
PYTHON
}

has_font() {
    compgen -G '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' >/dev/null
}

has_venv() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null
}

has_server() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null
}

has_browser() {
    [ -n "${MAINSTAY_CHROMIUM:-}" ] || command -v chromium >/dev/null
}

venv_package() {
    "$python" -c 'import sys; print(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")'
}

distribution() {
    # shellcheck source=/dev/null
    (. /etc/os-release 2>/dev/null && printf '%s' "${ID:-unknown}") || printf 'unknown'
}

install() {
    printf 'Installing system packages: %s\n' "$*"
    export DEBIAN_FRONTEND=noninteractive
    if [ -z "${updated:-}" ]; then
        apt-get update -qq && updated=yes
    fi
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

can_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

needed=()
has_venv || needed+=("$(venv_package)")
has_library libpango-1.0.so.0 || needed+=(libpango-1.0-0)
has_library libpangoft2-1.0.so.0 || needed+=(libpangoft2-1.0-0)
has_library libharfbuzz-subset.so.0 || needed+=(libharfbuzz-subset0)
has_font || needed+=(fonts-dejavu-core)

if [ ${#needed[@]} -gt 0 ]; then
    if ! can_install || ! install "${needed[@]}"; then
        printf >&2 'Missing system packages. Install them, then try again:\n\n'
        printf >&2 '    sudo apt-get update && sudo apt-get install -y %s\n\n' "${needed[*]}"
        exit 1
    fi
fi

# Without these two only names in other scripts print as empty boxes: a notice is enough.
fonts=()
compgen -G '/usr/share/fonts/truetype/wqy/wqy-microhei.ttc' >/dev/null ||
    fonts+=(fonts-wqy-microhei)
compgen -G '/usr/share/fonts/truetype/ancient-scripts/Symbola*.ttf' >/dev/null ||
    fonts+=(fonts-symbola)
if [ ${#fonts[@]} -gt 0 ]; then
    if ! can_install || ! install "${fonts[@]}"; then
        printf >&2 'NOTICE: Chinese, Japanese and Korean names and emoji will print as boxes. '
        printf >&2 'To print them:\n\n    sudo apt-get install -y %s\n\n' "${fonts[*]}"
    fi
fi

[ "$purpose" = test ] || exit 0

wanted=()
has_server || [ -n "${TEST_DATABASE_URL:-}" ] || wanted+=(postgresql)
if ! has_browser; then
    if [ "$(distribution)" = debian ]; then
        wanted+=(chromium)
    else
        printf >&2 'NOTICE: no Chromium. The browser tests will be skipped; name a Chromium '
        printf >&2 'in MAINSTAY_CHROMIUM to run them.\n'
    fi
fi

for package in ${wanted[@]+"${wanted[@]}"}; do
    if ! can_install || ! install "$package"; then
        printf >&2 'NOTICE: %s is missing, its tests will be skipped. To run them:\n\n' "$package"
        printf >&2 '    sudo apt-get update && sudo apt-get install -y %s\n\n' "$package"
    fi
done
