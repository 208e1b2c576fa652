#!/bin/sh
# Certificates with something wrong in them must be refused, by the numbers and not for a slip of the pen:
#   a claimed number that is off by three times its width;
#   the same, with an integral that is off with it;
#   a turning point that is off by a hundredth.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# refused NAME CERTIFICATE PERL: the certificate after this substitution.
refused() {
    perl -0777 -pe "$3" "certificates/$2.v" >"$folder/$1.v"
    if cmp -s "$folder/$1.v" "certificates/$2.v"; then
        echo "refuse.sh: nothing was changed for $1"
        exit 1
    fi
    if coqc -Q . Score -w none "$folder/$1.v" >"$folder/out" 2>&1; then
        echo "a certificate with a wrong number is accepted: $1 of $2"
        exit 1
    fi
    # The second is what is left of the first where a tactic tries twice.
    if ! grep -qe 'Numerical evaluation failed to conclude' -e 'No applicable tactic' "$folder/out"; then
        echo "$1 of $2 is refused, but not for its numbers:"
        cat "$folder/out"
        exit 1
    fi
    echo "refused, as it must be: $1 of $2"
}

refused claim toy_standard_l1 's/(Rabs \(r - )([\d.]+)(\) <= )([\d.]+)/$1 . ($2 + 3 * $4) . "$3$4"/e'
refused integral symmetric_score_squared_error \
    's/(cell_0 : cells \S+ \S+ )([\d.]+)/$1 . ($2 + 4e-6)/e; s/(Rabs \(r - )([\d.]+)/$1 . ($2 + 4e-6)/e'
refused turning_point toy_score_kl 's/(-1\.6)(25691\d*)/$1 . "35691761217"/ge'
