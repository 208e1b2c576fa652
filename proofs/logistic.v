(** * The logistic function and its kin

    logistic t = 1 / (1 + exp(-t)) turns log-odds into a probability; softplus t = ln(1 + exp t) is
    its antiderivative, and [weight] its derivative.

    Main lemmas: [is_derive_logistic], [is_derive_softplus], [ln_logistic]; both functions change by
    at most as much as their argument ([logistic_lipschitz], [softplus_lipschitz]). *)
From Coq Require Import Reals Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Score Require Import divergences window_sup.
Open Scope R_scope.

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

Lemma logistic_opp t : logistic (- t) = 1 - logistic t.
Proof.
unfold logistic; rewrite Ropp_involutive, exp_Ropp; pose proof (exp_pos t); field; lra.
Qed.

Lemma softplus_opp t : softplus (- t) = softplus t - t.
Proof.
pose proof (ln_logistic_complement (- t)) as A; pose proof (ln_logistic t) as B.
rewrite logistic_opp in A; replace (1 - (1 - logistic t)) with (logistic t) in A by ring; lra.
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

Lemma is_derive_along (g dg h : R -> R) x dh : (forall t, is_derive g t (dg t)) ->
  is_derive h x dh -> is_derive (fun x => g (h x)) x (dh * dg (h x)).
Proof. intros Hg Hh; apply (is_derive_comp g h); auto. Qed.

Lemma logistic_continuous (h : R -> R) x : continuous h x -> continuous (fun x => logistic (h x)) x.
Proof.
intros H; apply (continuous_comp h logistic); auto.
apply (ex_derive_continuous logistic); eexists; apply is_derive_logistic.
Qed.

Lemma softplus_continuous (h : R -> R) x : continuous h x -> continuous (fun x => softplus (h x)) x.
Proof.
intros H; apply (continuous_comp h softplus); auto.
apply (ex_derive_continuous softplus); eexists; apply is_derive_softplus.
Qed.

Lemma weight_bounds t : 0 <= weight t <= 1.
Proof.
unfold weight; pose proof (exp_pos (- t)); split; [apply Rdiv_le_0_compat; nra|].
apply Rmult_le_reg_r with ((1 + exp (- t)) ^ 2); [nra|].
unfold Rdiv; rewrite Rmult_assoc, Rinv_l; nra.
Qed.

(** A function with a derivative in [-1, 1] changes by at most as much as its argument. *)
Lemma lipschitz_of_derive (f df : R -> R) : (forall t, is_derive f t (df t)) ->
  (forall t, Rabs (df t) <= 1) -> forall u v, Rabs (f u - f v) <= Rabs (u - v).
Proof.
intros Hf Hd u v; destruct (MVT_gen f v u df) as [c [_ E]].
- intros x _; apply Hf.
- intros x _; apply derivable_continuous_pt; eexists; apply is_derive_Reals, Hf.
- rewrite E, Rabs_mult; pose proof (Hd c); pose proof (Rabs_pos (u - v)); nra.
Qed.

Lemma logistic_lipschitz u v : Rabs (logistic u - logistic v) <= Rabs (u - v).
Proof.
apply (lipschitz_of_derive logistic weight is_derive_logistic); intros t.
pose proof (weight_bounds t); apply Rabs_le; lra.
Qed.

Lemma softplus_lipschitz u v : Rabs (softplus u - softplus v) <= Rabs (u - v).
Proof.
apply (lipschitz_of_derive softplus logistic is_derive_softplus); intros t.
pose proof (logistic_bounds t); apply Rabs_le; lra.
Qed.
