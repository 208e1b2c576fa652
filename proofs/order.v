(** * The order of the risks

    For a nonnegative [D], where x lies in B(x):
    - [R_standard_le_R_madry], [R_standard_le_R_score];
    - [R_madry_le], [R_score_le], [C_le]: larger perturbation sets, larger risks, so that all are
      nondecreasing in eps;
    - [risks_at_singletons]: where B(x) = {x} (eps = 0) the three risks coincide, and C = 0 if
      D(a, a) = 0;
    - [R_madry_of_law]: the robust risk of the law itself is C.
    Compared integrands are assumed measurable. *)
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

Section Order.
Context d (X : measurableType d) (R : realType) (mu : {measure set X -> \bar R}) (P : Type).
Variables (D : P -> P -> \bar R) (p q : X -> P).
Hypothesis D_ge0 : forall a b, 0 <= D a b.

Theorem R_madry_of_law (B : X -> set X) : R_madry mu B D p p = C mu B D p.
Proof. by []. Qed.

Section Centre.
Variable B : X -> set X.
Hypothesis B_centre : forall x, B x x.
Hypothesis standard_measurable : measurable_fun setT (fun x => D (p x) (q x)).

Theorem R_standard_le_R_madry : measurable_fun setT (madry_at B D p q) ->
  R_standard mu D p q <= R_madry mu B D p q.
Proof.
move=> ?; apply: ge0_le_integral => // x _; first by apply: sup_over_ge0; [exists x|].
exact: (le_sup_over (fun t => D (p x) (q t))).
Qed.

Theorem R_standard_le_R_score : measurable_fun setT (score_at B D p q) ->
  R_standard mu D p q <= R_score mu B D p q.
Proof.
move=> ?; apply: ge0_le_integral => // x _; first by apply: sup_over_ge0; [exists x|].
exact: (le_sup_over (fun t => D (p t) (q t))).
Qed.
End Centre.

Section Monotone.
Variables B B' : X -> set X.
Hypothesis B_nonempty : forall x, B x !=set0.
Hypothesis sub : forall x, B x `<=` B' x.

Lemma integral_sup_over_le (f : X -> X -> \bar R) : (forall x t, 0 <= f x t) ->
  measurable_fun setT (fun x => sup_over B x (f x)) ->
  measurable_fun setT (fun x => sup_over B' x (f x)) ->
  \int[mu]_x sup_over B x (f x) <= \int[mu]_x sup_over B' x (f x).
Proof.
move=> f0 mB mB'; apply: ge0_le_integral => // x _; first exact: sup_over_ge0.
  by apply: sup_over_ge0 => //; have [t Bt] := B_nonempty x; exists t; exact: sub.
by apply: sup_over_le => t Bt; apply: le_sup_over; exact: sub.
Qed.

Theorem R_madry_le : measurable_fun setT (madry_at B D p q) ->
  measurable_fun setT (madry_at B' D p q) -> R_madry mu B D p q <= R_madry mu B' D p q.
Proof. exact: (integral_sup_over_le (f := fun x t => D (p x) (q t))). Qed.

Theorem R_score_le : measurable_fun setT (score_at B D p q) ->
  measurable_fun setT (score_at B' D p q) -> R_score mu B D p q <= R_score mu B' D p q.
Proof. exact: (integral_sup_over_le (f := fun _ t => D (p t) (q t))). Qed.

Theorem C_le : measurable_fun setT (variation_at B D p) ->
  measurable_fun setT (variation_at B' D p) -> C mu B D p <= C mu B' D p.
Proof. exact: (integral_sup_over_le (f := fun x t => D (p x) (p t))). Qed.
End Monotone.

Theorem risks_at_singletons : let B x := [set x] in
  [/\ R_madry mu B D p q = R_standard mu D p q, R_score mu B D p q = R_standard mu D p q
    & (forall a, D a a = 0) -> C mu B D p = 0].
Proof.
move=> B; split=> [||D0].
- by apply: eq_integral => x _; exact: sup_over_singleton.
- by apply: eq_integral => x _; exact: sup_over_singleton.
- rewrite -[RHS](integral0 mu setT); apply: eq_integral => x _.
  by rewrite /variation_at sup_over_singleton.
Qed.
End Order.
