#!/usr/bin/env bash
# Makes sure that Fashion-MNIST is where `score train` looks for it; installs Debian's package where it is not (31 MB, MIT licence).
# Says nothing when there is nothing to do. Exit status: 0 it is there, 1 it is not.
set -euo pipefail

folder=/usr/share/datasets/fashion-mnist
package=dataset-fashion-mnist
command_line="apt-get install --no-install-recommends $package"

say() { printf 'setup: %s\n' "$*" >&2; }

there() {
    local name
    for name in train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte; do
        [ -e "$folder/$name.gz" ] || [ -e "$folder/$name" ] || return 1
    done
}

give_up() {
    say "$1"
    say "the demonstration needs Fashion-MNIST. On Debian or Ubuntu, run as root:"
    say "    apt-get update && $command_line"
    say "elsewhere put its four files (github.com/zalandoresearch/fashion-mnist, data/fashion) into $folder,"
    say "or anywhere, and say where by \`folder\` in the table [data] of a recipe."
    exit 1
}

there && exit 0

command -v apt-get >/dev/null || give_up "Fashion-MNIST is not in $folder, and there is no apt-get here to install it."
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null ||
        give_up "Fashion-MNIST is not in $folder, and installing it needs root or sudo without a password."
    as_root=(sudo -n)
fi

apt() { ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >/dev/null; }

say "installing $package ($command_line)"
# The package lists of a fresh image are empty or stale: they are fetched only if the install fails.
if ! apt install -y --no-install-recommends "$package" 2>/dev/null; then
    say "fetching the package lists (apt-get update)"
    apt update || apt update || say "apt-get update failed twice; trying with the lists that are here"
    apt install -y --no-install-recommends "$package" || give_up "the package could not be installed (see above)."
fi
there || give_up "the package is installed, but its files are not in $folder."
say "done"
