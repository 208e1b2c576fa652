(** * The paradox: the law itself is not the most robust model in the sense of Madry et al.

    On the two-point law of two_point_law.v the model that says [even] everywhere has a smaller
    R_Madry^KL than the law's own posterior ([paradox]):
      R_Madry = (3 ln 3 / 4 - ln 2) / 2   against   C = ln 3 / 8,
    although it is less accurate (R_Standard > 0) and the law has R_Standard = R_SCORE = 0. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Import Rdefinitions RIneq Rpower Lra.
From Score Require Import risks label_risks two_point_law kl_counterexample.
From Score Require not_metrics divergences labels.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Delimit Scope R_scope with coqR.
Delimit Scope ring_scope with R.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.

Definition even_model (x : bool) := s_even.

Lemma law_risks :
  [/\ R_standard uniform KL_both law law = 0, R_score uniform everywhere KL_both law law = 0
    & R_madry uniform everywhere KL_both law law = (ln 3 / 8)%coqR%:E].
Proof.
split; last by have [_ _ <-] := kl_risks.
- by rewrite /R_standard -[RHS](integral0 uniform setT); apply: eq_integral => x _; rewrite KL_self.
- rewrite /R_score -[RHS](integral0 uniform setT); apply: eq_integral => x _.
  by rewrite /score_at sup_everywhere !KL_self maxxx.
Qed.

Lemma even_model_risks :
  R_standard uniform KL_both law even_model = ((3 / 4 * ln 3 - ln 2) / 2)%coqR%:E /\
  R_madry uniform everywhere KL_both law even_model = ((3 / 4 * ln 3 - ln 2) / 2)%coqR%:E.
Proof.
have [_ _ _ le] := KL_values; have [b1 _] := not_metrics.ln_2_3_bounds.
have value (f : bool -> \bar real_realType) : f false = 0%coqR%:E ->
    f true = (3 / 4 * ln 3 - ln 2)%coqR%:E ->
    \int[uniform]_x f x = ((3 / 4 * ln 3 - ln 2) / 2)%coqR%:E.
  by move=> f0 f1; rewrite (integral_uniform f0 f1); [congr _%:E; lra|lra|lra].
split; apply: value => //.
- exact: KL_same.
- by rewrite /madry_at sup_everywhere /= KL_same maxxx.
- by rewrite /madry_at sup_everywhere /= le maxxx.
Qed.

Theorem paradox :
  [/\ R_madry uniform everywhere KL_both law even_model
        < R_madry uniform everywhere KL_both law law,
      R_standard uniform KL_both law law < R_standard uniform KL_both law even_model
    & R_score uniform everywhere KL_both law law = 0].
Proof.
have [s0 r0 ->] := law_risks; have [-> ->] := even_model_risks.
have [b1 b2] := not_metrics.ln_2_3_bounds; rewrite s0.
by split=> //; rewrite lte_fin; apply/RltP; [|change (0 < (3 / 4 * ln 3 - ln 2) / 2)%coqR]; lra.
Qed.
