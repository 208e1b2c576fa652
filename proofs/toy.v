(** * The slides' toy law, and its risks as integrals over the line

    One input x, two labels 0 and 1. The law: p(0) = 5/6, p(1) = 1/6, p(x|0) = N(-1, variance 4),
    p(x|1) = N(1, variance 1) ([joint], [density], [posterior]). The model:
    p_theta(0|x) = 1 / (1 + exp(x - 1)) ([model]). Perturbations: |u - x| <= 1.
    - [R_standard D r]: the standard risk for the divergence D is r;
    - [R_score D r]: the SCORE risk is r; the supremum inside the mean is a genuine one.

    Main lemmas, for the numbers in toy_standard.v and toy_score.v:
    - [l1_toy], [kl_toy]: from the log-odds of label 1, h of the law and m = x - 1 of the model,
      l1 = 2 (logistic m - logistic h) and KL = softplus m - softplus h - logistic h (m - h);
    - [is_derive_l1], [is_derive_kl]: their derivatives in x;
    - [risk_near_window]: for a continuous D(x) in [0, |x| + 4] the mean of D over the line is its
      integral over [-20, 20] up to 4.2e-9;
    - [R_standard_unique], [R_score_unique]: a risk is one number. *)
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

Lemma R_standard_unique D r r' : R_standard D r -> R_standard D r' -> r = r'.
Proof. apply line_integral_unique. Qed.

