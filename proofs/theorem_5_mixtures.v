(** * Theorem 5 for Gaussian mixtures on the line

    A law [L] is a Gaussian mixture, [Q x y] the model p_theta(y|x). Noise of variance s in the input
    adds s to the variance of every component, [smooth s L]; for s > 0 this is the convolution of the
    densities with N(0, s) ([smooth_is_convolution]). It also makes sense for negative s above minus
    the smallest variance, which makes s = 0 an interior point.
    - [is_mean L f r]: the mean of f(x, y) over the law, sum_y \int p_d(x, y) f(x, y) dx, is r, an
      improper integral over the whole line;
    - [smoothed_risk L Q s r]: R_G at s, the mean of - ln p_theta(y|x) over the smoothed law, is r;
    - [gradient_product L Q s r]: the mean of d/dx ln p_theta(y|x) . d/dx ln p_d^s(x|y) over the
      smoothed law is r;
    - [proper L]: every class has a component, and all masses and variances are positive. The masses
      need not sum to one. [proper (smooth s L)] says that s is above minus the smallest variance.
    - [moderate_model L Q]: every p_theta(y|x) is positive, and every ln p_theta(y|.) is continuously
      differentiable and grows with its derivative at most exponentially ([moderate], moderate.v).

    Main theorems, for any number of classes:
    - [theorem_5_mixtures]: for a moderate model the smoothed risk and the mean product exist at
      every s at which the smoothed law is proper, and there d/ds R_G is half the product. The
      derivative is two-sided, at s = 0 too.
    - [theorem_5_expansion]: R_G(s) = R_G(0) + s e / 2 + o(s) with the product e at 0.
    - [theorem_5_softmax]: the first for softmax models whose logits are polynomials of degree at most
      two, linear models among them; [theorem_5_toy] is the toy law's with the model 1 - x against 0.

    Deviation from the paper: one dimension. *)
From Coq Require Import Reals Lra Lia List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels logistic improper mixtures gaussian
  gaussian_integral moderate theorem_5.
Import ListNotations.
Open Scope R_scope.

(** ** One label *)

Section OneLabel.
Variable cs : list component.

(** The density that noise of variance s leaves of the components, and its derivatives in x. *)
Definition u (s x : R) : R :=
  sum cs (fun c => mass c * gaussian (mean c) (variance c + s) x).
Definition u_x (s x : R) : R :=
  sum cs (fun c => mass c * gaussian_slope (mean c) (variance c + s) x).
Definition u_xx (s x : R) : R :=
  sum cs (fun c => mass c * gaussian_curvature (mean c) (variance c + s) x).
Definition admissible (s : R) : Prop := forall c, In c cs -> 0 < variance c + s.

Lemma is_derive_u s x : admissible s -> is_derive (u s) x (u_x s x).
Proof.
intros H; apply (is_derive_sum cs (fun x c => mass c * gaussian (mean c) (variance c + s) x)).
intros c Hc; apply (is_derive_scal (gaussian (mean c) (variance c + s))).
apply is_derive_gaussian, H, Hc.
Qed.

Lemma is_derive_u_x s x : admissible s -> is_derive (u_x s) x (u_xx s x).
Proof.
intros H; apply (is_derive_sum cs (fun x c => mass c * gaussian_slope (mean c) (variance c + s) x)).
intros c Hc; apply (is_derive_scal (gaussian_slope (mean c) (variance c + s))).
apply is_derive_gaussian_slope, H, Hc.
Qed.

Lemma heat s x : admissible s -> is_derive (fun z => u z x) s (u_xx s x / 2).
Proof.
intros H; unfold Rdiv; rewrite Rmult_comm; unfold u_xx; rewrite <- sum_scal.
apply (is_derive_sum cs (fun z c => mass c * gaussian (mean c) (variance c + z) x)).
intros c Hc; pose proof (gaussian_heat (mean c) (variance c + s) x (H c Hc)) as G.
replace (/ 2 * (mass c * gaussian_curvature (mean c) (variance c + s) x))
  with (mass c * (1 * (gaussian_curvature (mean c) (variance c + s) x / 2))) by field.
apply (is_derive_scal (fun z => gaussian (mean c) (variance c + z) x)).
apply (is_derive_comp (fun v => gaussian (mean c) v x) (fun z => variance c + z)); [exact G|].
auto_derive; auto; ring.
Qed.

