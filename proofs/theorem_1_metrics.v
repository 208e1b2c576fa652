(** * Theorem 1 for the metrics of the table

    For a metric [D] on label distributions with values at most m, such as each one of metrics.v and
    jensen_shannon.v, and a probability measure, the risks are finite ([R_madry_fin_num],
    [C_fin_num]) and  |R_Madry - C| <= R_SCORE <= R_Madry + C  ([theorem_1_metric]).
    The perturbation sets are nonempty and the three suprema measurable. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Import Rdefinitions.
From Score Require Import risks theorem_1 label_risks.
From Score Require labels metrics.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Delimit Scope ring_scope with R.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.


Section Metrics.
Context (Y : Type) (labels : seq Y) (D : (Y -> R) -> (Y -> R) -> R) (m : R).
Notation DE := (@lift Y labels D).
Hypothesis D_metric : metrics.metric labels D.
Hypothesis D_le : forall a b, labels.distribution labels a -> labels.distribution labels b ->
  Rle (D a b) m.
Context d (X : measurableType d) (mu : {measure set X -> \bar real_realType}) (B : X -> set X).
Hypotheses (mu1 : mu setT = 1) (B_nonempty : forall x, B x !=set0).
Variables p q : X -> simplex labels.

Lemma sup_over_bounded x (f : X -> simplex labels * simplex labels) :
  0 <= sup_over B x (fun t => DE (f t).1 (f t).2) <= m%:E.
Proof.
have [D0 _ _] := lift_metric D_metric; rewrite sup_over_ge0//=.
by apply: sup_over_le => t _; rewrite lee_fin; apply/RleP; apply: D_le; exact: svalP.
Qed.

Lemma R_madry_fin_num : measurable_fun setT (madry_at B DE p q) ->
  R_madry mu B DE p q \is a fin_num.
Proof.
move=> meas; apply: (integral_bounded_fin_num mu1 meas) => x.
exact: (sup_over_bounded x (fun t => (p x, q t))).
Qed.

Lemma C_fin_num : measurable_fun setT (variation_at B DE p) -> C mu B DE p \is a fin_num.
Proof.
move=> meas; apply: (integral_bounded_fin_num mu1 meas) => x.
exact: (sup_over_bounded x (fun t => (p x, p t))).
Qed.

Theorem theorem_1_metric : measurable_fun setT (madry_at B DE p q) ->
  measurable_fun setT (score_at B DE p q) -> measurable_fun setT (variation_at B DE p) ->
  `|R_madry mu B DE p q - C mu B DE p| <= R_score mu B DE p q
    <= R_madry mu B DE p q + C mu B DE p.
Proof.
move=> mM mS mC; have [D0 Dsym Dtri] := lift_metric D_metric.
exact: theorem_1 B_nonempty D0 Dsym Dtri mM mS mC (R_madry_fin_num mM) (C_fin_num mC).
Qed.
End Metrics.