Lemma R_score_unique D r r' : R_score D r -> R_score D r' -> r = r'.
Proof.
intros [s [S Hr]] [s' [S' Hr']]; apply (line_integral_unique (fun x => density x * s x)); auto.
apply (line_integral_ext (fun x => density x * s' x)); auto.
intros x; f_equal; apply Rle_antisym; [apply (proj2 (S' x)), (S x)|apply (proj2 (S x)), (S' x)].
Qed.

(** ** Log-odds *)

Definition logistic (t : R) : R := 1 / (1 + exp (- t)).
Definition softplus (t : R) : R := ln (1 + exp t).
Definition weight (t : R) : R := exp (- t) / (1 + exp (- t)) ^ 2.

Lemma exp_monotone u v : u <= v -> exp u <= exp v.
Proof. intros [H|<-]; [apply Rlt_le, exp_increasing|]; lra. Qed.

Lemma logistic_bounds t : 0 < logistic t < 1.
Proof.
unfold logistic; pose proof (exp_pos (- t)); split; [apply Rdiv_lt_0_compat; lra|].
apply Rmult_lt_reg_r with (1 + exp (- t)); [lra|].
unfold Rdiv; rewrite Rmult_assoc, Rinv_l; lra.
Qed.

Lemma logistic_increasing t u : t <= u -> logistic t <= logistic u.
Proof.
intros H; unfold logistic; assert (exp (- u) <= exp (- t)) by (apply exp_monotone; lra).
pose proof (exp_pos (- u)); unfold Rdiv; rewrite !Rmult_1_l; apply Rinv_le_contravar; lra.
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

Lemma softplus_le t : softplus t <= Rmax t 0 + 1.
Proof.
unfold softplus; pose proof (exp_pos t).
rewrite <- (ln_exp (Rmax t 0 + 1)); apply ln_le; [lra|].
rewrite exp_plus; assert (2 <= exp 1) by (pose proof (exp_ineq1_le 1); lra).
assert (exp t <= exp (Rmax t 0)) by (apply exp_monotone, Rmax_l).
assert (1 <= exp (Rmax t 0)) by (rewrite <- exp_0; apply exp_monotone, Rmax_r); nra.
Qed.

Lemma is_derive_logistic t : is_derive logistic t (weight t).
Proof.
pose proof (exp_pos (- t)); unfold logistic, weight; auto_derive; [lra|field; lra].
Qed.

Lemma is_derive_softplus t : is_derive softplus t (logistic t).
Proof.
pose proof (exp_pos t); unfold logistic, softplus; auto_derive; [lra|].
rewrite exp_Ropp; field; lra.
Qed.

(** ** The law and the model in log-odds *)

Definition log_odds (x : R) : R := ln (2 / 5) - 3 / 8 + 5 / 4 * x - 3 / 8 * x ^ 2.

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

Lemma joint_log_odds x : joint 0 x = joint 1 x * exp (- log_odds x).
Proof.
unfold joint, gaussian, log_odds; pose proof PI_RGT_0.
assert (S : 0 < sqrt (2 * PI)) by (apply sqrt_lt_R0; lra).
replace (2 * PI * 4) with (2 * PI * (2 * 2)) by ring.
rewrite (Rmult_1_r (2 * PI)), (sqrt_mult (2 * PI) (2 * 2)), (sqrt_square 2) by lra.
replace (- (ln (2 / 5) - 3 / 8 + 5 / 4 * x - 3 / 8 * x ^ 2))
  with (- (x - -1) ^ 2 / (2 * 4) + - (- (x - 1) ^ 2 / (2 * 1)) + - ln (2 / 5)) by field.
rewrite !exp_plus, exp_Ropp, (exp_Ropp (ln _)), exp_ln by lra.
field; split; [|lra]; apply Rgt_not_eq, exp_pos.
Qed.

Lemma posterior_1 x : posterior x 1%nat = logistic (log_odds x).
Proof.
unfold posterior, logistic; rewrite density_sum, joint_log_odds.
pose proof (joint_pos 1 x); pose proof (exp_pos (- log_odds x)); field; split; nra.
Qed.

Lemma posterior_0 x : posterior x 0%nat = 1 - posterior x 1%nat.
Proof.
unfold posterior; pose proof (density_pos x); rewrite density_sum in *; field; lra.
Qed.

Lemma model_1 x : model x 1%nat = logistic (x - 1).
Proof.
unfold model, logistic; rewrite exp_Ropp; pose proof (exp_pos (x - 1)); field; lra.
Qed.

Lemma model_0 x : model x 0%nat = 1 - model x 1%nat.
Proof. unfold model; ring. Qed.

Lemma log_odds_below_model x : log_odds x <= x - 1.
Proof. unfold log_odds; assert (ln (2 / 5) <= -0.9) by interval; nra. Qed.

(** ** The divergences between the posterior and the model *)

Definition l1_log_odds (x : R) : R := 2 * (logistic (x - 1) - logistic (log_odds x)).
Definition kl_log_odds (x : R) : R :=
  softplus (x - 1) - softplus (log_odds x) - logistic (log_odds x) * (x - 1 - log_odds x).

Lemma distribution_two p : 0 < p 1%nat < 1 -> p 0%nat = 1 - p 1%nat ->
  distribution two p /\ (forall q, dominated two q p).
Proof.
intros H1 H0; split; [split; [|unfold sum; simpl; lra]|]; [intros y Hy|intros q y Hy];
  destruct Hy as [<-|[<-|[]]]; lra.
Qed.

Lemma posterior_model_distributions x :
  distribution two (posterior x) /\ distribution two (model x) /\
  dominated two (posterior x) (model x).
Proof.
destruct (distribution_two (posterior x)) as [P _];
  [rewrite posterior_1; apply logistic_bounds|apply posterior_0|].
destruct (distribution_two (model x)) as [M d];
  [rewrite model_1; apply logistic_bounds|apply model_0|]; auto.
Qed.

Lemma l1_toy x : l1 two (posterior x) (model x) = l1_log_odds x.
Proof.
unfold l1, sum, two; cbn [fold_right]; rewrite posterior_0, model_0, posterior_1, model_1.
pose proof (logistic_increasing _ _ (log_odds_below_model x)); unfold l1_log_odds.
rewrite Rabs_pos_eq, Rabs_left1 by lra; ring.
Qed.

Lemma kl_toy x : kl two (posterior x) (model x) = kl_log_odds x.
Proof.
unfold kl, kl_term, sum, two; cbn [fold_right]; rewrite posterior_0, model_0, posterior_1, model_1.
pose proof (logistic_bounds (log_odds x)); pose proof (logistic_bounds (x - 1)).
rewrite !ln_ratio, !ln_logistic, !ln_logistic_complement by lra; unfold kl_log_odds; ring.
Qed.

Lemma l1_toy_bounds x : 0 <= l1 two (posterior x) (model x) <= Rabs x + 3.
Proof.
split; [apply l1_ge0|]; rewrite l1_toy; unfold l1_log_odds.
pose proof (logistic_bounds (log_odds x)); pose proof (logistic_bounds (x - 1)).
pose proof (Rabs_pos x); lra.
Qed.

Lemma kl_toy_bounds x : 0 <= kl two (posterior x) (model x) <= Rabs x + 3.
Proof.
split; [apply kl_ge0; apply posterior_model_distributions|].
pose proof (logistic_bounds (log_odds x)) as P.
assert (entropy : logistic (log_odds x) * log_odds x - softplus (log_odds x) <= 0).
{ pose proof (ln_logistic (log_odds x)) as A.
  pose proof (ln_logistic_complement (log_odds x)) as B.
  assert (L : forall t, 0 < t < 1 -> ln t < 0)
    by (intros; rewrite <- ln_1; apply ln_increasing; lra).
  pose proof (L (logistic (log_odds x))); pose proof (L (1 - logistic (log_odds x))); nra. }
assert (B : Rmax (x - 1) 0 - logistic (log_odds x) * (x - 1) <= Rabs (x - 1)).
{ unfold Rmax, Rabs; destruct (Rle_dec (x - 1) 0), (Rcase_abs (x - 1)); nra. }
pose proof (Rabs_triang x (- (1))) as T; rewrite Rabs_Ropp, Rabs_R1 in T.
change (x + - (1)) with (x - 1) in T; pose proof (softplus_le (x - 1)).
rewrite kl_toy; unfold kl_log_odds; lra.
Qed.

(** ** Their derivatives *)

Definition l1_slope (x : R) : R :=
  2 * (weight (x - 1) - (5 / 4 - 3 / 4 * x) * weight (log_odds x)).
Definition kl_slope (x : R) : R :=
  logistic (x - 1) - logistic (log_odds x) -
  (5 / 4 - 3 / 4 * x) * weight (log_odds x) * (x - 1 - log_odds x).

Lemma is_derive_log_odds x : is_derive log_odds x (5 / 4 - 3 / 4 * x).
Proof. unfold log_odds; auto_derive; auto; field. Qed.

Lemma is_derive_model_log_odds x : is_derive (fun x => x - 1) x 1.
Proof. auto_derive; auto; ring. Qed.

Lemma is_derive_along (g dg h : R -> R) x dh : (forall t, is_derive g t (dg t)) ->
  is_derive h x dh -> is_derive (fun x => g (h x)) x (dh * dg (h x)).
Proof. intros Hg Hh; apply (is_derive_comp g h); auto. Qed.

Lemma is_derive_l1 x : is_derive l1_log_odds x (l1_slope x).
Proof.
assert (P := is_derive_along _ _ _ _ _ is_derive_logistic (is_derive_log_odds x)).
assert (M := is_derive_along _ _ _ _ _ is_derive_logistic (is_derive_model_log_odds x)).
pose proof (is_derive_scal _ x 2 _ (is_derive_minus _ _ _ _ _ M P)) as I.
replace (l1_slope x) with
  (2 * (1 * weight (x - 1) - (5 / 4 - 3 / 4 * x) * weight (log_odds x)));
  [exact I|unfold l1_slope; ring].
Qed.

Lemma is_derive_kl x : is_derive kl_log_odds x (kl_slope x).
Proof.
assert (P := is_derive_along _ _ _ _ _ is_derive_logistic (is_derive_log_odds x)).
assert (G := is_derive_minus _ _ _ _ _ (is_derive_model_log_odds x) (is_derive_log_odds x)).
assert (S := is_derive_along _ _ _ _ _ is_derive_softplus (is_derive_model_log_odds x)).
assert (T := is_derive_along _ _ _ _ _ is_derive_softplus (is_derive_log_odds x)).
assert (PG := is_derive_mult _ _ _ _ _ P G Rmult_comm).
pose proof (is_derive_minus _ _ _ _ _ (is_derive_minus _ _ _ _ _ S T) PG) as I.
replace (kl_slope x) with
  (1 * logistic (x - 1) - (5 / 4 - 3 / 4 * x) * logistic (log_odds x) -
   ((5 / 4 - 3 / 4 * x) * weight (log_odds x) * (x - 1 - log_odds x) +
    logistic (log_odds x) * (1 - (5 / 4 - 3 / 4 * x)))); [exact I|unfold kl_slope; ring].
Qed.

Lemma l1_log_odds_continuous x : continuous l1_log_odds x.
Proof. apply (ex_derive_continuous l1_log_odds); eexists; apply is_derive_l1. Qed.

Lemma kl_log_odds_continuous x : continuous kl_log_odds x.
Proof. apply (ex_derive_continuous kl_log_odds); eexists; apply is_derive_kl. Qed.

Lemma l1_toy_continuous x : continuous (fun x => l1 two (posterior x) (model x)) x.
Proof.
apply (continuous_ext l1_log_odds); [intros; symmetry; apply l1_toy|apply l1_log_odds_continuous].
Qed.

Lemma kl_toy_continuous x : continuous (fun x => kl two (posterior x) (model x)) x.
Proof.
apply (continuous_ext kl_log_odds); [intros; symmetry; apply kl_toy|apply kl_log_odds_continuous].
Qed.

Lemma density_continuous x : continuous density x.
Proof.
apply continuous_ext with (fun x => joint 0 x + joint 1 x); [intros; symmetry; apply density_sum|].
apply (ex_derive_continuous (fun x => joint 0 x + joint 1 x)).
unfold joint, gaussian; auto_derive; auto.
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
    RInt (fun x => density x * D x) (-20) 20 + 4.2e-9.
Proof.
intros HC HD; assert (T : 2 * exp (-20) <= 4.2e-9) by interval.
destruct (line_integral_near_window (fun x => density x * D x) 20 1 1) as [r [Hr I]];
  [| | |lra|lra|lra|].
- intros x; apply (continuous_mult density D); auto; apply density_continuous.
- intros x; apply Rmult_le_pos; [apply Rlt_le, density_pos|apply HD].
- intros x Hx; pose proof (density_tail x Hx); pose proof (density_pos x).
  pose proof (exp_ineq1_le (Rabs x + 3)); pose proof (HD x).
  replace (1 * exp (- (1 * Rabs x))) with (exp (- (2 * Rabs x + 3)) * exp (Rabs x + 3))
    by (rewrite <- exp_plus, !Rmult_1_l; f_equal; ring).
  apply Rmult_le_compat; lra.
- change (- (20)) with (-20) in I; assert (E : 1 / 1 * exp (- (1 * 20)) = exp (-20)).
  { rewrite Rmult_1_l; change (- (20)) with (-20); field. }
  rewrite E in I; exists r; split; [exact Hr|lra].
Qed.

(** Encloses an integral of the density times a function of the log-odds over an interval. *)
Ltac integrate :=
  unfold density, sum, two, l1_log_odds, kl_log_odds, logistic, softplus, log_odds;
  cbn [fold_right joint]; unfold gaussian; integral with (i_fuel 1000, i_degree 8).
