#!/usr/bin/env bash
# Writes the certificates that proofs/certificates/instances lists: scripts/certificates.sh PATH-OF-SCORE
set -eu
score=$(realpath "$1")
cd "$(dirname "$0")/../proofs/certificates"
grep -v '^#' instances | while read -r file law model risk divergence epsilon width; do
    "$score" certificate write --coq --law "$law" --model "$model" --risk "$risk" --divergence "$divergence" \
        --epsilon "$epsilon" --width "$width" "$file.v"
done
