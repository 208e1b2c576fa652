(** * The Bretagnolle-Huber inequality for finitely many labels

    For two distributions with [a] dominated by [b],
    l1 a b <= 2 sqrt (1 - exp (- kl a b))   ([bretagnolle_huber]).

    Through the Bhattacharyya coefficient, [affinity a b], the sum of sqrt (a y) sqrt (b y):
    l1 ^ 2 <= 4 (1 - affinity ^ 2) by Cauchy-Schwarz ([l1_sq_le_affinity]), and
    affinity >= exp (- kl / 2) by Jensen's inequality for the exponential, that is, by its tangent
    at - kl / 2 ([affinity_ge_exp]). Hellinger's distance squared is 1 - affinity
    ([hellinger_sq]). *)
From Coq Require Import Reals Lra Psatz List.
From Score Require Import labels divergences.
Open Scope R_scope.

Section BretagnolleHuber.
Context {Y : Type} (labels : list Y) (a b : Y -> R).
Hypotheses (Ha : distribution labels a) (Hb : distribution labels b).

Definition affinity : R := sum labels (fun y => sqrt (a y) * sqrt (b y)).

Lemma sqrt_sq_label p y : distribution labels p -> In y labels -> sqrt (p y) ^ 2 = p y.
Proof. intros [p0 _] Hy; apply pow2_sqrt; auto. Qed.

Lemma sum_sqrt_combination c :
  sum labels (fun y => (sqrt (a y) + c * sqrt (b y)) ^ 2) = 1 + c ^ 2 + 2 * c * affinity.
Proof.
rewrite (sum_ext _ _ (fun y => a y + c ^ 2 * b y + 2 * c * (sqrt (a y) * sqrt (b y)))).
- rewrite !sum_plus, !sum_scal, (proj2 Ha), (proj2 Hb); fold affinity; ring.
- intros y Hy; rewrite <- (sqrt_sq_label a y Ha Hy) at 2; rewrite <- (sqrt_sq_label b y Hb Hy) at 2.
  ring.
Qed.

Lemma hellinger_sq : hellinger labels a b ^ 2 = 1 - affinity.
Proof.
unfold hellinger, Rdiv; rewrite Rpow_mult_distr, norm2_sq.
rewrite (sum_ext _ _ (fun y => (sqrt (a y) + -1 * sqrt (b y)) ^ 2)) by (intros; ring).
rewrite sum_sqrt_combination, pow_inv, pow2_sqrt by lra; field.
Qed.

Lemma affinity_ge0 : 0 <= affinity.
Proof. apply sum_ge0; intros; apply Rmult_le_pos; apply sqrt_pos. Qed.

Lemma l1_sq_le_affinity : l1 labels a b ^ 2 <= 4 * (1 - affinity ^ 2).
Proof.
replace (4 * _) with ((1 + (-1) ^ 2 + 2 * -1 * affinity) * (1 + 1 ^ 2 + 2 * 1 * affinity)) by ring.
rewrite <- !sum_sqrt_combination; unfold l1.
rewrite (sum_ext _ (fun y => (sqrt (a y) + -1 * sqrt (b y)) ^ 2)
  (fun y => Rabs (sqrt (a y) + -1 * sqrt (b y)) ^ 2)) by (intros; rewrite pow2_abs; ring).
erewrite (sum_ext _ (fun y => Rabs (a y - b y))); [apply cauchy_schwarz|].
intros y Hy; cbv beta; rewrite <- (sqrt_sq_label a y Ha Hy), <- (sqrt_sq_label b y Hb Hy) at 1.
rewrite <- (Rabs_pos_eq (sqrt (a y) + 1 * sqrt (b y)))
  by (pose proof (sqrt_pos (a y)); pose proof (sqrt_pos (b y)); lra).
rewrite <- Rabs_mult; f_equal; ring.
Qed.

Hypothesis H : dominated labels a b.
Notation t := (kl labels a b).

Lemma affinity_ge_exp : exp (- t / 2) <= affinity.
Proof.
set (c := - t / 2); set (e := exp c); assert (0 < e) by apply exp_pos.
replace e with (sum labels (fun y => e * ((1 - c) * a y + - / 2 * kl_term (a y) (b y)))).
2: { rewrite sum_scal, sum_plus, !sum_scal, (proj2 Ha); unfold c, kl; field. }
apply sum_le; intros y Hy; unfold kl_term.
pose proof (proj1 Ha y Hy) as a0; pose proof (proj1 Hb y Hy) as b0; specialize (H y Hy).
pose proof (sqrt_pos (a y)); pose proof (sqrt_pos (b y)).
destruct (Req_dec (a y) 0) as [Z|Z]; [rewrite Z, sqrt_0; lra|].
assert (0 < b y) by (destruct (Req_dec (b y) 0); [tauto|lra]).
set (u := sqrt (a y)) in *; set (v := sqrt (b y)) in *.
assert (u0 : 0 < u) by (apply sqrt_lt_R0; lra); assert (v0 : 0 < v) by (apply sqrt_lt_R0; lra).
rewrite <- (sqrt_sq_label a y Ha Hy), <- (sqrt_sq_label b y Hb Hy); fold u v.
assert (w0 : 0 < v / u) by (apply Rdiv_lt_0_compat; auto).
assert (L : ln (u ^ 2 / v ^ 2) = - 2 * ln (v / u)).
{ rewrite !ln_ratio, !ln_pow by (try apply pow_lt; auto); simpl; ring. }
rewrite L.
assert (T : e * (1 + (ln (v / u) - c)) <= v / u).
{ rewrite <- (exp_ln (v / u)) at 2 by auto.
  replace (ln (v / u)) with (c + (ln (v / u) - c)) at 2 by ring; rewrite exp_plus; fold e.
  apply Rmult_le_compat_l; [lra|apply exp_ineq1_le]. }
replace (u * v) with (u ^ 2 * (v / u)) by (field; lra).
pose proof (pow2_ge_0 u).
replace (e * _) with (u ^ 2 * (e * (1 + (ln (v / u) - c)))) by field.
apply Rmult_le_compat_l; auto.
Qed.

Theorem bretagnolle_huber : l1 labels a b <= 2 * sqrt (1 - exp (- t)).
Proof.
assert (E : exp (- t) <= affinity ^ 2).
{ replace (- t) with (- t / 2 + - t / 2) by field; rewrite exp_plus.
  pose proof affinity_ge_exp; pose proof (exp_pos (- t / 2)); nra. }
pose proof l1_sq_le_affinity; pose proof (pow2_ge_0 (l1 labels a b)).
rewrite <- (sqrt_pow2 2), <- sqrt_mult by lra.
rewrite <- (sqrt_pow2 (l1 labels a b)) by apply l1_ge0.
apply sqrt_le_1_alt; lra.
Qed.
End BretagnolleHuber.
