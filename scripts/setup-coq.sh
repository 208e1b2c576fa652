#!/bin/sh
# Install what proofs/ needs: Coq, Coquelicot, Interval and mathcomp-analysis from Debian's packages.
#
# Does nothing where they are installed already. The two groups are installed one after the other, since
# concurrent apt runs disturb each other's downloads, and each is tried twice. Exit status 0 when Coq and the
# libraries are there, 1 otherwise, with the command to run.
set -u

compiler="coq libcoq-coquelicot libcoq-interval libcoq-flocq"
mathcomp="libcoq-mathcomp-analysis libcoq-mathcomp-zify libcoq-mathcomp-algebra-tactics"

# Whether every named package is installed.
installed() {
    for package in "$@"; do
        case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" in
            *" installed") ;;
            *) return 1 ;;
        esac
    done
}

give_up() {
    {
        echo "setup-coq: $1; on Debian 12, as root, run:"
        echo "    apt-get update"
        echo "    apt-get install -y --no-install-recommends $compiler"
        echo "    apt-get install -y --no-install-recommends $mathcomp"
    } >&2
    exit 1
}

# Install one group of packages, with one retry after a refresh of the package lists.
install_group() {
    # shellcheck disable=SC2086  # the group is a list of words
    installed $1 && return 0
    command -v apt-get >/dev/null 2>&1 || give_up "there is no apt-get here"
    [ "$(id -u)" = 0 ] || give_up "installing packages needs root"
    for attempt in 1 2; do
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q \
            --no-install-recommends $1 && return 0
        [ "$attempt" = 1 ] && apt-get -o DPkg::Lock::Timeout=300 update -q
    done
    give_up "apt-get could not install $1"
}

install_group "$compiler"
install_group "$mathcomp"
coqc --version | head -n 1