Lemma u_xx_continuous s x : admissible s -> continuity_2d_pt u_xx s x.
Proof.
intros H; assert (P : forall l, (forall c, In c l -> 0 < variance c + s) -> continuity_2d_pt
  (fun s x => sum l (fun c => mass c * gaussian_curvature (mean c) (variance c + s) x)) s x);
  [|apply P; auto].
clear H; induction l as [|c l IH]; intros H; [exact (continuity_2d_pt_const s x 0)|].
apply (continuity_2d_pt_plus
  (fun s x => mass c * gaussian_curvature (mean c) (variance c + s) x)
  (fun s x => sum l (fun c => mass c * gaussian_curvature (mean c) (variance c + s) x)));
  [|apply IH; intros; apply H; simpl; auto].
apply continuity_2d_pt_mult; [apply continuity_2d_pt_const|].
intros eps; pose proof (H c (or_introl eq_refl)) as Hc.
destruct (gaussian_curvature_continuous (mean c) (variance c + s) x Hc eps) as [d D].
exists d; intros z y Hz Hy; apply D; auto.
replace (variance c + z - (variance c + s)) with (z - s) by ring; auto.
Qed.

(** Near s the density and its slope fall faster than exp(-k |x|), uniformly. *)
Lemma u_tails k s0 : 0 <= k -> admissible s0 -> exists d c, 0 < d /\ 0 <= c /\
  forall s, Rabs (s - s0) < d -> admissible s /\ forall x,
    Rabs (u s x) <= c * exp (- (k * Rabs x)) /\ Rabs (u_x s x) <= c * exp (- (k * Rabs x)).
Proof.
intros Hk; unfold admissible, u, u_x; induction cs as [|a l IH]; intros H.
- exists 1, 0; split; [lra|]; split; [lra|]; intros s _; split; [intros c []|].
  intros x; unfold sum; simpl; rewrite Rabs_R0; lra.
- destruct IH as [d [c [Hd [Hc B]]]]; [intros; apply H; simpl; auto|].
  pose proof (H a (or_introl eq_refl)) as Ha; set (v := variance a + s0) in *.
  set (t := tail_constant (mean a) (v / 2) (2 * v) k).
  assert (m0 : 0 < Rmin d (v / 2)) by (apply Rmin_glb_lt; lra).
  exists (Rmin d (v / 2)), (Rabs (mass a) * t + c); split; [auto|].
  assert (G : forall s x, Rabs (s - s0) < v / 2 -> 0 < variance a + s /\
    Rabs (gaussian (mean a) (variance a + s) x) <= t * exp (- (k * Rabs x)) /\
    Rabs (gaussian_slope (mean a) (variance a + s) x) <= t * exp (- (k * Rabs x))).
  { intros s x Hs; apply Rabs_lt_between in Hs; unfold v in Hs; split; [lra|].
    destruct (gaussian_tails (mean a) (v / 2) (2 * v) k (variance a + s) x) as [P Q]; auto;
      unfold v in *; try lra.
    rewrite Rabs_pos_eq by apply P; split; [apply P|exact Q]. }
  split.
  + destruct (G s0 0) as [_ [P _]]; [rewrite Rminus_eq_0, Rabs_R0; lra|].
    pose proof (Rabs_pos (gaussian (mean a) (variance a + s0) 0)).
    pose proof (exp_pos (- (k * Rabs 0))); pose proof (Rabs_pos (mass a)).
    assert (0 <= t) by nra; nra.
  + intros s Hs; pose proof (Rmin_l d (v / 2)); pose proof (Rmin_r d (v / 2)).
    destruct (B s) as [R S]; [lra|]; split.
    * intros b [<-|Hb]; [apply (G s 0); lra|auto].
    * intros x; destruct (S x) as [S0 S1]; destruct (G s x) as [_ [G0 G1]]; [lra|].
      unfold sum in *; simpl; rewrite Rmult_plus_distr_r, Rmult_assoc.
      split; eapply Rle_trans; try apply Rabs_triang; rewrite Rabs_mult;
        apply Rplus_le_compat; auto; apply Rmult_le_compat_l; auto; apply Rabs_pos.
Qed.

