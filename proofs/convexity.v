(** * The robust risk is convex in the model

    [mix l b c]: a mixture of two label distributions, l b + (1 - l) c for 0 <= l <= 1; models are
    mixed input by input. If b |-> D(a, b) is convex, so is the robust risk as a function of the model:
    - [madry_at_convex]: the supremum under the mean, at every input;
    - [R_madry_convex]: R_madry (mix l q r) <= l R_madry q + (1 - l) R_madry r, in the extended reals.
    So a local minimum over a convex set of models is a global one. The suprema are assumed
    measurable, as everywhere. *)
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

Section Convexity.
Context d (X : measurableType d) (R : realType) (mu : {measure set X -> \bar R}) (P : Type).
Variables (B : X -> set X) (D : P -> P -> \bar R) (mix : R -> P -> P -> P).
Hypothesis B_nonempty : forall x, B x !=set0.
Hypothesis D_ge0 : forall a b, 0 <= D a b.
Hypothesis D_convex : forall (l : R) a b c, (0 <= l <= 1)%R ->
  D a (mix l b c) <= l%:E * D a b + (1 - l)%:E * D a c.
Variables (p q r : X -> P) (l : R).
Hypothesis l_unit : (0 <= l <= 1)%R.

Let m x := mix l (q x) (r x).
Let l0 : (0 <= l)%R. Proof. by have /andP[] := l_unit. Qed.
Let l1 : (0 <= 1 - l)%R. Proof. by rewrite subr_ge0; have /andP[] := l_unit. Qed.

Lemma madry_at_ge0 s x : 0 <= madry_at B D p s x.
Proof. exact: sup_over_ge0. Qed.

Theorem madry_at_convex x : madry_at B D p m x <=
  l%:E * madry_at B D p q x + (1 - l)%:E * madry_at B D p r x.
Proof.
apply: sup_over_le => t Bt; apply: le_trans (D_convex _ _ _ l_unit) _.
apply: lee_add; apply: lee_wpmul2l; rewrite ?lee_fin//.
- exact: (le_sup_over (fun t => D (p x) (q t))).
- exact: (le_sup_over (fun t => D (p x) (r t))).
Qed.

Theorem R_madry_convex : measurable_fun setT (madry_at B D p m) ->
  measurable_fun setT (madry_at B D p q) -> measurable_fun setT (madry_at B D p r) ->
  R_madry mu B D p m <= l%:E * R_madry mu B D p q + (1 - l)%:E * R_madry mu B D p r.
Proof.
move=> mm mq mr; rewrite /R_madry -!ge0_integralM_EFin//; try by move=> x _; exact: madry_at_ge0.
have scaled (c : R) (f : X -> \bar R) : (0 <= c)%R -> measurable_fun setT f -> (forall x, 0 <= f x) ->
    measurable_fun setT (fun x => c%:E * f x) /\ forall x, setT x -> 0 <= c%:E * f x.
  move=> c0 mf f0; split; last by move=> x _; rewrite mule_ge0.
  by apply: emeasurable_funM => //; exact: measurable_fun_cst.
have [mlq lq0] := scaled l _ l0 mq (madry_at_ge0 q).
have [mlr lr0] := scaled (1 - l)%R _ l1 mr (madry_at_ge0 r).
rewrite -ge0_integralD//; apply: ge0_le_integral => //.
- by move=> x _; exact: madry_at_ge0.
- by move=> x _; rewrite adde_ge0 ?lq0 ?lr0.
- exact: emeasurable_funD.
- by move=> x _; exact: madry_at_convex.
Qed.
End Convexity.
