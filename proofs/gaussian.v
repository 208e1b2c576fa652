(** * The Gaussian density on the line: heat equation, tails, curvature

    [gaussian mean variance x] is the density of mixtures.v, [gaussian_slope] and [gaussian_curvature]
    its first and second derivative in x.

    Main lemmas:
    - [gaussian_heat]: the derivative in the variance is half the second derivative in x;
    - [gaussian_tails]: the density and its slope are at most a constant times exp(-k |x|), for every
      k, uniformly while the variance stays between two positive numbers;
    - [abs_curvature_integral]: over any interval the second derivative in x has an integral of at
      most 4 phi(1) / v in absolute value, phi(1) being [gaussian 0 1 1]. *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels logistic improper mixtures.
Open Scope R_scope.

Definition gaussian_slope (mean variance x : R) : R :=
  - (x - mean) / variance * gaussian mean variance x.
Definition gaussian_curvature (mean variance x : R) : R :=
  ((x - mean) ^ 2 / variance ^ 2 - / variance) * gaussian mean variance x.

(** ** Derivatives *)

Lemma root_pos v : 0 < v -> 0 < sqrt (2 * PI * v).
Proof. intros H; apply sqrt_lt_R0; pose proof PI_RGT_0; apply Rmult_lt_0_compat; lra. Qed.

Lemma is_derive_gaussian m v x : 0 < v -> is_derive (gaussian m v) x (gaussian_slope m v x).
Proof.
intros Hv; pose proof (root_pos v Hv); unfold gaussian_slope, gaussian; auto_derive; auto.
change (exp (- ((x + - m) * ((x + - m) * 1)) * / (2 * v))) with (exp (- (x - m) ^ 2 / (2 * v))).
field; lra.
Qed.

Lemma is_derive_gaussian_slope m v x : 0 < v ->
  is_derive (gaussian_slope m v) x (gaussian_curvature m v x).
Proof.
intros Hv; pose proof (root_pos v Hv); unfold gaussian_curvature, gaussian_slope, gaussian.
auto_derive; auto.
change (exp (- ((x + - m) * ((x + - m) * 1)) * / (2 * v))) with (exp (- (x - m) ^ 2 / (2 * v))).
field; lra.
Qed.

(** In the variance the density solves the heat equation. *)
Lemma gaussian_heat m v x : 0 < v ->
  is_derive (fun v => gaussian m v x) v (gaussian_curvature m v x / 2).
Proof.
intros Hv; pose proof (root_pos v Hv) as P; pose proof PI_RGT_0.
assert (P2 : 0 < 2 * PI * v) by (apply Rmult_lt_0_compat; lra).
unfold gaussian_curvature, gaussian; auto_derive; [repeat split; lra|].
change (exp (- ((x - m) * ((x - m) * 1)) * / (2 * v))) with (exp (- (x - m) ^ 2 / (2 * v))).
pose proof (sqrt_sqrt (2 * PI * v) (Rlt_le _ _ P2)) as S.
set (r := sqrt (2 * PI * v)) in *.
replace (PI) with (r * r / (2 * v)) by (rewrite S; field; lra).
clear S.
field; lra.
Qed.

Lemma gaussian_curvature_continuous m v x : 0 < v -> continuity_2d_pt (gaussian_curvature m) v x.
Proof.
intros Hv; apply continuity_2d_pt_filterlim.
assert (F : forall g : R -> R, ex_derive g v -> continuous (fun z : R * R => g (fst z)) (v, x)).
{ intros g G; apply (continuous_comp fst g); [apply continuous_fst|apply (ex_derive_continuous g), G]. }
assert (S : forall g : R -> R, ex_derive g x -> continuous (fun z : R * R => g (snd z)) (v, x)).
{ intros g G; apply (continuous_comp snd g); [apply continuous_snd|apply (ex_derive_continuous g), G]. }
pose proof (root_pos v Hv); pose proof PI_RGT_0.
assert (0 < 2 * PI * v) by (apply Rmult_lt_0_compat; lra).
change (continuous (fun z : R * R => ((snd z - m) ^ 2 / fst z ^ 2 - / fst z) *
  (exp (- (snd z - m) ^ 2 / (2 * fst z)) / sqrt (2 * PI * fst z))) (v, x)).
apply (continuous_mult (fun z : R * R => (snd z - m) ^ 2 / fst z ^ 2 - / fst z)).
- apply (continuous_minus (fun z : R * R => (snd z - m) ^ 2 / fst z ^ 2)).
  + apply (continuous_mult (fun z : R * R => (snd z - m) ^ 2) (fun z => / fst z ^ 2)).
    * apply (S (fun x => (x - m) ^ 2)); auto_derive; auto.
    * apply (F (fun v => / v ^ 2)); auto_derive; repeat split; nra.
  + apply (F Rinv); auto_derive; lra.
- apply (continuous_mult (fun z : R * R => exp (- (snd z - m) ^ 2 / (2 * fst z)))
    (fun z => / sqrt (2 * PI * fst z))).
  + apply (continuous_comp (fun z : R * R => - (snd z - m) ^ 2 / (2 * fst z)) exp);
      [|apply (ex_derive_continuous exp); auto_derive; auto].
    apply (continuous_mult (fun z : R * R => - (snd z - m) ^ 2) (fun z => / (2 * fst z))).
    * apply (S (fun x => - (x - m) ^ 2)); auto_derive; auto.
    * apply (F (fun v => / (2 * v))); auto_derive; lra.
  + apply (F (fun v => / sqrt (2 * PI * v))); auto_derive; repeat split; lra.
Qed.

(** ** Tails: below every exponential, uniformly while the variance stays in [v1, v2] *)

Definition tail_constant (m v1 v2 k : R) : R :=
  (1 + / v1) / sqrt (2 * PI * v1) * exp ((k + 1) * Rabs m + (k + 1) ^ 2 * v2 / 2).

Lemma gaussian_tails m v1 v2 k v x : 0 < v1 -> v1 <= v <= v2 -> 0 <= k ->
  0 <= gaussian m v x <= tail_constant m v1 v2 k * exp (- (k * Rabs x)) /\
  Rabs (gaussian_slope m v x) <= tail_constant m v1 v2 k * exp (- (k * Rabs x)).
Proof.
intros H1 Hv Hk; assert (v0 : 0 < v) by lra.
pose proof (gaussian_pos m v x v0) as P; pose proof (root_pos v1 H1) as R1.
set (t := Rabs (x - m)); assert (t0 : 0 <= t) by apply Rabs_pos.
set (E := exp ((k + 1) * Rabs m + (k + 1) ^ 2 * v2 / 2) * exp (- (k * Rabs x))).
assert (E0 : 0 < E) by (apply Rmult_lt_0_compat; apply exp_pos).
assert (G : gaussian m v x * exp t <= / sqrt (2 * PI * v1) * E).
{ unfold gaussian, E, Rdiv; rewrite Rmult_comm, <- Rmult_assoc, <- !exp_plus, Rmult_comm.
  apply Rmult_le_compat; try (apply Rlt_le; (apply exp_pos || apply Rinv_0_lt_compat, root_pos; auto)).
  - apply Rinv_le_contravar; auto; apply sqrt_le_1_alt; pose proof PI_RGT_0; nra.
  - apply exp_monotone; rewrite <- (pow2_abs (x - m)); fold t.
    assert (Rabs x <= t + Rabs m).
    { unfold t; replace x with (x - m + m) at 1 by ring; apply Rabs_triang. }
    apply Rmult_le_reg_r with (2 * v); [lra|].
    replace ((t + - t ^ 2 * / (2 * v)) * (2 * v)) with (2 * v * t - t ^ 2) by (field; lra).
    pose proof (pow2_ge_0 (t - (k + 1) * v)); pose proof (Rabs_pos m).
    assert (0 <= v * ((k + 1) ^ 2 * (v2 - v)))
      by (apply Rmult_le_pos; [lra|apply Rmult_le_pos; [apply pow2_ge_0|lra]]).
    assert (0 <= v * (k * (t + Rabs m - Rabs x) + Rabs m))
      by (apply Rmult_le_pos; [lra|apply Rplus_le_le_0_compat; auto; apply Rmult_le_pos; lra]).
    lra. }
assert (T : 1 + t <= exp t) by apply exp_ineq1_le.
assert (I1 : 0 < / v1) by (apply Rinv_0_lt_compat; auto).
assert (I : / v <= / v1) by (apply Rinv_le_contravar; lra).
assert (C : tail_constant m v1 v2 k * exp (- (k * Rabs x)) = / sqrt (2 * PI * v1) * E * (1 + / v1)).
{ unfold tail_constant, E; field; lra. }
assert (S0 : 0 < / sqrt (2 * PI * v1) * E)
  by (apply Rmult_lt_0_compat; auto; apply Rinv_0_lt_compat; auto).
rewrite C; split; [split; [lra|nra]|].
unfold gaussian_slope, Rdiv; rewrite !Rabs_mult, Rabs_Ropp; fold t.
rewrite (Rabs_pos_eq (gaussian m v x)) by lra.
rewrite Rabs_pos_eq by (apply Rlt_le, Rinv_0_lt_compat; auto).
apply Rle_trans with (gaussian m v x * exp t * / v1); [|nra].
rewrite (Rmult_comm _ (gaussian m v x)), <- Rmult_assoc.
assert (0 < / v) by (apply Rinv_0_lt_compat; auto).
apply Rmult_le_compat; try nra.
Qed.

(** ** The total variation of the slope: its integral of |second derivative| *)

Lemma curvature_continuous m v x : continuous (gaussian_curvature m v) x.
Proof.
apply (ex_derive_continuous (gaussian_curvature m v)); unfold gaussian_curvature, gaussian.
auto_derive; auto.
Qed.

Lemma abs_curvature_continuous m v x : continuous (fun x => Rabs (gaussian_curvature m v x)) x.
Proof.
apply (continuous_comp (gaussian_curvature m v) Rabs); [apply curvature_continuous|].
apply continuous_Rabs.
Qed.

(** Where the second derivative has one sign. *)
Lemma abs_curvature_piece m v e a b : 0 < v -> a <= b -> e = 1 \/ e = -1 ->
  (forall x, a < x < b -> 0 <= e * gaussian_curvature m v x) ->
  RInt (fun x => Rabs (gaussian_curvature m v x)) a b =
  e * (gaussian_slope m v b - gaussian_slope m v a) :> R.
Proof.
intros Hv Hab He H; apply is_RInt_unique.
apply (is_RInt_ext (fun x => scal e (gaussian_curvature m v x))).
- intros x Hx; rewrite Rmin_left, Rmax_right in Hx by auto.
  change (e * gaussian_curvature m v x = Rabs (gaussian_curvature m v x)).
  pose proof (H x Hx); destruct He as [-> | ->]; [rewrite Rabs_pos_eq|rewrite Rabs_left1]; lra.
- apply (is_RInt_scal (V := R_NormedModule) (gaussian_curvature m v) a b e).
  apply (is_RInt_derive (gaussian_slope m v) (gaussian_curvature m v)); intros x _.
  + apply is_derive_gaussian_slope, Hv.
  + apply curvature_continuous.
Qed.

Lemma slope_at_inflections m v : 0 < v ->
  gaussian_slope m v (m - sqrt v) = gaussian 0 1 1 / v /\
  gaussian_slope m v (m + sqrt v) = - (gaussian 0 1 1 / v).
Proof.
intros Hv; pose proof PI_RGT_0; assert (P : 0 < sqrt (2 * PI)) by (apply sqrt_lt_R0; lra).
assert (Q : 0 < sqrt v) by (apply sqrt_lt_R0, Hv); assert (S : sqrt v ^ 2 = v) by (apply pow2_sqrt; lra).
assert (G : forall t, t ^ 2 = v ->
  gaussian_slope m v (m + t) = - t / v * (exp (- (1 - 0) ^ 2 / (2 * 1)) / (sqrt (2 * PI) * sqrt v))).
{ intros t Ht; unfold gaussian_slope, gaussian; rewrite (sqrt_mult (2 * PI) v) by lra.
  replace (m + t - m) with t by ring.
  replace (- t ^ 2 / (2 * v)) with (- (1 - 0) ^ 2 / (2 * 1)) by (rewrite Ht; field; lra).
  reflexivity. }
unfold gaussian at 1; unfold gaussian at 1; rewrite (Rmult_1_r (2 * PI)); split.
- change (m - sqrt v) with (m + - sqrt v); rewrite G.
  2: { rewrite <- Rsqr_pow2, <- Rsqr_neg, Rsqr_pow2; exact S. }
  field; lra.
- rewrite G by auto; field; lra.
Qed.

Lemma abs_curvature_integral m v a b : 0 < v -> a <= b ->
  RInt (fun x => Rabs (gaussian_curvature m v x)) a b <= 4 * (gaussian 0 1 1 / v).
Proof.
intros Hv Hab; set (r := sqrt v); assert (r0 : 0 < r) by (apply sqrt_lt_R0, Hv).
assert (R2 : r ^ 2 = v) by (apply pow2_sqrt; lra).
set (A := Rmin a (m - r)); set (B := Rmax b (m + r)).
assert (HA : A <= a /\ A <= m - r) by (split; [apply Rmin_l|apply Rmin_r]).
assert (HB : b <= B /\ m + r <= B) by (split; [apply Rmax_l|apply Rmax_r]).
set (k x := Rabs (gaussian_curvature m v x)).
assert (C : forall x, continuous k x) by (intros; apply abs_curvature_continuous).
assert (k0 : forall p q, p <= q -> 0 <= RInt k p q).
{ intros p q Hpq; apply RInt_ge_0; [auto|apply ex_RInt_of_continuous, C|].
  intros x _; apply Rabs_pos. }
assert (E : forall x, gaussian_curvature m v x =
  ((x - (m - r)) * (x - (m + r))) * (/ v ^ 2 * gaussian m v x)).
{ intros x; unfold gaussian_curvature; replace (/ v) with (r ^ 2 / v ^ 2) by (rewrite R2; field; lra).
  field; lra. }
assert (W : forall x, 0 < / v ^ 2 * gaussian m v x).
{ intros x; apply Rmult_lt_0_compat; [apply Rinv_0_lt_compat, pow_lt, Hv|apply gaussian_pos, Hv]. }
assert (L : RInt k A (m - r) = 1 * (gaussian_slope m v (m - r) - gaussian_slope m v A)).
{ apply abs_curvature_piece; [auto|apply HA|auto|]; intros x Hx; rewrite E, Rmult_1_l.
  apply Rmult_le_pos; [nra|apply Rlt_le, W]. }
assert (M : RInt k (m - r) (m + r) = -1 * (gaussian_slope m v (m + r) - gaussian_slope m v (m - r))).
{ apply abs_curvature_piece; [auto|lra|auto|]; intros x Hx; rewrite E, <- Rmult_assoc.
  apply Rmult_le_pos; [nra|apply Rlt_le, W]. }
assert (N : RInt k (m + r) B = 1 * (gaussian_slope m v B - gaussian_slope m v (m + r))).
{ apply abs_curvature_piece; [auto|apply HB|auto|]; intros x Hx; rewrite E, Rmult_1_l.
  apply Rmult_le_pos; [nra|apply Rlt_le, W]. }
assert (SA : 0 <= gaussian_slope m v A).
{ apply Rmult_le_pos; [apply Rdiv_le_0_compat; lra|apply Rlt_le, gaussian_pos, Hv]. }
assert (SB : gaussian_slope m v B <= 0).
{ unfold gaussian_slope; pose proof (gaussian_pos m v B Hv).
  assert (0 <= (B - m) / v) by (apply Rdiv_le_0_compat; lra).
  replace (- (B - m) / v) with (- ((B - m) / v)) by (field; lra); nra. }
destruct (slope_at_inflections m v Hv) as [I J]; fold r in I, J.
apply Rle_trans with (RInt k A B).
- rewrite (RInt_cut k A a B), (RInt_cut k a b B) by auto.
  pose proof (k0 A a (proj1 HA)); pose proof (k0 b B (proj1 HB)); fold k; lra.
- rewrite (RInt_cut k A (m - r) B), (RInt_cut k (m - r) (m + r) B) by auto.
  rewrite L, M, N, I, J; lra.
Qed.
