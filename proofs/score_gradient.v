(** * The gradient of the KL form: a model gradient and a data gradient

    [slope f x v l]: at [x] the function [f] has the derivative [l] in the direction [v]. For a law
    [p] and a model [q] with positive label probabilities that sum to one (for p), and whose
    logarithms have the slopes dlnp y and dlnq y at x in the direction v ([score_gradient]):
      KL(p(x), q(x)) has the slope   sum_y p_y(x) ( - dlnq y  +  ln (p_y(x) / q_y(x)) dlnp y ).
    The first part is the model gradient, the second the data gradient. The sum of p_y dlnp y, the
    derivative of a constant, is zero ([expected_score_zero]).

    Deviation from the paper: one direction at a time, in any real vector space [V]; the gradient
    formula is this one in every direction. *)
From Coq Require Import Reals Lra List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels divergences.
Open Scope R_scope.

Definition slope {V : ModuleSpace R_Ring} (f : V -> R) (x v : V) (l : R) : Prop :=
  is_derive (fun s : R => f (plus x (scal s v))) 0 l.

Section Gradient.
Context {Y : Type} (labels : list Y) {V : ModuleSpace R_Ring} (x v : V).
Implicit Types f g : V -> R.

Lemma line_at_0 : plus x (scal 0 v) = x.
Proof. rewrite (scal_zero_l (K := R_Ring)), plus_zero_r; reflexivity. Qed.

Lemma slope_ext f g l : (forall z, f z = g z) -> slope f x v l -> slope g x v l.
Proof. intros E; apply is_derive_ext; auto. Qed.

Lemma slope_unique f l m : slope f x v l -> slope f x v m -> l = m.
Proof.
intros Hl Hm; rewrite <- (is_derive_unique _ _ _ Hl); apply is_derive_unique; auto.
Qed.

Lemma slope_mult f g l m : slope f x v l -> slope g x v m ->
  slope (fun z => f z * g z) x v (l * g x + f x * m).
Proof.
intros Hf Hg; rewrite <- line_at_0 at 2 3.
apply (is_derive_mult _ _ _ _ _ Hf Hg); intros; apply Rmult_comm.
Qed.

Lemma slope_minus f g l m : slope f x v l -> slope g x v m ->
  slope (fun z => f z - g z) x v (l - m).
Proof. intros Hf Hg; apply (is_derive_minus _ _ _ _ _ Hf Hg). Qed.

Lemma slope_sum (f : V -> Y -> R) (l : Y -> R) :
  (forall y, In y labels -> slope (fun z => f z y) x v (l y)) ->
  slope (fun z => sum labels (f z)) x v (sum labels l).
Proof.
intros H; apply (is_derive_sum labels (fun s => f (plus x (scal s v)))); exact H.
Qed.

Variables (p q : V -> Y -> R) (dlnp dlnq : Y -> R).
Hypothesis p_pos : forall z y, In y labels -> 0 < p z y.
Hypothesis q_pos : forall z y, In y labels -> 0 < q z y.
Hypothesis p_sum : forall z, sum labels (p z) = 1.
Hypothesis slope_lnp : forall y, In y labels -> slope (fun z => ln (p z y)) x v (dlnp y).
Hypothesis slope_lnq : forall y, In y labels -> slope (fun z => ln (q z y)) x v (dlnq y).

Lemma slope_p y : In y labels -> slope (fun z => p z y) x v (p x y * dlnp y).
Proof.
intros Hy; apply (slope_ext (fun z => exp (ln (p z y)))); [intros; apply exp_ln; auto|].
replace (p x y) with (exp (ln (p (plus x (scal 0 v)) y)))
  by (rewrite line_at_0; apply exp_ln; auto).
rewrite Rmult_comm; apply (is_derive_comp exp); [apply is_derive_exp|apply slope_lnp; auto].
Qed.

Lemma expected_score_zero : sum labels (fun y => p x y * dlnp y) = 0.
Proof.
apply (slope_unique (fun z => sum labels (p z))); [apply slope_sum, slope_p|].
apply (slope_ext (fun _ => 1)); [auto|apply (is_derive_const (1 : R_NormedModule))].
Qed.

Theorem score_gradient : slope (fun z => kl labels (p z) (q z)) x v
  (sum labels (fun y => p x y * (- dlnq y + ln (p x y / q x y) * dlnp y))).
Proof.
replace (sum labels _) with
  (sum labels (fun y => p x y * dlnp y * ln (p x y / q x y) + p x y * (dlnp y - dlnq y))).
2: { rewrite (sum_ext labels _ (fun y => p x y * (- dlnq y + ln (p x y / q x y) * dlnp y)
       + p x y * dlnp y)) by (intros; ring).
     rewrite sum_plus, expected_score_zero; ring. }
apply (slope_sum (fun z y => kl_term (p z y) (q z y))); intros y Hy.
apply slope_mult; [apply slope_p; auto|].
apply (slope_ext (fun z => ln (p z y) - ln (q z y))); [intros; symmetry; apply ln_ratio; auto|].
apply slope_minus; auto.
Qed.
End Gradient.
