#!/usr/bin/env bash
# Makes sure that a system OpenBLAS with LAPACK can be linked; installs Debian's package where it cannot.
# Says nothing when there is nothing to do. Exit status: 0 it can be linked, 1 it cannot.
set -euo pipefail

packages=(libopenblas-dev pkg-config)
command_line="apt-get install --no-install-recommends ${packages[*]}"

say() { printf 'setup: %s\n' "$*" >&2; }

# The test is the use: a program that calls LAPACK must link, with the flags that the build will use.
links() {
    local cc flags=-lopenblas
    cc=$(command -v cc || command -v gcc || command -v clang) || {
        say "no C compiler (cc, gcc or clang) is on the PATH; on Debian or Ubuntu: apt-get install gcc"
        exit 1
    }
    if pkg-config --exists openblas 2>/dev/null; then
        flags=$(pkg-config --libs openblas)
    fi
    # shellcheck disable=SC2086  # the flags are several words
    printf 'void dgesvd_(void);\nint main(void) { dgesvd_(); return 0; }\n' |
        "$cc" -x c - -o /dev/null $flags 2>/dev/null
}

give_up() {
    say "$1"
    say "score-workbench needs OpenBLAS with LAPACK. On Debian or Ubuntu, run as root:"
    say "    apt-get update && $command_line"
    say "elsewhere install OpenBLAS by your package manager (Fedora: openblas-devel, macOS: brew install openblas)."
    exit 1
}

links && exit 0

command -v apt-get >/dev/null || give_up "no OpenBLAS was found, and there is no apt-get here to install it."
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null ||
        give_up "no OpenBLAS was found, and installing it needs root or sudo without a password."
    as_root=(sudo -n)
fi

apt() { ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >/dev/null; }

say "installing ${packages[*]} ($command_line)"
# The package lists of a fresh image are empty or stale: they are fetched only if the install fails.
if ! apt install -y --no-install-recommends "${packages[@]}" 2>/dev/null; then
    say "fetching the package lists (apt-get update)"
    apt update || apt update || say "apt-get update failed twice; trying with the lists that are here"
    apt install -y --no-install-recommends "${packages[@]}" ||
        give_up "the packages could not be installed (see above)."
fi
links || give_up "the packages are installed, but a program that calls LAPACK still does not link."
say "done"