Variables (l l1 : R -> R) (a b : R).
Hypothesis l_x : forall x, is_derive l x (l1 x).
Hypothesis l1_continuous : forall x, continuous l1 x.
Hypothesis b_ge0 : 0 <= b.
Hypothesis l_growth : forall x, Rabs (l x) <= a * exp (b * Rabs x).
Hypothesis l1_growth : forall x, Rabs (l1 x) <= a * exp (b * Rabs x).

Lemma product_tails s0 : admissible s0 -> exists d c, 0 < d /\ 0 <= c /\
  forall s, Rabs (s - s0) < d -> admissible s /\ forall x,
    Rabs (u s x * l x) <= c * exp (- Rabs x) /\ Rabs (u_x s x * l x) <= c * exp (- Rabs x) /\
    Rabs (u_x s x * l1 x) <= c * exp (- Rabs x) /\ Rabs (u s x * l1 x) <= c * exp (- Rabs x).
Proof.
intros H; destruct (u_tails (b + 1) s0) as [d [c [Hd [Hc B]]]]; auto; [lra|].
assert (a0 : 0 <= a).
{ pose proof (l_growth 0) as G; pose proof (Rabs_pos (l 0)).
  rewrite Rabs_R0, Rmult_0_r, exp_0 in G; lra. }
exists d, (c * a); split; [auto|]; split; [apply Rmult_le_pos; auto|].
intros s Hs; destruct (B s Hs) as [R T]; split; auto; intros x; destruct (T x) as [T0 T1].
assert (E : c * a * exp (- Rabs x) = c * exp (- ((b + 1) * Rabs x)) * (a * exp (b * Rabs x))).
{ replace (- Rabs x) with (- ((b + 1) * Rabs x) + b * Rabs x) by ring; rewrite exp_plus; ring. }
rewrite E, !Rabs_mult; repeat split; apply Rmult_le_compat; auto; apply Rabs_pos.
Qed.

Lemma products_continuous s : admissible s ->
  (forall x, continuous (fun x => u s x * - l x) x) /\
  (forall x, continuous (fun x => u_x s x * l1 x) x).
Proof.
intros H; split; intros x.
- apply (continuous_mult (u s) (fun x => - l x)).
  + apply (derive_continuous _ _ _ (is_derive_u s x H)).
  + apply (continuous_opp l), (derive_continuous _ _ _ (l_x x)).
- apply (continuous_mult (u_x s) l1); auto.
  apply (derive_continuous _ _ _ (is_derive_u_x s x H)).
Qed.

