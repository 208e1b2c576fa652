(** * The risks of models on finitely many labels

    [simplex labels] is the type of distributions on the labels, over Coq's real numbers. A
    real-valued divergence [D] of label functions becomes [lift D : simplex -> simplex -> \bar R],
    and [KL] is the Kullback-Leibler divergence, infinite where the first argument is not dominated
    by the second.

    Main lemmas: [lift_metric] (a metric lifts to a nonnegative, symmetric [D] with the triangle
    inequality), [KL_ge0], and [integral_bounded_fin_num]: under a probability measure an integrand
    between 0 and a constant has a finite integral. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Rdefinitions.
From Score Require Import risks.
From Score Require labels divergences metrics.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.
Notation R := Rdefinitions.R.

Section LabelRisks.
Context (Y : Type) (labels : seq Y).

Definition simplex := {a : Y -> R | labels.distribution labels a}.

Definition lift (D : (Y -> R) -> (Y -> R) -> R) (a b : simplex) : \bar R :=
  (D (sval a) (sval b))%:E.

Definition KL (a b : simplex) : \bar R :=
  if `[< labels.dominated labels (sval a) (sval b) >]
  then (divergences.kl labels (sval a) (sval b))%:E else +oo.

Lemma KL_dominated (a b : simplex) : labels.dominated labels (sval a) (sval b) ->
  KL a b = (divergences.kl labels (sval a) (sval b))%:E.
Proof. by rewrite /KL => /asboolT ->. Qed.

Lemma KL_ge0 (a b : simplex) : 0 <= KL a b.
Proof.
rewrite /KL; case: asboolP => [H|_]; last exact: leey.
by rewrite lee_fin; apply/RleP; exact: divergences.kl_ge0 (svalP a) (svalP b) H.
Qed.

Lemma KL_self (a : simplex) : KL a a = 0.
Proof. by rewrite KL_dominated ?divergences.kl_self. Qed.

Lemma lift_metric D : metrics.metric labels D ->
  [/\ forall a b, 0 <= lift D a b, forall a b, lift D a b = lift D b a
    & forall a b c, lift D a c <= lift D a b + lift D b c].
Proof.
case=> ge0 _ sym tri; split=> [a b|a b|a b c].
- by rewrite lee_fin; apply/RleP; apply: ge0; exact: svalP.
- by congr _%:E; apply: sym; exact: svalP.
- by rewrite -EFinD lee_fin; apply/RleP; apply: tri; exact: svalP.
Qed.
End LabelRisks.

(** A nonnegative bounded integrand under a probability measure. *)
Lemma integral_bounded_fin_num d (X : measurableType d) (mu : {measure set X -> \bar real_realType})
    (f : X -> \bar real_realType) (m : R) :
  mu setT = 1 -> measurable_fun setT f -> (forall x, 0 <= f x <= m%:E) ->
  \int[mu]_x f x \is a fin_num.
Proof.
move=> mu1 mf fm; have f0 x : 0 <= f x by have /andP[] := fm x.
rewrite ge0_fin_numE; last exact: integral_ge0.
apply: (@le_lt_trans _ _ (\int[mu]_x (Num.max m 0)%:E)).
  apply: ge0_le_integral => // [x _||x _].
  - by rewrite lee_fin le_maxr lexx orbT.
  - exact: measurable_fun_cst.
  - by have /andP[_ /le_trans] := fm x; apply; rewrite lee_fin le_maxr lexx.
by rewrite integral_cst// [X in _ * X]mu1 mule1 ltey.
Qed.
