(** * Concave bounds, described by their affine majorants

    [concave_bound phi]: on t >= 0, [phi] is the infimum of its affine majorants a + b t with a >= 0
    and b > 0. Every concave nondecreasing nonnegative function that is continuous at 0 is of this
    kind. Jensen's inequality, E phi(f) <= phi(E f), then needs no more than the linearity and the
    monotonicity of the expectation (corollary_1.v).

    Main lemmas: [concave_id], [concave_sqrt] for the square root of c t (Pinsker), [concave_exp]
    for c sqrt (1 - exp (- t)) (Bretagnolle-Huber). *)
From Coq Require Import Reals Lra Psatz.
Open Scope R_scope.

Definition concave_bound (phi : R -> R) : Prop := forall k eta, 0 <= k -> 0 < eta ->
  exists a b, 0 <= a /\ 0 < b /\ (forall t, 0 <= t -> phi t <= a + b * t) /\
    a + b * k <= phi k + eta.

Lemma concave_id : concave_bound (fun t => t).
Proof. intros k eta k0 e0; exists 0, 1; repeat split; intros; lra. Qed.

(** The tangents of the square root, from the arithmetic-geometric mean inequality. *)
Lemma sqrt_le_tangent u s : 0 <= u -> 0 < s -> sqrt u <= (s + u / s) / 2.
Proof.
intros u0 s0; pose proof (pow2_sqrt u u0); pose proof (pow2_ge_0 (sqrt u - s)).
assert (E : u = u / s * s) by (field; lra); apply Rmult_le_reg_r with s; auto; nra.
Qed.

Lemma tangent_le_sqrt u eta : 0 <= u -> 0 < eta ->
  (sqrt u + eta + u / (sqrt u + eta)) / 2 <= sqrt u + eta / 2.
Proof.
intros u0 e0; pose proof (sqrt_pos u); pose proof (pow2_sqrt u u0).
assert (u / (sqrt u + eta) <= sqrt u); [|lra].
apply Rmult_le_reg_r with (sqrt u + eta); [lra|].
unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; nra.
Qed.

Lemma concave_sqrt c phi : 0 < c -> (forall t, phi t = sqrt (c * t)) -> concave_bound phi.
Proof.
intros c0 E k eta k0 e0; assert (u0 : 0 <= c * k) by nra; pose proof (sqrt_pos (c * k)).
set (s := sqrt (c * k) + eta); assert (s0 : 0 < s) by (unfold s; lra).
exists (s / 2), (c / s / 2); repeat split; [lra| |intros t t0|].
- pose proof (Rdiv_lt_0_compat c s); lra.
- rewrite E; replace (s / 2 + c / s / 2 * t) with ((s + c * t / s) / 2) by (field; lra).
  apply sqrt_le_tangent; nra.
- rewrite E; pose proof (tangent_le_sqrt (c * k) eta u0 e0) as T; fold s in T.
  replace (s / 2 + c / s / 2 * k) with ((s + c * k / s) / 2) by (field; lra); lra.
Qed.

Lemma exp_neg_ge k t : exp (- k) * (1 + k - t) <= exp (- t).
Proof.
replace (- t) with (- k + (k - t)) by ring; rewrite exp_plus.
apply Rmult_le_compat_l; [left; apply exp_pos|pose proof (exp_ineq1_le (k - t)); lra].
Qed.

Lemma exp_neg_le1 t : 0 <= t -> exp (- t) <= 1.
Proof.
intros t0; pose proof (exp_ineq1_le t); pose proof (exp_pos t); pose proof (exp_pos (- t)).
assert (exp t * exp (- t) = 1) by (rewrite <- exp_plus, Rplus_opp_r; apply exp_0); nra.
Qed.

Lemma concave_exp c phi : 0 < c -> (forall t, phi t = c * sqrt (1 - exp (- t))) ->
  concave_bound phi.
Proof.
intros c0 E k eta k0 e0; set (e := exp (- k)); set (u := 1 - e).
assert (u0 : 0 <= u) by (pose proof (exp_neg_le1 k k0); unfold u, e; lra).
assert (d0 : 0 < eta / c) by (apply Rdiv_lt_0_compat; auto); pose proof (sqrt_pos u).
set (s := sqrt u + eta / c); assert (s0 : 0 < s) by (unfold s; lra).
assert (p0 : 0 < e) by apply exp_pos; assert (i0 : 0 < / s) by (apply Rinv_0_lt_compat; auto).
exists (c / 2 * (s + (1 - e * (1 + k)) / s)), (c / 2 * (e / s)); repeat split; [| |intros t t0|].
- pose proof (exp_neg_ge k 0) as T; rewrite Ropp_0, exp_0 in T; fold e in T.
  apply Rmult_le_pos; [lra|]; unfold Rdiv; nra.
- apply Rmult_lt_0_compat; [lra|]; apply Rdiv_lt_0_compat; auto.
- rewrite E; pose proof (exp_neg_le1 t t0).
  apply Rle_trans with (c * ((s + (1 - exp (- t)) / s) / 2)).
  { apply Rmult_le_compat_l; [lra|apply sqrt_le_tangent; lra]. }
  replace (c / 2 * _ + _) with (c * ((s + (1 - e * (1 + k - t)) / s) / 2)) by (field; lra).
  pose proof (exp_neg_ge k t) as T; fold e in T.
  apply Rmult_le_compat_l; [lra|]; unfold Rdiv; nra.
- rewrite E; pose proof (tangent_le_sqrt u (eta / c) u0 d0) as T; fold e u; fold s in T.
  replace (c / 2 * _ + _) with (c * ((s + u / s) / 2)) by (unfold u; field; lra).
  apply Rle_trans with (c * (sqrt u + eta / c / 2)); [apply Rmult_le_compat_l; lra|].
  replace (c * (sqrt u + eta / c / 2)) with (c * sqrt u + eta / 2) by (field; lra); lra.
Qed.