(** The label's share of the smoothed risk, and of the mean product of the slopes. *)
Definition risk_share (s : R) : R := over_line (fun x => u s x * - l x).
Definition slope_share (s : R) : R := over_line (fun x => u_x s x * l1 x).

Lemma theorem_5_share s : admissible s ->
  line_integral (fun x => u s x * - l x) (risk_share s) /\
  line_integral (fun x => u_x s x * l1 x) (slope_share s) /\
  is_derive risk_share s (slope_share s / 2).
Proof.
revert s; assert (I : forall s, admissible s ->
  (exists r, line_integral (fun x => u s x * - l x) r) /\
  (exists r, line_integral (fun x => u_x s x * l1 x) r)).
{ intros s H; destruct (product_tails s H) as [d [c [Hd [Hc B]]]].
  destruct (B s) as [_ T]; [rewrite Rminus_eq_0, Rabs_R0; auto|].
  destruct (products_continuous s H) as [C0 C1].
  destruct (line_integral_of_tail (fun x => u s x * - l x) c) as [r [Hr _]]; auto.
  { intros x; rewrite <- Ropp_mult_distr_r, Rabs_Ropp; apply T. }
  destruct (line_integral_of_tail (fun x => u_x s x * l1 x) c) as [w [Hw _]]; auto.
  { intros x; apply T. }
  split; eexists; eauto. }
intros s H; destruct (I s H) as [[r Hr] [w Hw]].
split; [exact (over_line_correct _ _ Hr)|]; split; [exact (over_line_correct _ _ Hw)|].
destruct (product_tails s H) as [d [c [Hd [Hc B]]]].
apply (theorem_5 u u_x u_xx l l1 s d Hd) with (R_G := risk_share) (g := slope_share)
  (tail := fun n => 4 * c * exp (- INR n)); auto.
- intros z x Hz; apply heat, B, Hz.
- intros z x Hz; apply is_derive_u, B, Hz.
- intros z x Hz; apply is_derive_u_x, B, Hz.
- intros z x Hz; apply u_xx_continuous, B, Hz.
- intros z Hz; destruct (B z Hz) as [Z T]; destruct (I z Z) as [[q Hq] _].
  exact (line_integral_limit _ _ (over_line_correct _ _ Hq) (proj1 (products_continuous z Z))).
- intros n z Hz; destruct (B z Hz) as [Z T].
  pose proof (proj1 (proj2 (T (INR n)))) as P; pose proof (proj1 (proj2 (T (- INR n)))) as N.
  rewrite Rabs_Ropp in N; rewrite (Rabs_pos_eq (INR n)) in P, N by apply pos_INR.
  apply Rabs_le_between in P; apply Rabs_le_between in N.
  pose proof (exp_pos (- INR n)); assert (0 <= c * exp (- INR n)) by nra; apply Rabs_le; lra.
- intros n z Hz; destruct (B z Hz) as [Z T].
  destruct (line_integral_of_tail (fun x => u_x z x * l1 x) c) as [q [Hq E]];
    [apply products_continuous; auto|intros x; apply T|].
  assert (V : slope_share z = q) by exact (line_integral_unique _ _ _ (over_line_correct _ _ Hq) Hq).
  rewrite V; apply E.
- apply exp_tail_vanishes.
Qed.
End OneLabel.

(** ** The law, the model and the statement *)

Definition smooth (s : R) (L : mixture) : mixture :=
  map (map (fun c => Component (mass c) (mean c) (variance c + s))) L.
Definition proper (L : mixture) : Prop :=
  List.Forall (fun class => class <> [] /\ List.Forall positive class) L.
Definition prior (L : mixture) (y : nat) : R := sum (nth y L []) mass.
Definition conditional (L : mixture) (y : nat) (x : R) : R := joint L y x / prior L y.
Definition is_mean (L : mixture) (f : R -> nat -> R) (r : R) : Prop :=
  line_integral (fun x => sum (seq 0 (length L)) (fun y => joint L y x * f x y)) r.

Definition smoothed_risk (L : mixture) (Q : R -> nat -> R) (s r : R) : Prop :=
  is_mean (smooth s L) (fun x y => - ln (Q x y)) r.
Definition gradient_product (L : mixture) (Q : R -> nat -> R) (s r : R) : Prop :=
  is_mean (smooth s L) (fun x y => Derive (fun z => ln (Q z y)) x *
    Derive (fun z => ln (conditional (smooth s L) y z)) x) r.

Lemma nth_smooth s L y :
  nth y (smooth s L) [] = map (fun c => Component (mass c) (mean c) (variance c + s)) (nth y L []).
Proof. exact (map_nth (map _) L [] y). Qed.

Lemma length_smooth s L : length (smooth s L) = length L.
Proof. apply map_length. Qed.

Lemma joint_smooth s L y x : joint (smooth s L) y x = u (nth y L []) s x.
Proof. unfold joint, u; rewrite nth_smooth, sum_map; reflexivity. Qed.

Lemma smooth_0 L : smooth 0 L = L.
Proof.
rewrite <- (map_id L) at 2; apply map_ext; intros cs; rewrite <- (map_id cs) at 2; apply map_ext.
intros [m a v]; simpl; rewrite Rplus_0_r; reflexivity.
Qed.

Lemma proper_nth L y : proper L -> (y < length L)%nat ->
  nth y L [] <> [] /\ List.Forall positive (nth y L []).
Proof. intros H Hy; apply (proj1 (Forall_forall _ _) H), nth_In, Hy. Qed.

Lemma proper_admissible s L y : proper (smooth s L) -> (y < length L)%nat -> admissible (nth y L []) s.
Proof.
intros H Hy c Hc; rewrite <- (length_smooth s) in Hy; destruct (proper_nth _ y H Hy) as [_ P].
rewrite nth_smooth in P.
apply (proj1 (Forall_forall _ _) P (Component (mass c) (mean c) (variance c + s))).
apply in_map_iff; exists c; auto.
Qed.

Lemma sum_pos {Y : Type} (l : list Y) f : l <> [] -> (forall y, In y l -> 0 < f y) -> 0 < sum l f.
Proof.
intros N H; destruct l as [|y l]; [congruence|].
pose proof (H y (or_introl eq_refl)) as P; apply Rlt_le_trans with (1 := P).
apply (term_le_sum (y :: l) f y); [|simpl; auto]; intros z Hz; apply Rlt_le, H, Hz.
Qed.

Lemma positive_in L y c : proper L -> In c (nth y L []) -> positive c.
Proof.
intros H Hc; destruct (le_lt_dec (length L) y) as [Hy|Hy];
  [rewrite nth_overflow in Hc by auto; contradiction|].
apply (proj1 (Forall_forall _ _) (proj2 (proper_nth L y H Hy)) c Hc).
Qed.

Theorem smooth_is_convolution L y s x : proper L -> 0 < s ->
  line_integral (fun t => joint L y t * gaussian 0 s (x - t)) (joint (smooth s L) y x).
Proof.
intros H Hs; rewrite joint_smooth; unfold u, joint.
apply (line_integral_ext (fun t => sum (nth y L []) (fun c =>
  mass c * (gaussian (mean c) (variance c) t * gaussian 0 s (x - t))))).
{ intros t; rewrite Rmult_comm, <- sum_scal; apply sum_ext; intros c _; unfold weighted; ring. }
apply (line_integral_sum (nth y L []) (fun t c =>
  mass c * (gaussian (mean c) (variance c) t * gaussian 0 s (x - t)))).
intros c Hc; apply (line_integral_scal (fun t =>
  gaussian (mean c) (variance c) t * gaussian 0 s (x - t))).
apply gaussian_convolution; auto; apply (positive_in L y c H Hc).
Qed.

Lemma prior_is_integral L y : proper L -> line_integral (joint L y) (prior L y).
Proof.
intros H; apply (line_integral_sum (nth y L []) weighted mass); intros c Hc.
pose proof (line_integral_gaussian (mean c) (variance c) (proj2 (positive_in L y c H Hc))) as I.
apply (line_integral_scal _ _ (mass c)) in I; rewrite Rmult_1_r in I; exact I.
Qed.

Lemma joint_prior_pos L y : proper L -> (y < length L)%nat ->
  (forall x, 0 < joint L y x) /\ 0 < prior L y.
Proof.
intros H Hy; destruct (proper_nth L y H Hy) as [N P].
split; [intros x|]; apply sum_pos; auto; intros c Hc;
  pose proof (proj1 (Forall_forall _ _) P c Hc) as Pc; [apply weighted_pos, Pc|apply Pc].
Qed.

(** The slope of ln p(x|y) is that of the joint density, divided by it. *)
Lemma score_of_label L s y x : proper (smooth s L) -> (y < length L)%nat ->
  joint (smooth s L) y x * Derive (fun z => ln (conditional (smooth s L) y z)) x =
  u_x (nth y L []) s x.
Proof.
intros H Hy; assert (Hy' : (y < length (smooth s L))%nat) by (rewrite length_smooth; auto).
destruct (joint_prior_pos _ y H Hy') as [J P]; pose proof (J x) as Jx.
pose proof (is_derive_u (nth y L []) s x (proper_admissible s L y H Hy)) as D.
set (p := prior (smooth s L) y) in *.
rewrite (is_derive_unique _ x (u_x (nth y L []) s x / p * / (joint (smooth s L) y x / p)));
  [field; lra|].
apply (is_derive_comp ln (conditional (smooth s L) y)).
- apply is_derive_Reals, derivable_pt_lim_ln, Rdiv_lt_0_compat; auto.
- unfold conditional; fold p; apply (is_derive_ext (fun z => / p * u (nth y L []) s z)).
  + intros z; rewrite joint_smooth; unfold Rdiv; apply Rmult_comm.
  + unfold Rdiv; rewrite Rmult_comm; apply (is_derive_scal (u (nth y L []) s)), D.
Qed.

Definition moderate_model (L : mixture) (Q : R -> nat -> R) : Prop :=
  forall y, (y < length L)%nat -> (forall x, 0 < Q x y) /\ moderate (fun x => ln (Q x y)).

(** The sums over the labels, which the smoothed risk and the mean product are. *)
Definition total_risk (L : mixture) (Q : R -> nat -> R) (s : R) : R :=
  sum (seq 0 (length L)) (fun y => risk_share (nth y L []) (fun x => ln (Q x y)) s).
Definition total_product (L : mixture) (Q : R -> nat -> R) (s : R) : R :=
  sum (seq 0 (length L)) (fun y => slope_share (nth y L []) (Derive (fun x => ln (Q x y))) s).

Lemma theorem_5_totals L Q s : moderate_model L Q -> proper (smooth s L) ->
  smoothed_risk L Q s (total_risk L Q s) /\ gradient_product L Q s (total_product L Q s) /\
  is_derive (total_risk L Q) s (total_product L Q s / 2).
Proof.
intros H Hs; pose (l y x := ln (Q x y)); pose (l1 y := Derive (l y)).
pose (labels := seq 0 (length L)).
assert (below : forall y, In y labels -> (y < length L)%nat).
{ intros y Hy; apply in_seq in Hy; lia. }
assert (shares : forall y, In y labels ->
  line_integral (fun x => u (nth y L []) s x * - l y x) (risk_share (nth y L []) (l y) s) /\
  line_integral (fun x => u_x (nth y L []) s x * l1 y x) (slope_share (nth y L []) (l1 y) s) /\
  is_derive (risk_share (nth y L []) (l y)) s (slope_share (nth y L []) (l1 y) s / 2)).
{ intros y Hy; destruct (H y (below y Hy)) as [_ [d [a [b [Hb M]]]]].
  assert (D : forall x, l1 y x = d x) by (intros x; apply is_derive_unique, M).
  apply (theorem_5_share (nth y L []) (l y) (l1 y) a b); auto.
  - intros x; rewrite D; apply M.
  - intros x; apply (continuous_ext d); [intros z; symmetry; apply D|apply M].
  - intros x; apply M.
  - intros x; rewrite D; apply M.
  - apply proper_admissible, below; auto. }
unfold smoothed_risk, gradient_product, is_mean; rewrite length_smooth; fold labels.
split; [|split].
- apply line_integral_ext with (f := fun x => sum labels (fun y => u (nth y L []) s x * - l y x)).
  { intros x; apply sum_ext; intros y _; rewrite joint_smooth; reflexivity. }
  apply (line_integral_sum labels (fun x y => u (nth y L []) s x * - l y x)).
  intros y Hy; exact (proj1 (shares y Hy)).
- apply line_integral_ext with (f := fun x => sum labels (fun y => u_x (nth y L []) s x * l1 y x)).
  { intros x; apply sum_ext; intros y Hy.
    rewrite <- (score_of_label L s y x Hs (below y Hy)); unfold l1, l; ring. }
  apply (line_integral_sum labels (fun x y => u_x (nth y L []) s x * l1 y x)).
  intros y Hy; exact (proj1 (proj2 (shares y Hy))).
- apply (theorem_5_labels labels (fun y => risk_share (nth y L []) (l y))
    (fun y => slope_share (nth y L []) (l1 y))).
  intros y Hy; exact (proj2 (proj2 (shares y Hy))).
Qed.

Theorem theorem_5_mixtures L Q : moderate_model L Q ->
  exists R_G e : R -> R, forall s, proper (smooth s L) ->
    smoothed_risk L Q s (R_G s) /\ gradient_product L Q s (e s) /\ is_derive R_G s (e s / 2).
Proof. intros H; exists (total_risk L Q), (total_product L Q); intros s; apply theorem_5_totals, H. Qed.

(** The expansion at s, at 0 for the law itself: R_G(s + h) = R_G(s) + h e / 2 + o(h). *)
Lemma proper_near s L : proper (smooth s L) -> exists d, 0 < d /\
  forall h, Rabs h < d -> proper (smooth (s + h) L).
Proof.
unfold proper, smooth; induction L as [|cs L IH]; simpl; intros H; [exists 1; split; [lra|constructor]|].
inversion_clear H as [|? ? [N P] T]; destruct (IH T) as [d [Hd D]].
assert (C : exists e, 0 < e /\ forall h, Rabs h < e ->
  List.Forall positive (map (fun c => Component (mass c) (mean c) (variance c + (s + h))) cs)).
{ clear - P; induction cs as [|c cs IH]; simpl in *; [exists 1; split; [lra|constructor]|].
  inversion_clear P as [|? ? [Pm Pv] P']; destruct (IH P') as [e [He E]]; simpl in Pm, Pv.
  exists (Rmin e (variance c + s)); split; [apply Rmin_glb_lt; auto|].
  intros h Hh; constructor; [split; simpl; auto|apply E, (Rlt_le_trans _ _ _ Hh), Rmin_l].
  pose proof (Rlt_le_trans _ _ _ Hh (Rmin_r _ _)) as B; apply Rabs_lt_between in B; lra. }
destruct C as [e [He E]]; exists (Rmin d e); split; [apply Rmin_glb_lt; auto|].
intros h Hh; constructor; [split|].
- destruct cs; [elim N; reflexivity|discriminate].
- apply E, (Rlt_le_trans _ _ _ Hh), Rmin_r.
- apply D, (Rlt_le_trans _ _ _ Hh), Rmin_l.
Qed.

Theorem theorem_5_expansion L Q : proper L -> moderate_model L Q ->
  exists (R_G : R -> R) (e : R), gradient_product L Q 0 e /\
    forall eps, 0 < eps -> exists d, 0 < d /\ forall s, Rabs s < d ->
      smoothed_risk L Q s (R_G s) /\ Rabs (R_G s - R_G 0 - s * (e / 2)) <= eps * Rabs s.
Proof.
intros HL H; destruct (theorem_5_mixtures L Q H) as [R_G [e T]].
assert (H0 : proper (smooth 0 L)) by (rewrite smooth_0; auto).
exists R_G, (e 0); split; [exact (proj1 (proj2 (T 0 H0)))|]; intros eps He.
destruct (proper_near 0 L H0) as [d [Hd D]].
destruct (proj1 (is_derive_Reals _ _ _) (proj2 (proj2 (T 0 H0))) eps He) as [d' D'].
exists (Rmin d d'); split; [apply Rmin_glb_lt; [auto|apply cond_pos]|]; intros s Hs.
pose proof (Rlt_le_trans _ _ _ Hs (Rmin_l _ _)) as S1.
pose proof (Rlt_le_trans _ _ _ Hs (Rmin_r _ _)) as S2.
pose proof (D s S1) as Ps; rewrite Rplus_0_l in Ps; split; [exact (proj1 (T s Ps))|].
destruct (Req_dec s 0) as [->|N].
{ replace (R_G 0 - R_G 0 - 0 * (e 0 / 2)) with 0 by ring; rewrite Rabs_R0; lra. }
pose proof (D' s N S2) as B; rewrite Rplus_0_l in B.
replace (R_G s - R_G 0 - s * (e 0 / 2)) with (((R_G s - R_G 0) / s - e 0 / 2) * s) by (field; auto).
rewrite Rabs_mult; apply Rmult_le_compat_r; [apply Rabs_pos|lra].
Qed.

(** ** Softmax models *)

Theorem theorem_5_softmax L logits : logits <> [] ->
  exists R_G e : R -> R, forall s, proper (smooth s L) ->
    smoothed_risk L (softmax logits) s (R_G s) /\
    gradient_product L (softmax logits) s (e s) /\ is_derive R_G s (e s / 2).
Proof.
intros N; apply theorem_5_mixtures; intros y _; split; [intros x; apply softmax_pos, N|].
apply softmax_moderate, N.
Qed.

(** ** The toy law, and logits 1 - x and 0 *)

Definition toy : mixture := [[Component (5/6) (-1) 4]; [Component (1/6) 1 1]].
Definition toy_linear : R -> nat -> R := softmax [Quadratic 0 (-1) 1; Quadratic 0 0 0].

Theorem theorem_5_toy : exists R_G e : R -> R, forall s, -1 < s ->
  smoothed_risk toy toy_linear s (R_G s) /\ gradient_product toy toy_linear s (e s) /\
  is_derive R_G s (e s / 2).
Proof.
destruct (theorem_5_softmax toy [Quadratic 0 (-1) 1; Quadratic 0 0 0]) as [R_G [e T]]; [discriminate|].
exists R_G, e; intros s Hs; apply (T s).
repeat constructor; simpl; try discriminate; lra.
Qed.
