(** * The slides' toy law, and its risks as integrals over the line

    One input x, two labels 0 and 1. The law: p(0) = 5/6, p(1) = 1/6, p(x|0) = N(-1, variance 4),
    p(x|1) = N(1, variance 1) ([joint], [density], [posterior]). The model:
    p_theta(0|x) = 1 / (1 + exp(x - 1)) ([model]). Perturbations: |u - x| <= 1.
    - [R_standard D r]: the standard risk for the divergence D is r;
    - [R_score D r]: the SCORE risk is r; the supremum inside the mean is a genuine one.

    Main lemmas, for the numbers in toy_standard.v and toy_score.v:
    - [l1_toy], [kl_toy]: the divergences in terms of the [logit] of the posterior;
    - [risk_near_window]: for a continuous D(x) in [0, |x| + 4] the mean of D over the line is its
      integral over [-20, 20] up to 2 exp(-20). *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From Score Require Import labels divergences expectation improper.
Import ListNotations.
Open Scope R_scope.

Definition two : list nat := [0; 1]%nat.
Definition gaussian (mean variance x : R) : R :=
  exp (- (x - mean) ^ 2 / (2 * variance)) / sqrt (2 * PI * variance).
Definition joint (y : nat) (x : R) : R :=
  match y with 0%nat => 5 / 6 * gaussian (-1) 4 x | _ => 1 / 6 * gaussian 1 1 x end.
Definition density (x : R) : R := sum two (fun y => joint y x).
Definition posterior (x : R) (y : nat) : R := joint y x / density x.
Definition model (x : R) (y : nat) : R :=
  match y with 0%nat => 1 / (1 + exp (x - 1)) | _ => 1 - 1 / (1 + exp (x - 1)) end.

Definition divergence := (nat -> R) -> (nat -> R) -> R.
Definition R_standard (D : divergence) (r : R) : Prop :=
  line_integral (fun x => density x * D (posterior x) (model x)) r.
Definition R_score (D : divergence) (r : R) : Prop := exists s : R -> R,
  (forall x, is_sup (fun u => Rabs (u - x) <= 1) (fun u => D (posterior u) (model u)) (s x)) /\
  line_integral (fun x => density x * s x) r.

(** ** Logits *)

Definition logistic (t : R) : R := 1 / (1 + exp (- t)).
Definition softplus (t : R) : R := ln (1 + exp t).

Lemma exp_monotone u v : u <= v -> exp u <= exp v.
Proof. intros [H|<-]; [apply Rlt_le, exp_increasing|]; lra. Qed.

Lemma logistic_bounds t : 0 < logistic t < 1.
Proof.
unfold logistic; pose proof (exp_pos (- t)); split; [apply Rdiv_lt_0_compat; lra|].
apply Rmult_lt_reg_r with (1 + exp (- t)); [lra|].
unfold Rdiv; rewrite Rmult_assoc, Rinv_l; lra.
Qed.

Lemma ln_logistic t : ln (logistic t) = t - softplus t.
Proof.
pose proof (exp_pos t); unfold logistic, softplus.
rewrite exp_Ropp; replace (1 / (1 + / exp t)) with (exp t / (1 + exp t)) by (field; lra).
rewrite ln_ratio, ln_exp by lra; reflexivity.
Qed.

Lemma ln_logistic_complement t : ln (1 - logistic t) = - softplus t.
Proof.
pose proof (exp_pos t); unfold logistic, softplus.
rewrite exp_Ropp; replace (1 - 1 / (1 + / exp t)) with (/ (1 + exp t)) by (field; lra).
apply ln_Rinv; lra.
Qed.

Lemma softplus_le t : 0 <= softplus t <= Rmax t 0 + 1.
Proof.
unfold softplus; pose proof (exp_pos t); split.
- rewrite <- ln_1; apply ln_le; lra.
- rewrite <- (ln_exp (Rmax t 0 + 1)); apply ln_le; [lra|].
  rewrite exp_plus; assert (2 <= exp 1) by (pose proof (exp_ineq1_le 1); lra).
  assert (exp t <= exp (Rmax t 0)) by (apply exp_monotone, Rmax_l).
  assert (1 <= exp (Rmax t 0)) by (rewrite <- exp_0; apply exp_monotone, Rmax_r); nra.
Qed.

(** ** The law and the model in logits *)

Definition logit (x : R) : R := ln (5 / 2) + 3 / 8 - 5 / 4 * x + 3 / 8 * x ^ 2.

Lemma gaussian_pos mean variance x : 0 < variance -> 0 < gaussian mean variance x.
Proof.
intros Hv; apply Rdiv_lt_0_compat; [apply exp_pos|apply sqrt_lt_R0].
pose proof PI_RGT_0; apply Rmult_lt_0_compat; lra.
Qed.

Lemma joint_pos y x : 0 < joint y x.
Proof. destruct y; apply Rmult_lt_0_compat; try apply gaussian_pos; lra. Qed.

Lemma density_sum x : density x = joint 0 x + joint 1 x.
Proof. unfold density, sum; simpl; ring. Qed.

Lemma density_pos x : 0 < density x.
Proof. rewrite density_sum; pose proof (joint_pos 0 x); pose proof (joint_pos 1 x); lra. Qed.

Lemma joint_logit x : joint 1 x = joint 0 x * exp (- logit x).
Proof.
unfold joint, gaussian, logit; pose proof PI_RGT_0.
assert (S : 0 < sqrt (2 * PI)) by (apply sqrt_lt_R0; lra).
replace (2 * PI * 4) with (2 * PI * (2 * 2)) by ring.
rewrite (Rmult_1_r (2 * PI)), (sqrt_mult (2 * PI) (2 * 2)), (sqrt_square 2) by lra.
replace (- (ln (5 / 2) + 3 / 8 - 5 / 4 * x + 3 / 8 * x ^ 2))
  with (- (x - 1) ^ 2 / (2 * 1) + - (- (x - -1) ^ 2 / (2 * 4)) + - ln (5 / 2)) by field.
rewrite !exp_plus, exp_Ropp, (exp_Ropp (ln _)), exp_ln by lra.
field; split; [|lra]; apply Rgt_not_eq, exp_pos.
Qed.

Lemma posterior_logit x : posterior x 0%nat = logistic (logit x).
Proof.
unfold posterior, logistic; rewrite density_sum, joint_logit.
pose proof (joint_pos 0 x); pose proof (exp_pos (- logit x)); field; split; nra.
Qed.

Lemma posterior_complement x : posterior x 1%nat = 1 - posterior x 0%nat.
Proof.
unfold posterior; pose proof (density_pos x); rewrite density_sum in *; field; lra.
Qed.

Lemma model_logit x : model x 0%nat = logistic (1 - x).
Proof. unfold model, logistic; now replace (- (1 - x)) with (x - 1) by ring. Qed.

Lemma model_complement x : model x 1%nat = 1 - model x 0%nat.
Proof. reflexivity. Qed.

(** ** The divergences between the posterior and the model *)

Lemma distribution_two p : 0 < p 0%nat < 1 -> p 1%nat = 1 - p 0%nat ->
  distribution two p /\ (forall q, dominated two q p).
Proof.
intros H0 H1; split; [split; [|unfold sum; simpl; lra]|]; [intros y Hy|intros q y Hy];
  destruct Hy as [<-|[<-|[]]]; lra.
Qed.

Lemma posterior_model_distributions x :
  distribution two (posterior x) /\ distribution two (model x) /\
  dominated two (posterior x) (model x).
Proof.
destruct (distribution_two (posterior x)) as [P _];
  [rewrite posterior_logit; apply logistic_bounds|apply posterior_complement|].
destruct (distribution_two (model x)) as [M d];
  [rewrite model_logit; apply logistic_bounds|apply model_complement|]; auto.
Qed.

Lemma l1_toy x : l1 two (posterior x) (model x) =
  Rabs (2 * (logistic (logit x) - 1 / (1 + exp (x - 1)))).
Proof.
unfold l1, sum, two; cbn [fold_right]; rewrite posterior_complement, model_complement.
rewrite <- posterior_logit, Rabs_mult, (Rabs_pos_eq 2) by lra.
change (1 / (1 + exp (x - 1))) with (model x 0%nat).
replace (1 - posterior x 0%nat - (1 - model x 0%nat))
  with (- (posterior x 0%nat - model x 0%nat)) by ring; rewrite Rabs_Ropp; ring.
Qed.

Lemma kl_toy x : kl two (posterior x) (model x) =
  logistic (logit x) * (logit x - (1 - x)) + softplus (1 - x) - softplus (logit x).
Proof.
unfold kl, kl_term, sum, two; cbn [fold_right].
rewrite posterior_complement, model_complement, posterior_logit, model_logit.
pose proof (logistic_bounds (logit x)); pose proof (logistic_bounds (1 - x)).
rewrite !ln_ratio, !ln_logistic, !ln_logistic_complement by lra; ring.
Qed.

Lemma l1_toy_bounds x : 0 <= l1 two (posterior x) (model x) <= Rabs x + 3.
Proof.
split; [apply l1_ge0|]; rewrite l1_toy.
replace (1 / (1 + exp (x - 1))) with (logistic (1 - x)) by apply (eq_sym (model_logit x)).
pose proof (logistic_bounds (logit x)); pose proof (logistic_bounds (1 - x)).
pose proof (Rabs_pos x); apply Rabs_le; lra.
Qed.

Lemma kl_toy_bounds x : 0 <= kl two (posterior x) (model x) <= Rabs x + 3.
Proof.
split; [apply kl_ge0; apply posterior_model_distributions|].
assert (entropy : logistic (logit x) * logit x - softplus (logit x) <= 0).
{ pose proof (logistic_bounds (logit x)); pose proof (ln_logistic (logit x)) as A.
  pose proof (ln_logistic_complement (logit x)) as B.
  assert (L : forall t, 0 < t < 1 -> ln t < 0) by (intros; rewrite <- ln_1; apply ln_increasing; lra).
  pose proof (L (logistic (logit x))); pose proof (L (1 - logistic (logit x))); nra. }
rewrite kl_toy; pose proof (logistic_bounds (logit x)); pose proof (softplus_le (1 - x)) as [_ S].
assert (B : - logistic (logit x) * (1 - x) + Rmax (1 - x) 0 <= Rabs (1 - x)).
{ unfold Rmax, Rabs; destruct (Rle_dec (1 - x) 0), (Rcase_abs (1 - x)); nra. }
pose proof (Rabs_triang 1 (- x)) as T; rewrite Rabs_R1, Rabs_Ropp in T.
change (1 + - x) with (1 - x) in T; nra.
Qed.

Lemma density_continuous x : continuous density x.
Proof.
apply continuous_ext with (fun x => joint 0 x + joint 1 x); [intros; symmetry; apply density_sum|].
apply (ex_derive_continuous (fun x => joint 0 x + joint 1 x)).
unfold joint, gaussian; auto_derive; auto.
Qed.

Ltac one_plus_exp_pos :=
  try apply Rgt_not_eq; apply Rplus_lt_0_compat; [exact Rlt_0_1|apply exp_pos].

Lemma l1_toy_continuous x : continuous (fun x => l1 two (posterior x) (model x)) x.
Proof.
apply (continuous_ext (fun x => Rabs (2 * (logistic (logit x) - 1 / (1 + exp (x - 1))))));
  [intros; symmetry; apply l1_toy|].
apply (continuous_comp (fun x => 2 * (logistic (logit x) - 1 / (1 + exp (x - 1)))) Rabs);
  [|apply continuous_Rabs].
apply (ex_derive_continuous (fun x => 2 * (logistic (logit x) - 1 / (1 + exp (x - 1))))).
unfold logistic, logit; auto_derive; repeat split; one_plus_exp_pos.
Qed.

Lemma kl_toy_continuous x : continuous (fun x => kl two (posterior x) (model x)) x.
Proof.
apply continuous_ext with (fun x =>
  logistic (logit x) * (logit x - (1 - x)) + softplus (1 - x) - softplus (logit x));
  [intros; symmetry; apply kl_toy|].
apply (ex_derive_continuous (fun x =>
  logistic (logit x) * (logit x - (1 - x)) + softplus (1 - x) - softplus (logit x))).
unfold logistic, softplus, logit; auto_derive; repeat split; one_plus_exp_pos.
Qed.

(** ** Means over the line *)

Lemma gaussian_tail mean variance x c : 1 <= variance ->
  c * (2 * variance) <= (x - mean) ^ 2 -> gaussian mean variance x <= exp (- c).
Proof.
intros Hv Hc; assert (S : 1 <= sqrt (2 * PI * variance)).
{ rewrite <- sqrt_1 at 1; apply sqrt_le_1_alt; assert (3 < PI) by interval; nra. }
apply Rle_trans with (exp (- (x - mean) ^ 2 / (2 * variance))).
- unfold gaussian; pose proof (exp_pos (- (x - mean) ^ 2 / (2 * variance))).
  apply Rmult_le_reg_r with (sqrt (2 * PI * variance)); [lra|].
  unfold Rdiv at 1; rewrite Rmult_assoc, Rinv_l; nra.
- apply exp_monotone, Rmult_le_reg_r with (2 * variance); [lra|].
  unfold Rdiv; rewrite Rmult_assoc, Rinv_l; lra.
Qed.

Lemma density_tail x : 20 <= Rabs x -> density x <= exp (- (2 * Rabs x + 3)).
Proof.
intros Hx; rewrite density_sum; unfold joint.
assert (A : gaussian (-1) 4 x <= exp (- (2 * Rabs x + 3))).
{ apply gaussian_tail; [lra|]; unfold Rabs in *; destruct (Rcase_abs x); nra. }
assert (B : gaussian 1 1 x <= exp (- (2 * Rabs x + 3))).
{ apply gaussian_tail; [lra|]; unfold Rabs in *; destruct (Rcase_abs x); nra. }
lra.
Qed.

Lemma risk_near_window D : (forall x, continuous D x) -> (forall x, 0 <= D x <= Rabs x + 4) ->
  exists r, line_integral (fun x => density x * D x) r /\
    RInt (fun x => density x * D x) (-20) 20 <= r <=
    RInt (fun x => density x * D x) (-20) 20 + 2 * exp (-20).
Proof.
intros HC HD; apply (line_integral_near_window (fun x => density x * D x) 20); [| | |lra].
- intros x; apply (continuous_mult density D); auto; apply density_continuous.
- intros x; apply Rmult_le_pos; [apply Rlt_le, density_pos|apply HD].
- intros x Hx; pose proof (density_tail x Hx); pose proof (density_pos x).
  pose proof (exp_ineq1_le (Rabs x + 3)); pose proof (HD x).
  replace (exp (- Rabs x)) with (exp (- (2 * Rabs x + 3)) * exp (Rabs x + 3))
    by (rewrite <- exp_plus; f_equal; ring).
  apply Rmult_le_compat; lra.
Qed.
