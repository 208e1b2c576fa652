(** * The square root of Jensen and Shannon's divergence is a metric

    [metric_jensen_shannon], for finitely many labels, with values at most 1
    ([jensen_shannon_le_1]). Symmetry and separation follow from the definition and Pinsker's
    inequality; the triangle inequality goes as follows.

    Write h(p, q) = p ln (p / m) + q ln (q / m), m = (p + q) / 2, for one label, and for s > 0
      J s = p ln ((p + s) / (m + s)) + q ln ((q + s) / (m + s)),
    which tends to h at 0 ([J_near_h]) and to 0 at infinity ([J_bounds]). Its derivative is
    - s (a - b)^2 / (a + b) with a = 1 / (p + s), b = 1 / (q + s) ([J_derivative]). As
    |a - b| / sqrt (a + b) satisfies the triangle inequality ([lecam_triangle]), for every k > 0
      h(p, r) <= (1 + k) h(p, q) + (1 + 1/k) h(q, r)                    ([h_relaxed_triangle]),
    which sums over the labels, and the best k gives the triangle inequality of the square root. *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels divergences pinsker metrics.
Open Scope R_scope.

(** ** The kernel *)

Definition lecam (a b : R) : R := Rabs (a - b) / sqrt (a + b).

Lemma lecam_sym a b : lecam a b = lecam b a.
Proof. unfold lecam; rewrite Rabs_minus_sym, Rplus_comm; reflexivity. Qed.

Lemma lecam_ge0 a b : 0 < a -> 0 < b -> 0 <= lecam a b.
Proof.
intros; apply Rmult_le_pos; [apply Rabs_pos|left; apply Rinv_0_lt_compat, sqrt_lt_R0; lra].
Qed.

Lemma lecam_sq a b : 0 < a -> 0 < b -> lecam a b ^ 2 = (a - b) ^ 2 / (a + b).
Proof.
intros; unfold lecam, Rdiv; rewrite Rpow_mult_distr, pow2_abs, pow_inv, pow2_sqrt by lra; auto.
Qed.

Lemma quotient_le x y z w : 0 < y -> 0 < w -> x * w <= z * y -> x / y <= z / w.
Proof.
intros y0 w0 H; apply Rmult_le_reg_r with (y * w); [nra|].
replace (x / y * (y * w)) with (x * w) by (field; lra).
replace (z / w * (y * w)) with (z * y) by (field; lra); auto.
Qed.

(** A point between two others is nearer to each than they are to one another. *)
Lemma lecam_le a b c : 0 < a -> a <= b <= c -> lecam a b <= lecam a c /\ lecam b c <= lecam a c.
Proof.
intros a0 H; assert (L : forall x y, 0 <= x -> 0 <= y -> x ^ 2 <= y ^ 2 -> x <= y)
  by (intros; apply Rsqr_incr_0; auto; rewrite !Rsqr_pow2; auto).
split; (apply L; [apply lecam_ge0; lra..|rewrite !lecam_sq by lra; apply quotient_le; try lra]).
- set (u := b - a); set (v := c - a); assert (0 <= u <= v) by (unfold u, v; lra).
  replace (a - b) with (- u) by (unfold u; ring); replace (a - c) with (- v) by (unfold v; ring).
  replace (a + c) with (2 * a + v) by (unfold v; ring).
  replace (a + b) with (2 * a + u) by (unfold u; ring).
  assert (u ^ 2 <= v ^ 2) by (apply pow_incr; lra).
  assert (u * v * u <= u * v * v) by (apply Rmult_le_compat_l; nra); nra.
- apply Rmult_le_compat; try nra; apply pow2_ge_0.
Qed.

(** The middle case: with x, y, z the square roots of a + b, a + c, b + c the difference of the two
    sides is (z - x)(z - y)(y - x)(x + y + z) / (x y z). *)
Lemma lecam_triangle_between a b c : 0 < a -> a <= b <= c -> lecam a c <= lecam a b + lecam b c.
Proof.
intros a0 H; unfold lecam; rewrite !Rabs_left1 by lra.
assert (Hx : 0 < sqrt (a + b)) by (apply sqrt_lt_R0; lra).
assert (Hxy : sqrt (a + b) <= sqrt (a + c)) by (apply sqrt_le_1_alt; lra).
assert (Hyz : sqrt (a + c) <= sqrt (b + c)) by (apply sqrt_le_1_alt; lra).
pose proof (pow2_sqrt (a + b)) as Ex; pose proof (pow2_sqrt (a + c)) as Ey.
pose proof (pow2_sqrt (b + c)) as Ez.
set (x := sqrt (a + b)) in *; set (y := sqrt (a + c)) in *; set (z := sqrt (b + c)) in *.
replace (- (a - c)) with (z ^ 2 - x ^ 2) by (rewrite Ex, Ez; lra).
replace (- (a - b)) with (z ^ 2 - y ^ 2) by (rewrite Ey, Ez; lra).
replace (- (b - c)) with (y ^ 2 - x ^ 2) by (rewrite Ex, Ey; lra).
enough (0 <= (z ^ 2 - y ^ 2) / x + (y ^ 2 - x ^ 2) / z - (z ^ 2 - x ^ 2) / y) by lra.
replace (_ - (z ^ 2 - x ^ 2) / y) with ((z - x) * (z - y) * (y - x) * (x + y + z) / (x * y * z))
  by (field; lra).
apply Rdiv_le_0_compat; [|repeat apply Rmult_lt_0_compat; lra].
repeat apply Rmult_le_pos; lra.
Qed.

Lemma lecam_triangle a b c : 0 < a -> 0 < b -> 0 < c -> lecam a c <= lecam a b + lecam b c.
Proof.
intros a0 b0 c0.
assert (W : forall u v, 0 < u -> u <= v -> 0 < v -> lecam u v <= lecam u b + lecam b v).
{ intros u v u0 uv v0; destruct (Rle_or_lt b u) as [L|L]; [|destruct (Rle_or_lt b v) as [M|M]].
  - pose proof (lecam_ge0 u b u0 b0); pose proof (lecam_le b u v b0 (conj L uv)); lra.
  - apply lecam_triangle_between; lra.
  - pose proof (lecam_ge0 b v b0 v0); pose proof (lecam_le u v b u0); lra. }
destruct (Rle_or_lt a c) as [L|L]; [apply W; auto|].
rewrite (lecam_sym a c), (lecam_sym a b), (lecam_sym b c), Rplus_comm; apply W; lra.
Qed.

(** ** One label *)

Section OneLabel.
Variables p q : R.
Hypotheses (p0 : 0 <= p) (q0 : 0 <= q).
Notation m := ((p + q) / 2).

Definition h : R := kl_term p m + kl_term q m.
Definition J (s : R) : R := p * ln ((p + s) / (m + s)) + q * ln ((q + s) / (m + s)).
Definition kernel (s : R) : R := s * lecam (/ (p + s)) (/ (q + s)) ^ 2.

Lemma J_derivative s : 0 < s -> is_derive J s (- kernel s).
Proof.
intros s0; unfold kernel, J; rewrite lecam_sq by (apply Rinv_0_lt_compat; lra).
auto_derive.
- repeat split; try lra; apply Rdiv_lt_0_compat; lra.
- field; repeat split; lra.
Qed.

Lemma ln_ge t : 0 < t -> 1 - / t <= ln t.
Proof.
intros Ht; pose proof (ln_le_minus1 (/ t) (Rinv_0_lt_compat _ Ht)) as L.
rewrite ln_Rinv in L by auto; lra.
Qed.

Lemma J_bounds s : 0 < s -> 0 <= J s <= (p - q) ^ 2 / (2 * s).
Proof.
intros s0; unfold J.
assert (P : 0 < (p + s) / (m + s)) by (apply Rdiv_lt_0_compat; lra).
assert (Q : 0 < (q + s) / (m + s)) by (apply Rdiv_lt_0_compat; lra).
pose proof (Rmult_le_compat_l p _ _ p0 (ln_ge _ P)).
pose proof (Rmult_le_compat_l q _ _ q0 (ln_ge _ Q)).
pose proof (Rmult_le_compat_l p _ _ p0 (ln_le_minus1 _ P)).
pose proof (Rmult_le_compat_l q _ _ q0 (ln_le_minus1 _ Q)).
split.
- enough (0 <= p * (1 - / ((p + s) / (m + s))) + q * (1 - / ((q + s) / (m + s)))) by lra.
  replace (_ + _) with ((p - q) ^ 2 * s / (2 * ((p + s) * (q + s))))
    by (field; repeat split; lra).
  apply Rdiv_le_0_compat; [pose proof (pow2_ge_0 (p - q))|]; nra.
- apply Rle_trans with (p * ((p + s) / (m + s) - 1) + q * ((q + s) / (m + s) - 1)); [lra|].
  replace (_ + _) with ((p - q) ^ 2 / (2 * (m + s))) by (field; repeat split; lra).
  apply quotient_le; try lra; apply Rmult_le_compat_l; [apply pow2_ge_0|lra].
Qed.

(** p ln (p + s) is within s of p ln p, since ln (1 + s / p) lies between 0 and s / p. *)
Lemma shift_log x s : 0 <= x -> 0 < s -> 0 <= x * ln (x + s) - x * ln x <= s.
Proof.
intros x0 s0; destruct (Req_dec x 0) as [->|Z]; [lra|]; assert (0 < x) by lra.
pose proof (ln_le_minus1 ((x + s) / x)) as U; rewrite ln_ratio in U by lra.
assert (ln x <= ln (x + s)) by (apply ln_le; lra).
assert (E : x * ((x + s) / x - 1) = s) by (field; auto).
assert (ln (x + s) - ln x <= (x + s) / x - 1) by (apply U, Rdiv_lt_0_compat; lra).
assert (x * (ln (x + s) - ln x) <= x * ((x + s) / x - 1)) by (apply Rmult_le_compat_l; lra).
assert (0 <= x * (ln (x + s) - ln x)) by (apply Rmult_le_pos; lra); lra.
Qed.

Lemma kl_term_logs x t : 0 <= x <= 2 * t -> kl_term x t = x * ln x - x * ln t.
Proof.
intros H; unfold kl_term; destruct (Req_dec x 0) as [->|Z]; [ring|].
rewrite ln_ratio by lra; ring.
Qed.

Lemma J_near_h s : 0 < s -> Rabs (J s - h) <= 2 * s.
Proof.
intros s0; unfold J, h; rewrite !kl_term_logs, !ln_ratio by lra.
pose proof (shift_log p s p0 s0); pose proof (shift_log q s q0 s0).
assert (M : 0 <= m) by lra; pose proof (shift_log m s M s0).
apply Rabs_le; split; nra.
Qed.
End OneLabel.

(** ** The relaxed triangle inequality, label by label and summed *)

Section RelaxedTriangle.
Variable k : R.
Hypothesis k0 : 0 < k.

Lemma kernel_relaxed_triangle p q r s : 0 <= p -> 0 <= q -> 0 <= r -> 0 < s ->
  kernel p r s <= (1 + k) * kernel p q s + (1 + / k) * kernel q r s.
Proof.
intros p0 q0 r0 s0; unfold kernel.
assert (ip : 0 < / (p + s)) by (apply Rinv_0_lt_compat; lra).
assert (iq : 0 < / (q + s)) by (apply Rinv_0_lt_compat; lra).
assert (ir : 0 < / (r + s)) by (apply Rinv_0_lt_compat; lra).
pose proof (lecam_triangle _ _ _ ip iq ir) as T; pose proof (lecam_ge0 _ _ ip ir) as W0.
set (w := lecam (/ (p + s)) (/ (r + s))) in *; set (u := lecam (/ (p + s)) (/ (q + s))) in *.
set (v := lecam (/ (q + s)) (/ (r + s))) in *; clearbody u v w.
assert (ik : 0 < / k) by (apply Rinv_0_lt_compat; auto).
assert (A : 2 * u * v <= k * u ^ 2 + / k * v ^ 2).
{ pose proof (Rmult_le_pos _ _ (Rlt_le _ _ ik) (pow2_ge_0 (k * u - v))) as S.
  replace (/ k * (k * u - v) ^ 2) with (k * u ^ 2 - 2 * u * v + / k * v ^ 2) in S by (field; lra).
  lra. }
assert (B : w ^ 2 <= (u + v) ^ 2) by (apply pow_incr; lra).
replace ((1 + k) * (s * u ^ 2) + (1 + / k) * (s * v ^ 2))
  with (s * ((1 + k) * u ^ 2 + (1 + / k) * v ^ 2)) by ring.
apply Rmult_le_compat_l; lra.
Qed.

(** The defect of the relaxed inequality for [J] decreases in s and vanishes at infinity. *)
Lemma J_relaxed_triangle p q r s : 0 <= p -> 0 <= q -> 0 <= r -> 0 < s ->
  J p r s <= (1 + k) * J p q s + (1 + / k) * J q r s.
Proof.
intros p0 q0 r0 s0; assert (ik : 0 < / k) by (apply Rinv_0_lt_compat; auto).
set (defect := fun s => (1 + k) * J p q s + (1 + / k) * J q r s - J p r s).
enough (0 <= defect s) by (unfold defect in *; lra).
apply le_epsilon; intros e e0.
set (t := s + (p - r) ^ 2 / (2 * e)); pose proof (pow2_ge_0 (p - r)) as S.
assert (s <= t) by (pose proof (Rdiv_le_0_compat ((p - r) ^ 2) (2 * e)); unfold t; lra).
assert (far : - e <= defect t).
{ assert (t0 : 0 < t) by lra; pose proof (J_bounds p q p0 q0 t t0).
  pose proof (J_bounds q r q0 r0 t t0); pose proof (J_bounds p r p0 r0 t t0).
  assert ((p - r) ^ 2 / (2 * t) <= e).
  { replace e with (e / 1) by field; apply quotient_le; try lra.
    unfold t; replace (e * (2 * (s + (p - r) ^ 2 / (2 * e)))) with (2 * (e * s) + (p - r) ^ 2)
      by (field; lra); nra. }
  assert (0 <= (1 + k) * J p q t) by (apply Rmult_le_pos; lra).
  assert (0 <= (1 + / k) * J q r t) by (apply Rmult_le_pos; lra); unfold defect; lra. }
assert (D : forall z, 0 < z -> is_derive defect z
  ((1 + k) * - kernel p q z + (1 + / k) * - kernel q r z - - kernel p r z)).
{ intros z z0; apply (is_derive_minus (fun z => (1 + k) * J p q z + (1 + / k) * J q r z) (J p r));
    [|apply J_derivative; auto].
  apply (is_derive_plus (fun z => (1 + k) * J p q z) (fun z => (1 + / k) * J q r z));
    apply is_derive_scal, J_derivative; auto. }
destruct (MVT_gen defect s t
  (fun z => (1 + k) * - kernel p q z + (1 + / k) * - kernel q r z - - kernel p r z))
  as [c [Hc E]].
- intros z Hz; rewrite Rmin_left in Hz by auto; apply D; lra.
- intros z Hz; rewrite Rmin_left in Hz by auto.
  apply derivable_continuous_pt; eexists; apply is_derive_Reals, D; lra.
- rewrite Rmin_left in Hc by auto; assert (c0 : 0 < c) by lra.
  pose proof (kernel_relaxed_triangle p q r c p0 q0 r0 c0); nra.
Qed.

Lemma h_relaxed_triangle p q r : 0 <= p -> 0 <= q -> 0 <= r ->
  h p r <= (1 + k) * h p q + (1 + / k) * h q r.
Proof.
intros p0 q0 r0; assert (ik : 0 < / k) by (apply Rinv_0_lt_compat; auto).
apply le_epsilon; intros e e0; set (c := 2 * (3 + k + / k)); assert (c0 : 0 < c) by (unfold c; lra).
set (s := e / c); assert (s0 : 0 < s) by (apply Rdiv_lt_0_compat; auto).
assert (Es : c * s = e) by (unfold s; field; lra).
pose proof (J_relaxed_triangle p q r s p0 q0 r0 s0).
pose proof (J_near_h p q p0 q0 s s0) as A; pose proof (J_near_h q r q0 r0 s s0) as B.
pose proof (J_near_h p r p0 r0 s s0) as C; rewrite Rabs_le_between in A, B, C.
assert ((1 + k) * J p q s <= (1 + k) * (h p q + 2 * s)) by (apply Rmult_le_compat_l; lra).
assert ((1 + / k) * J q r s <= (1 + / k) * (h q r + 2 * s)) by (apply Rmult_le_compat_l; lra).
unfold c in Es; lra.
Qed.
End RelaxedTriangle.

Section Metric.
Context {Y : Type} (labels : list Y).
Notation JS := (jensen_shannon labels).

Lemma jensen_shannon_sq_sum a b : distribution labels a -> distribution labels b ->
  JS a b ^ 2 = sum labels (fun y => h (a y) (b y)) / 2.
Proof.
intros Ha Hb; rewrite jensen_shannon_sq by auto; unfold h, midpoint.
rewrite sum_plus; unfold kl; field.
Qed.

Lemma relaxed_triangles_give_triangle x y z : 0 <= x -> 0 <= y -> 0 <= z ->
  (forall k, 0 < k -> x ^ 2 <= (1 + k) * y ^ 2 + (1 + / k) * z ^ 2) -> x <= y + z.
Proof.
intros x0 y0 z0 H; apply le_epsilon; intros e e0.
set (u := y + e / 2); set (v := z + e / 2); assert (u0 : 0 < u) by (unfold u; lra).
assert (v0 : 0 < v) by (unfold v; lra); pose proof (H (v / u) (Rdiv_lt_0_compat _ _ v0 u0)) as B.
assert (y ^ 2 <= u ^ 2) by (apply pow_incr; unfold u; lra).
assert (z ^ 2 <= v ^ 2) by (apply pow_incr; unfold v; lra).
assert (0 < v / u) by (apply Rdiv_lt_0_compat; auto).
assert (0 < / (v / u)) by (apply Rinv_0_lt_compat; auto).
assert ((1 + v / u) * y ^ 2 <= (1 + v / u) * u ^ 2) by (apply Rmult_le_compat_l; lra).
assert ((1 + / (v / u)) * z ^ 2 <= (1 + / (v / u)) * v ^ 2) by (apply Rmult_le_compat_l; lra).
assert ((1 + v / u) * u ^ 2 + (1 + / (v / u)) * v ^ 2 = (u + v) ^ 2) by (field; lra).
assert (x <= u + v); [|unfold u, v in *; lra].
apply Rsqr_incr_0; [rewrite !Rsqr_pow2; lra|lra|lra].
Qed.

Lemma jensen_shannon_eq0 a b : distribution labels a -> distribution labels b ->
  JS a b = 0 -> forall y, In y labels -> a y = b y.
Proof.
intros Ha Hb E y Hy; pose proof (jensen_shannon_sq labels a b Ha Hb) as S; rewrite E in S.
pose proof (midpoint_distribution labels a b Ha Hb) as Hm.
destruct (dominated_midpoint labels a b Ha Hb) as [Da Db].
pose proof (kl_ge0 labels b _ Hb Hm Db); pose proof (pinsker labels a _ Ha Hm Da) as P.
assert (Z : l1 labels a (midpoint a b) = 0) by nra.
apply (metric_eq0 _ _ (metric_l1 labels) a _ Ha Hm) with (y := y) in Z; auto.
unfold midpoint in Z; lra.
Qed.

Lemma jensen_shannon_self a b : distribution labels a -> distribution labels b ->
  (forall y, In y labels -> a y = b y) -> JS a b = 0.
Proof.
intros Ha Hb E; enough (JS a b ^ 2 = 0) by nra; rewrite jensen_shannon_sq_sum by auto.
rewrite (sum_ext _ _ (fun y => 0 * a y)); [rewrite sum_scal; field|].
intros y Hy; unfold h; rewrite <- E, !kl_term_logs by (auto; pose proof (proj1 Ha y Hy); lra).
replace ((a y + a y) / 2) with (a y) by field; ring.
Qed.

Lemma jensen_shannon_sym a b : JS a b = JS b a.
Proof.
unfold jensen_shannon; rewrite Rplus_comm; do 2 f_equal; f_equal; apply sum_ext; intros y _;
  unfold midpoint; rewrite Rplus_comm; reflexivity.
Qed.

Lemma jensen_shannon_triangle a b c :
  distribution labels a -> distribution labels b -> distribution labels c ->
  JS a c <= JS a b + JS b c.
Proof.
intros Ha Hb Hc; apply relaxed_triangles_give_triangle; try apply sqrt_pos; intros k k0.
rewrite !jensen_shannon_sq_sum by auto.
assert (S : sum labels (fun y => h (a y) (c y)) <=
  sum labels (fun y => (1 + k) * h (a y) (b y) + (1 + / k) * h (b y) (c y))).
{ apply sum_le; intros y Hy; apply h_relaxed_triangle; [auto|apply Ha|apply Hb|apply Hc]; auto. }
rewrite sum_plus, !sum_scal in S; lra.
Qed.

Lemma jensen_shannon_le_1 a b : distribution labels a -> distribution labels b -> JS a b <= 1.
Proof.
intros Ha Hb; apply Rsqr_incr_0_var; [|lra]; rewrite !Rsqr_pow2, jensen_shannon_sq_sum by auto.
assert (T : forall x t, 0 <= x <= 2 * t -> kl_term x t <= x).
{ intros x t H; unfold kl_term; destruct (Req_dec x 0) as [->|Z]; [lra|].
  assert (0 < x / t) by (apply Rdiv_lt_0_compat; lra).
  assert (x / t <= 2) by (apply Rmult_le_reg_r with t; [lra|]; unfold Rdiv;
    rewrite Rmult_assoc, Rinv_l by lra; lra).
  pose proof (ln_le_minus1 (x / t)); rewrite <- (Rmult_1_r x) at 3.
  apply Rmult_le_compat_l; lra. }
assert (sum labels (fun y => h (a y) (b y)) <= sum labels (fun y => a y + b y)).
{ apply sum_le; intros y Hy; pose proof (proj1 Ha y Hy); pose proof (proj1 Hb y Hy); unfold h.
  pose proof (T (a y) ((a y + b y) / 2)); pose proof (T (b y) ((a y + b y) / 2)); lra. }
rewrite sum_plus, (proj2 Ha), (proj2 Hb) in *; lra.
Qed.

Theorem metric_jensen_shannon : metric labels JS.
Proof.
split.
- intros; apply sqrt_pos.
- intros a b Ha Hb; split; [apply jensen_shannon_eq0|apply jensen_shannon_self]; auto.
- intros; apply jensen_shannon_sym.
- apply jensen_shannon_triangle.
Qed.
End Metric.
