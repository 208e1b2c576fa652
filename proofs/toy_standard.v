(** * The standard risks of the toy law, to six decimals

    - [R_standard_l1]: R_Standard for l1 is within 1e-6 of 0.20799959100556;
    - [R_standard_kl]: R_Standard for KL is within 1e-6 of 0.09520486405466.

    Each is an integral over the whole line: over [-20, 20] coq-interval encloses it, and the tails
    are at most 2 exp(-20). Times the density the divergences need no posterior,
      p_d l1 = 2 |p_d(., 0) - p_d / (1 + exp(x - 1))|,
      p_d KL = p_d(., 0) (h - b) + p_d (softplus b - softplus h),
    with h the logit of the posterior and b = 1 - x that of the model. *)
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From Score Require Import divergences improper toy.
Open Scope R_scope.

Lemma density_l1_toy x : density x * l1 two (posterior x) (model x) =
  Rabs (2 * (joint 0 x - density x / (1 + exp (x - 1)))).
Proof.
rewrite l1_toy, <- posterior_logit; unfold posterior.
pose proof (density_pos x); pose proof (exp_pos (x - 1)).
rewrite <- (Rabs_pos_eq (density x)) at 1 by lra.
rewrite <- Rabs_mult; f_equal; field; lra.
Qed.

Lemma density_kl_toy x : density x * kl two (posterior x) (model x) =
  joint 0 x * (logit x - (1 - x)) + density x * (softplus (1 - x) - softplus (logit x)).
Proof.
rewrite kl_toy, <- posterior_logit; unfold posterior; pose proof (density_pos x); field; lra.
Qed.

Lemma twice_tail_le : 2 * exp (-20) <= 1e-8.
Proof. interval. Qed.

Lemma l1_integral : Rabs (RInt (fun x => density x * l1 two (posterior x) (model x)) (-20) 20
  - 0.20799959100556) <= 9e-7.
Proof.
rewrite (RInt_ext _ (fun x => Rabs (2 * (joint 0 x - (joint 0 x + joint 1 x) / (1 + exp (x - 1))))))
  by (intros; rewrite density_l1_toy, density_sum; reflexivity).
unfold joint, gaussian; integral with (i_fuel 5000, i_degree 6).
Qed.

Lemma kl_integral : Rabs (RInt (fun x => density x * kl two (posterior x) (model x)) (-20) 20
  - 0.09520486405466) <= 9e-7.
Proof.
rewrite (RInt_ext _ (fun x => joint 0 x * (logit x - (1 - x)) +
    (joint 0 x + joint 1 x) * (softplus (1 - x) - softplus (logit x))))
  by (intros; rewrite density_kl_toy, density_sum; reflexivity).
unfold joint, gaussian, logit, softplus; integral with (i_fuel 5000, i_degree 6).
Qed.

Theorem R_standard_l1 : exists r, R_standard (l1 two) r /\ Rabs (r - 0.20799959100556) <= 1e-6.
Proof.
destruct (risk_near_window _ l1_toy_continuous) as [r [Hr B]];
  [intros x; pose proof (l1_toy_bounds x); lra|].
exists r; split; [exact Hr|]; pose proof twice_tail_le.
pose proof l1_integral as I; apply Rabs_le_between in I; apply Rabs_le; lra.
Qed.

Theorem R_standard_kl : exists r, R_standard (kl two) r /\ Rabs (r - 0.09520486405466) <= 1e-6.
Proof.
destruct (risk_near_window _ kl_toy_continuous) as [r [Hr B]];
  [intros x; pose proof (kl_toy_bounds x); lra|].
exists r; split; [exact Hr|]; pose proof twice_tail_le.
pose proof kl_integral as I; apply Rabs_le_between in I; apply Rabs_le; lra.
Qed.
