# Joins Assumptions.v (first file: which proof file each Print Assumptions stands for) with Coq's
# answers (second file, in the same order): a line `file: axioms`, the axioms by their short names.
FNR == NR {
    if (sub(/^Print Assumptions in_/, "") && sub(/\.[ \t]*$/, "")) file[++named] = $0
    next
}
/^Closed under the global context/ { line[++answered] = " none"; next }
/^Axioms:/ { ++answered; next }
# An axiom's name starts its line; its type follows, and may continue on indented lines.
# Two libraries may state the same one: its short name is given once. Those of the processor's integers
# and floats are many, and stand together as their module.
/^[^ \t]/ {
    name = $1
    if (name ~ /^(PrimInt63|Uint63|PrimFloat|FloatAxioms)\./) sub(/\..*/, "", name)
    else sub(/.*\./, "", name)
    if (!seen[answered, name]++) line[answered] = line[answered] " " name
}
END {
    if (named != answered) {
        printf "assumptions.awk: %d files, %d answers\n", named, answered > "/dev/stderr"
        exit 1
    }
    for (i = 1; i <= named; i++) print file[i] ":" line[i]
}
