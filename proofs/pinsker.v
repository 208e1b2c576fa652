(** * Pinsker's inequality for finitely many labels

    For two distributions with [a] dominated by [b],   l1 a b ^ 2 <= 2 * kl a b   ([pinsker]).

    The proof needs one function of one variable, 3 (t-1)^2 <= (2t+4) (t ln t - t + 1) for t > 0
    ([pinsker_one_variable]), which at t = p / q gives the bound of each label ([pinsker_term]);
    the arithmetic-geometric mean inequality then sums over the labels. *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels divergences.
Open Scope R_scope.

(** ** One variable *)

Lemma increment_from_1 f df : (forall t, 0 < t -> is_derive f t (df t)) ->
  forall t, 0 < t -> exists c, 0 < c /\ Rmin 1 t <= c <= Rmax 1 t /\ f t - f 1 = df c * (t - 1).
Proof.
intros Hd t Ht; assert (0 < Rmin 1 t) by (apply Rmin_glb_lt; lra).
destruct (MVT_gen f 1 t df) as [c [Hc E]].
- intros x Hx; apply Hd; lra.
- intros x Hx; apply derivable_continuous_pt; exists (df x); apply is_derive_Reals, Hd; lra.
- exists c; repeat split; try tauto; lra.
Qed.

Lemma minimum_at_1 f df : (forall t, 0 < t -> is_derive f t (df t)) ->
  (forall t, 1 <= t -> 0 <= df t) -> (forall t, 0 < t <= 1 -> df t <= 0) ->
  forall t, 0 < t -> f 1 <= f t.
Proof.
intros Hd Hp Hn t Ht; destruct (increment_from_1 f df Hd t Ht) as [c [c0 [Hc E]]].
destruct (Rle_dec 1 t) as [H|H].
- rewrite Rmin_left, Rmax_right in Hc by lra; pose proof (Hp c); nra.
- rewrite Rmin_right, Rmax_left in Hc by lra; pose proof (Hn c); nra.
Qed.

(** The derivative of the function of [pinsker_one_variable] has the sign of t - 1, since its
    factor (t+1) ln t - 2 (t-1) is nondecreasing and vanishes at 1. *)
Lemma factor_sign t : 0 < t -> 0 <= (t - 1) * ((t + 1) * ln t - 2 * (t - 1)).
Proof.
intros Ht; set (f := fun t => (t + 1) * ln t - 2 * (t - 1)).
destruct (increment_from_1 f (fun t => ln t + / t - 1)) with (t := t) as [c [c0 [_ E]]]; auto.
{ intros u Hu; unfold f; auto_derive; [repeat split; lra|field; lra]. }
pose proof (ln_le_minus1 (/ c) (Rinv_0_lt_compat _ c0)) as L; rewrite ln_Rinv in L by auto.
fold (f t); replace (f t) with ((ln c + / c - 1) * (t - 1))
  by (rewrite <- E; unfold f; rewrite ln_1; ring).
pose proof (pow2_ge_0 (t - 1)); nra.
Qed.

Lemma pinsker_one_variable t : 0 < t -> 3 * (t - 1) ^ 2 <= (2 * t + 4) * (t * ln t - t + 1).
Proof.
intros Ht; set (f := fun t => (2 * t + 4) * (t * ln t - t + 1) - 3 * (t - 1) ^ 2).
enough (f 1 <= f t) by (unfold f in *; rewrite ln_1 in *; lra).
apply (minimum_at_1 f (fun t => 4 * ((t + 1) * ln t - 2 * (t - 1)))); auto.
- intros u Hu; unfold f; auto_derive; [repeat split; lra|field; lra].
- intros u Hu; pose proof (factor_sign u); destruct (Req_dec u 1) as [->|]; [rewrite ln_1|]; nra.
- intros u Hu; pose proof (factor_sign u); destruct (Req_dec u 1) as [->|]; [rewrite ln_1|]; nra.
Qed.

(** ** One label *)

Lemma pinsker_term p q : 0 <= p -> 0 <= q -> (q = 0 -> p = 0) ->
  3 * (p - q) ^ 2 <= (2 * p + 4 * q) * (kl_term p q - p + q).
Proof.
unfold kl_term; intros Hp Hq Hd.
destruct (Req_dec q 0) as [->|q0]; [rewrite Hd by auto; lra|].
destruct (Req_dec p 0) as [->|p0]; [nra|].
assert (Ht : 0 < p / q) by (apply Rdiv_lt_0_compat; lra).
pose proof (pinsker_one_variable _ Ht) as C.
replace p with (p / q * q) at 1 2 3 5 by (field; auto).
set (t := p / q) in *; clearbody t; pose proof (pow2_ge_0 q); nra.
Qed.

(** ** All labels *)

Theorem pinsker {Y} (labels : list Y) a b :
  distribution labels a -> distribution labels b -> dominated labels a b ->
  l1 labels a b ^ 2 <= 2 * kl labels a b.
Proof.
intros [a0 a1] [b0 b1] H; set (s := l1 labels a b).
assert (W : s * s <= s ^ 2 / 2 + kl labels a b); [|nra].
replace (s ^ 2 / 2 + kl labels a b) with
  (sum labels (fun y => s ^ 2 / 12 * (2 * a y + 4 * b y) + (kl_term (a y) (b y) - a y + b y))).
2: { rewrite !sum_plus, sum_minus, sum_scal, sum_plus, !sum_scal, a1, b1; unfold kl; field. }
replace (s * s) with (sum labels (fun y => s * Rabs (a y - b y))) by apply sum_scal.
apply sum_le; intros y Hy; pose proof (pinsker_term _ _ (a0 y Hy) (b0 y Hy) (H y Hy)) as C.
pose proof (kl_term_ge _ _ (a0 y Hy) (b0 y Hy) (H y Hy)) as G.
set (w := 2 * a y + 4 * b y) in *; set (phi := kl_term (a y) (b y) - a y + b y) in *.
assert (w0 : 0 <= w) by (pose proof (a0 y Hy); pose proof (b0 y Hy); unfold w; lra).
assert (phi0 : 0 <= phi) by (unfold phi; lra).
set (r := Rabs (a y - b y)); rewrite <- pow2_abs in C; fold r in C.
pose proof (pow2_ge_0 s).
apply Rsqr_incr_0_var; [unfold Rsqr|nra].
pose proof (pow2_ge_0 (s ^ 2 / 12 * w - phi)).
assert (s ^ 2 * (3 * r ^ 2) <= s ^ 2 * (w * phi)) by (apply Rmult_le_compat_l; auto); nra.
Qed.
