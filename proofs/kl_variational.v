(** * The Kullback-Leibler divergence as a supremum of affine functions

    For positive weights [w] of the labels, [affine w a b] = sum_y ( a_y ln w_y + b_y (1 - w_y) ), an
    affine function of the two distributions. KL(a, b) is the supremum of [affine w a b] over all
    positive w, taken at w = a / b:
    - [affine_le_kl]: none of them is larger, where b dominates a;
    - [kl_le_affine]: some come as close as one likes there;
    - [affine_unbounded]: they have no bound elsewhere, where the divergence is infinite.
    So KL is convex and lower semicontinuous in both arguments together, as every supremum of affine
    functions is (convexity.v, semicontinuous.v). *)
From Coq Require Import Reals Lra Psatz List.
From Score Require Import labels divergences.
Open Scope R_scope.

Section Variational.
Context {Y : Type} (labels : list Y).
Notation sum := (sum labels).
Notation distribution := (distribution labels).
Notation dominated := (dominated labels).
Notation kl := (kl labels).
Implicit Types a b w : Y -> R.

Definition affine w a b : R := sum (fun y => a y * ln (w y) + b y * (1 - w y)).

(** The divergence with the difference of the sums, which is zero, in its terms. *)
Lemma kl_balanced a b : distribution a -> distribution b ->
  kl a b = sum (fun y => kl_term (a y) (b y) - a y + b y).
Proof.
intros [_ a1] [_ b1]; rewrite sum_plus, sum_minus, a1, b1; unfold kl, divergences.kl; ring.
Qed.

Lemma affine_le_kl w a b : (forall y, 0 < w y) -> distribution a -> distribution b ->
  dominated a b -> affine w a b <= kl a b.
Proof.
intros W Ha Hb Hd; rewrite kl_balanced by auto; apply sum_le; intros y Hy.
destruct Ha as [a0 _], Hb as [b0 _]; pose proof (a0 y Hy); pose proof (b0 y Hy); pose proof (W y).
unfold kl_term; destruct (Req_dec (a y) 0) as [->|An]; [nra|].
assert (0 < b y) by (destruct (Req_dec (b y) 0) as [E|]; [destruct (An (Hd y Hy E))|lra]).
pose proof (ln_le_minus1 (w y * (b y / a y))) as L.
rewrite ln_mult, !ln_ratio in * by (auto; try apply Rdiv_lt_0_compat; lra).
assert (P : 0 < w y * (b y / a y)) by (apply Rmult_lt_0_compat; [auto|apply Rdiv_lt_0_compat; lra]).
specialize (L P); assert (a y * (w y * (b y / a y)) = w y * b y) by (field; lra); nra.
Qed.

Lemma kl_le_affine a b eta : distribution a -> distribution b -> dominated a b -> 0 < eta ->
  exists w, (forall y, 0 < w y) /\ kl a b <= affine w a b + eta.
Proof.
intros Ha Hb Hd e0.
exists (fun y => if Rlt_dec 0 (a y / b y) then a y / b y else eta); split.
{ intros y; destruct (Rlt_dec 0 (a y / b y)); auto. }
set (w := fun y => _); replace eta with (sum (fun y => eta * b y))
  by (rewrite sum_scal, (proj2 Hb); ring).
rewrite kl_balanced by auto; unfold affine, w; rewrite <- sum_plus; apply sum_le; intros y Hy.
destruct Ha as [a0 _], Hb as [b0 _]; pose proof (a0 y Hy); pose proof (b0 y Hy).
unfold kl_term; destruct (Req_dec (a y) 0) as [->|An].
{ unfold Rdiv; rewrite !Rmult_0_l; destruct (Rlt_dec 0 0); [lra|nra]. }
assert (0 < b y) by (destruct (Req_dec (b y) 0) as [E|]; [destruct (An (Hd y Hy E))|lra]).
assert (0 < a y / b y) by (apply Rdiv_lt_0_compat; lra).
destruct (Rlt_dec 0 (a y / b y)); [|lra].
assert (b y * (a y / b y) = a y) by (field; lra); nra.
Qed.

Lemma affine_unbounded a b m : distribution a -> distribution b -> ~ dominated a b ->
  exists w, (forall y, 0 < w y) /\ m < affine w a b.
Proof.
intros [a0 _] _ N.
assert (X : exists z, In z labels /\ b z = 0 /\ 0 < a z).
{ destruct (Exists_dec (fun z => b z = 0 /\ 0 < a z) labels) as [E|E].
  - intros z; destruct (Req_EM_T (b z) 0), (Rlt_dec 0 (a z)); tauto.
  - apply Exists_exists in E; destruct E as [z Z]; exists z; tauto.
  - exfalso; apply N; intros y Hy Z; destruct (Rle_lt_or_eq_dec _ _ (a0 y Hy)); auto.
    exfalso; apply E, Exists_exists; exists y; auto. }
destruct X as [z [Hz [Bz Az]]]; set (c := (Rabs m + 1) / a z).
pose proof (Rabs_pos m); assert (c0 : 0 < c) by (apply Rdiv_lt_0_compat; lra).
exists (fun y => if Req_EM_T (b y) 0 then exp c else 1); split.
{ intros y; destruct (Req_EM_T (b y) 0); [apply exp_pos|lra]. }
unfold affine; set (t := fun y => _); apply Rlt_le_trans with (t z).
- unfold t; rewrite Bz; destruct (Req_EM_T 0 0); [|lra]; rewrite ln_exp.
  replace (a z * c) with (Rabs m + 1) by (unfold c; field; lra); pose proof (Rle_abs m); lra.
- apply (term_le_sum labels t z); auto; intros y Hy; unfold t; cbv beta; pose proof (a0 y Hy).
  destruct (Req_EM_T (b y) 0) as [->|]; [rewrite ln_exp; nra|rewrite ln_1; lra].
Qed.
End Variational.
