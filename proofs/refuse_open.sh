#!/bin/sh
# What would leave a proof open must be found by open.pl, and an axiom that is added, or a check of the kernel that is
# switched off, must show among the axioms.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

plant() { printf '%s\n' "$1" >"$folder/plant.v"; }

while read -r text; do
    plant "$text"
    if perl open.pl "$folder/plant.v" >/dev/null; then
        echo "refuse_open.sh: open.pl passes over: $text"
        exit 1
    fi
done <<'PLANTS'
Lemma a : False. Proof. Admitted.
Lemma a : False. Proof. admit. Qed.
Lemma a : False. Proof. give_up. Qed.
Lemma a : False. Proof. Abort.
Axiom a : False.
Local Axiom a : False.
Axioms a b : False.
Parameter a : False.
Conjecture a : False.
Module Type T. Parameter a : False. End T.
Variable a : False.
#[local] Variables a b : False.
Hypothesis a : False.
Hypotheses a b : False.
Context (a : False).
Section S. Variable a : nat. End S. Hypothesis b : False.
Declare Instance a : inhabited False.
Declare Module M : T.
Unset Guard Checking.
Unset  Positivity Checking.
Unset Universe Checking.
#[bypass_check(guard)] Fixpoint a (n : nat) : False := a n.
(* one (* two *) *) Axiom a : False.
-arg -type-in-type
PLANTS

while read -r text; do
    plant "$text"
    perl open.pl "$folder/plant.v" || { echo "refuse_open.sh: there is nothing wrong with: $text"; exit 1; }
done <<'SOUND'
(* Axiom a : False. (* Admitted. *) *) Lemma parameters : True. Proof. exact I. Qed.
Section S. Variable a : nat. Hypothesis b : 0.5 = 1. Context (c : nat). Section T. End T. Variable d : nat. End S.
Print Assumptions in_theorem_1.
SOUND

# axioms PLANT: the axioms under the constant a of the plant.
axioms() {
    plant "$1 Definition in_plant := a. Print Assumptions in_plant."
    coqc -w none "$folder/plant.v" >"$folder/out"
    echo 'Print Assumptions in_plant.' >"$folder/names"
    awk -f assumptions.awk "$folder/names" "$folder/out"
}
for text in 'Axiom a : False.' \
    'Unset Guard Checking. Fixpoint a (n : nat) {struct n} : False := a n.' \
    'Unset Positivity Checking. Inductive a := C : (a -> False) -> a.' \
    'Unset Universe Checking. Definition a := (fun t : Type => t) Type.'; do
    case "$(axioms "$text") " in
        plant:*' a '*) ;;
        *) echo "refuse_open.sh: not among the axioms: $text"; axioms "$text"; exit 1 ;;
    esac
done
echo "what would leave a proof open is refused"
