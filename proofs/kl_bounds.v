(** * Bounds of the divergences by the Kullback-Leibler divergence

    For two distributions with [a] dominated by [b], and t = kl a b:
    - [l1_le_kl], [l1_le_exp]: l1 <= sqrt (2 t) (Pinsker) and 2 sqrt (1 - exp (- t));
    - [total_variation_le_kl], [total_variation_le_exp]: half of each;
    - [l2_le_kl]: l2 <= sqrt t;   [linf_le_kl]: linf <= sqrt (t / 2);
    - [hellinger_le_kl], [jensen_shannon_le_kl]: <= sqrt (t / 2);
    - [squared_error_le_kl]: squared error <= t.
    Each right-hand side is concave and nondecreasing in t, as corollary_1.v needs. Without
    domination, the bounded divergences: [l1_le_2], [total_variation_le_1], [l2_le], [linf_le_1],
    [hellinger_le_1]. *)
From Coq Require Import Reals Lra Psatz List.
From Score Require Import labels divergences pinsker bretagnolle_huber.
Open Scope R_scope.

Lemma le_sqrt_of_sq_le x t : x ^ 2 <= t -> x <= sqrt t.
Proof.
intros H; eapply Rle_trans; [apply Rle_abs|rewrite <- sqrt_Rsqr_abs, Rsqr_pow2].
apply sqrt_le_1_alt; auto.
Qed.

Section KLBounds.
Context {Y : Type} (labels : list Y) (a b : Y -> R).
Hypotheses (Ha : distribution labels a) (Hb : distribution labels b).

Lemma l1_le_2 : l1 labels a b <= 2.
Proof.
destruct Ha as [a0 a1], Hb as [b0 b1].
replace 2 with (sum labels (fun y => a y + b y)) by (rewrite sum_plus; lra).
apply sum_le; intros y Hy; pose proof (a0 y Hy); pose proof (b0 y Hy).
apply Rabs_le; lra.
Qed.

Lemma total_variation_le_1 : total_variation labels a b <= 1.
Proof. unfold total_variation; pose proof l1_le_2; lra. Qed.

Lemma linf_le_1 : linf labels a b <= 1.
Proof. pose proof (linf_le_half_l1 labels a b Ha Hb); pose proof l1_le_2; lra. Qed.

Lemma l2_le : l2 labels a b <= sqrt 2.
Proof.
apply le_sqrt_of_sq_le; rewrite l2_sq.
pose proof (squared_error_le_half_l1_sq labels a b Ha Hb).
pose proof (l1_ge0 labels a b); pose proof l1_le_2; nra.
Qed.

Lemma hellinger_le_1 : hellinger labels a b <= 1.
Proof.
rewrite <- sqrt_1; apply le_sqrt_of_sq_le; rewrite hellinger_sq by auto.
pose proof (affinity_ge0 labels a b); lra.
Qed.

Hypothesis H : dominated labels a b.
Notation t := (kl labels a b).

Theorem l1_le_kl : l1 labels a b <= sqrt (2 * t).
Proof. apply le_sqrt_of_sq_le, pinsker; auto. Qed.

Theorem l1_le_exp : l1 labels a b <= 2 * sqrt (1 - exp (- t)).
Proof. apply bretagnolle_huber; auto. Qed.

Lemma half_sqrt_2t : sqrt (2 * t) / 2 = sqrt (t / 2).
Proof.
replace (t / 2) with (2 * t / 2 ^ 2) by field.
rewrite sqrt_div_alt, sqrt_pow2 by lra; reflexivity.
Qed.

Theorem total_variation_le_kl : total_variation labels a b <= sqrt (t / 2).
Proof. rewrite <- half_sqrt_2t; pose proof l1_le_kl; unfold total_variation; lra. Qed.

Theorem total_variation_le_exp : total_variation labels a b <= sqrt (1 - exp (- t)).
Proof. pose proof l1_le_exp; unfold total_variation; lra. Qed.

Theorem squared_error_le_kl : squared_error labels a b <= t.
Proof.
pose proof (squared_error_le_half_l1_sq labels a b Ha Hb).
pose proof (pinsker labels a b Ha Hb H); lra.
Qed.

Theorem l2_le_kl : l2 labels a b <= sqrt t.
Proof. apply le_sqrt_of_sq_le; rewrite l2_sq; apply squared_error_le_kl. Qed.

Theorem linf_le_kl : linf labels a b <= sqrt (t / 2).
Proof.
rewrite <- half_sqrt_2t; pose proof l1_le_kl.
pose proof (linf_le_half_l1 labels a b Ha Hb); lra.
Qed.

Theorem hellinger_le_kl : hellinger labels a b <= sqrt (t / 2).
Proof.
apply le_sqrt_of_sq_le; rewrite hellinger_sq by auto.
pose proof (affinity_ge_exp labels a b Ha Hb H); pose proof (exp_ineq1_le (- t / 2)); lra.
Qed.

(** The compensation identity: t / 2 exceeds the squared Jensen-Shannon distance by the divergence
    of the midpoint from [b], which is nonnegative. *)
Theorem jensen_shannon_le_kl : jensen_shannon labels a b <= sqrt (t / 2).
Proof.
apply sqrt_le_1_alt; set (m := midpoint a b).
assert (M : 0 <= kl labels m b).
{ apply kl_ge0; auto; [apply midpoint_distribution; auto|].
  intros y Hy Z; unfold m, midpoint; rewrite (H y Hy Z), Z; field. }
enough (t = kl labels a m + kl labels b m + 2 * kl labels m b) by lra.
unfold kl; rewrite <- sum_scal, <- !sum_plus; apply sum_ext; intros y Hy.
unfold kl_term, m, midpoint; pose proof (proj1 Ha y Hy); pose proof (proj1 Hb y Hy).
destruct (Req_dec (b y) 0) as [Z|Z]; [rewrite (H y Hy Z), Z; unfold Rdiv; ring|].
rewrite (ln_ratio ((a y + b y) / 2) (b y)), (ln_ratio (b y)) by lra.
destruct (Req_dec (a y) 0) as [->|A]; [rewrite Rplus_0_l; field|].
rewrite !ln_ratio by lra; field.
Qed.
End KLBounds.
