(** * Theorem 1 is false for the Kullback-Leibler divergence

    On the two-point law of two_point_law.v, and for the model that says [even] at [false] and
    [unlikely] at [true],
      R_SCORE = ln 3 / 2,   R_Madry = ln 2 / 2,   C = ln 3 / 8   ([kl_risks]),
    so that R_SCORE > R_Madry + C ([theorem_1_false_for_kl]): 3 ln 3 > 4 ln 2, that is, 27 > 16. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Import Rdefinitions RIneq Rpower Lra.
From Score Require Import risks label_risks two_point_law.
From Score Require not_metrics divergences labels.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Delimit Scope R_scope with coqR.
Delimit Scope ring_scope with R.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.

Definition crossing_model (x : bool) := if x then s_unlikely else s_even.

Lemma kl_risks :
  [/\ R_score uniform everywhere KL_both law crossing_model = (ln 3 / 2)%coqR%:E,
      R_madry uniform everywhere KL_both law crossing_model = (ln 2 / 2)%coqR%:E
    & C uniform everywhere KL_both law = (ln 3 / 8)%coqR%:E].
Proof.
have [lu el eu le] := KL_values; have b3 := not_metrics.ln_3_pos.
have [b1 b2] := not_metrics.ln_2_3_bounds.
split.
- rewrite /R_score (@integral_uniform _ (ln 3 / 2) (ln 3 / 2)); first by congr _%:E; lra.
  + rewrite /score_at sup_everywhere /= lu KL_same maxe_r //; lra.
  + rewrite /score_at sup_everywhere /= lu KL_same maxe_r //; lra.
  + lra.
  + lra.
- rewrite /R_madry (@integral_uniform _ (ln 2 - ln 3 / 2) (ln 3 / 2)); first by congr _%:E; lra.
  + rewrite /madry_at sup_everywhere /= eu KL_same maxe_r //; lra.
  + rewrite /madry_at sup_everywhere /= lu le maxe_r //; lra.
  + lra.
  + lra.
- rewrite /C (@integral_uniform _ (ln 2 - ln 3 / 2) (3 / 4 * ln 3 - ln 2)).
  + by congr _%:E; lra.
  + rewrite /variation_at sup_everywhere /= el KL_same maxe_r //; lra.
  + rewrite /variation_at sup_everywhere /= le KL_same maxe_l //; lra.
  + lra.
  + lra.
Qed.

Theorem theorem_1_false_for_kl :
  R_madry uniform everywhere KL_both law crossing_model + C uniform everywhere KL_both law
  < R_score uniform everywhere KL_both law crossing_model.
Proof.
have [-> -> ->] := kl_risks; rewrite -EFinD lte_fin; apply/RltP.
by rewrite -RplusE; have [] := not_metrics.ln_2_3_bounds; lra.
Qed.
