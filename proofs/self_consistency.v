(** * Self-consistency: the accurate model is the optimally robust one

    For a nonnegative [D] and nonempty perturbation sets:
    - [R_score_eq0]: R_SCORE = 0 exactly if for almost every x, D(p t, q t) = 0 at all t in B(x);
    - [R_score_eq0_identifies]: if moreover D(a, b) = 0 only for a = b, then q = p at all those t;
    - [R_score_of_law]: if D(a, a) = 0, a model equal to the law at all those t has R_SCORE = 0.

    Deviation from the paper: no continuity is needed, since the statement is about all t in B(x)
    for almost every x. Measurability of the supremum is a hypothesis. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Score Require Import risks.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.

Section SelfConsistency.
Context d (X : measurableType d) (R : realType) (mu : {measure set X -> \bar R}) (P : Type).
Variables (B : X -> set X) (D : P -> P -> \bar R) (p q : X -> P).
Hypothesis B_nonempty : forall x, B x !=set0.
Hypothesis D_ge0 : forall a b, 0 <= D a b.
Hypothesis score_measurable : measurable_fun setT (score_at B D p q).

Lemma score_at_ge0 x : 0 <= score_at B D p q x.
Proof. exact: sup_over_ge0. Qed.

Lemma score_at_eq0 x : score_at B D p q x = 0 <-> forall t, B x t -> D (p t) (q t) = 0.
Proof.
split=> [s0 t Bt|H]; apply/eqP; rewrite eq_le ?D_ge0 ?score_at_ge0 andbT.
  by rewrite -s0; exact: (le_sup_over (fun t => D (p t) (q t))).
by apply: sup_over_le => t Bt; rewrite H.
Qed.

Lemma ae_imply (Q S : X -> Prop) : (forall x, Q x -> S x) ->
  {ae mu, forall x, Q x} -> {ae mu, forall x, S x}.
Proof.
by move=> QS [N [mN N0 sub]]; exists N; split=> // x nS; apply: sub => /QS.
Qed.

Theorem R_score_eq0 :
  R_score mu B D p q = 0 <-> {ae mu, forall x, forall t, B x t -> D (p t) (q t) = 0}.
Proof.
have -> : R_score mu B D p q = \int[mu]_x `|score_at B D p q x|.
  by apply: eq_integral => x _; rewrite gee0_abs ?score_at_ge0.
split=> [/(ae_eq_integral_abs mu measurableT score_measurable)|H].
  by apply: ae_imply => x /(_ I) /score_at_eq0.
apply/(ae_eq_integral_abs mu measurableT score_measurable); move: H; apply: ae_imply => x H _.
exact/score_at_eq0.
Qed.

Theorem R_score_eq0_identifies : (forall a b, D a b = 0 -> a = b) ->
  R_score mu B D p q = 0 -> {ae mu, forall x, forall t, B x t -> p t = q t}.
Proof.
by move=> D_separates /R_score_eq0; apply: ae_imply => x H t Bt; apply: D_separates; exact: H.
Qed.

Theorem R_score_of_law : (forall a, D a a = 0) ->
  {ae mu, forall x, forall t, B x t -> p t = q t} -> R_score mu B D p q = 0.
Proof.
by move=> D0 H; apply/R_score_eq0; move: H; apply: ae_imply => x H t Bt; rewrite H.
Qed.
End SelfConsistency.
