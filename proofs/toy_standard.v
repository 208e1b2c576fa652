(** * The standard risks of the toy law, to eight decimals

    - [R_standard_l1]: R_Standard for l1 is within 1e-8 of 0.20799959100556;
    - [R_standard_kl]: R_Standard for KL is within 1e-8 of 0.09520486405466.

    Each is an integral over the whole line: over [-20, 20] coq-interval encloses it, and the tails
    are at most 4.2e-9. Times the density the divergences need no posterior: with h and m the
    log-odds of label 1 under the law and under the model,
      p_d l1 = 2 (p_d logistic m - p_d(., 1)),
      p_d KL = p_d (softplus m - softplus h) - p_d(., 1) (m - h). *)
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From Score Require Import labels divergences improper toy.
Open Scope R_scope.

Lemma density_l1_toy x : density x * l1 two (posterior x) (model x) =
  2 * (density x * logistic (x - 1) - joint 1 x).
Proof.
rewrite l1_toy; unfold l1_log_odds; rewrite <- posterior_1; unfold posterior.
pose proof (density_pos x); field; lra.
Qed.

Lemma density_kl_toy x : density x * kl two (posterior x) (model x) =
  density x * (softplus (x - 1) - softplus (log_odds x)) - joint 1 x * (x - 1 - log_odds x).
Proof.
rewrite kl_toy; unfold kl_log_odds; rewrite <- posterior_1; unfold posterior.
pose proof (density_pos x); field; lra.
Qed.

Lemma l1_integral :
  Rabs (RInt (fun x => density x * l1 two (posterior x) (model x)) (-20) 20 - 0.20799959100556)
  <= 1e-9.
Proof. rewrite (RInt_ext _ _ _ _ (fun x _ => density_l1_toy x)); integrate. Qed.

Lemma kl_integral :
  Rabs (RInt (fun x => density x * kl two (posterior x) (model x)) (-20) 20 - 0.09520486405466)
  <= 1e-9.
Proof. rewrite (RInt_ext _ _ _ _ (fun x _ => density_kl_toy x)); integrate. Qed.

Theorem R_standard_l1 : exists r, R_standard (l1 two) r /\ Rabs (r - 0.20799959100556) <= 1e-8.
Proof.
destruct (risk_near_window _ l1_toy_continuous) as [r [Hr B]];
  [intros x; pose proof (l1_toy_bounds x); lra|].
exists r; split; [exact Hr|].
pose proof l1_integral as I; apply Rabs_le_between in I; apply Rabs_le; lra.
Qed.

Theorem R_standard_kl : exists r, R_standard (kl two) r /\ Rabs (r - 0.09520486405466) <= 1e-8.
Proof.
destruct (risk_near_window _ kl_toy_continuous) as [r [Hr B]];
  [intros x; pose proof (kl_toy_bounds x); lra|].
exists r; split; [exact Hr|].
pose proof kl_integral as I; apply Rabs_le_between in I; apply Rabs_le; lra.
Qed.
