(** * The remainder of Theorem 5's expansion for Gaussian mixtures on the line

    If every ln p_theta(y|.) is twice continuously differentiable with second derivative at most K in
    absolute value ([curvature_at_most]), then for every s >= 0
      | R_G(s) - R_G(0) - s e / 2 | <= (s^2 / 2) phi(1) K (sum of mass / variance over the components),
    where e is the mean product of the gradients at 0 and phi(1) the standard normal density at 1,
    [gaussian 0 1 1]. This is an extension of the paper.

    Proof: e(s) is minus the mean of the second derivative over the smoothed law, by one integration
    by parts; by the heat equation e changes by at most 2 phi(1) K s (sum of mass / variance), as the
    integral of |second derivative| of a Gaussian density is 4 phi(1) / variance.

    Main theorem: [theorem_5_remainder]; [theorem_5_remainder_linear] for softmax models with
    linear logits, where K is the square of half the range of their slopes;
    [theorem_5_toy_remainder] for the toy law. *)
From Coq Require Import Reals Lra Lia List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels improper mixtures gaussian moderate theorem_5
  theorem_5_mixtures.
Import ListNotations.
Open Scope R_scope.

Notation phi1 := (gaussian 0 1 1).

(** ** One label *)

Section Share.
Variables (cs : list component) (l l1 l2 : R -> R) (a b K : R).
Hypothesis cs_positive : forall c, In c cs -> positive c.
Hypothesis l_x : forall x, is_derive l x (l1 x).
Hypothesis l1_x : forall x, is_derive l1 x (l2 x).
Hypothesis l2_continuous : forall x, continuous l2 x.
Hypothesis l2_bound : forall x, Rabs (l2 x) <= K.
Hypothesis b_ge0 : 0 <= b.
Hypothesis l_growth : forall x, Rabs (l x) <= a * exp (b * Rabs x).
Hypothesis l1_growth : forall x, Rabs (l1 x) <= a * exp (b * Rabs x).

Lemma positive_admissible s : 0 <= s -> admissible cs s.
Proof. intros Hs c Hc; destruct (cs_positive c Hc); lra. Qed.

Lemma u_xx_against s p q : 0 <= s -> p <= q ->
  ex_RInt (fun x => u_xx cs s x * l2 x) p q /\
  Rabs (RInt (fun x => u_xx cs s x * l2 x) p q) <=
    4 * phi1 * K * sum cs (fun c => mass c / variance c).
Proof.
intros Hs Hpq; unfold u_xx.
assert (K0 : 0 <= K) by (pose proof (l2_bound 0); pose proof (Rabs_pos (l2 0)); lra).
assert (C : forall x, continuous
  (fun x => sum cs (fun c => mass c * gaussian_curvature (mean c) (variance c + s) x) * l2 x) x).
{ intros x; apply (continuous_mult (fun x => sum cs
    (fun c => mass c * gaussian_curvature (mean c) (variance c + s) x)) l2); auto.
  apply (sum_continuous cs (fun x c => mass c * gaussian_curvature (mean c) (variance c + s) x)).
  intros c; apply (continuous_mult (fun _ => mass c)); [apply continuous_const|].
  apply curvature_continuous. }
split; [apply ex_RInt_of_continuous, C|].
apply Rle_trans with (RInt (fun x => sum cs (fun c =>
  K * mass c * Rabs (gaussian_curvature (mean c) (variance c + s) x))) p q).
{ apply Rle_trans with (RInt (fun x => Rabs (sum cs
    (fun c => mass c * gaussian_curvature (mean c) (variance c + s) x) * l2 x)) p q).
  - apply abs_RInt_le; [auto|apply ex_RInt_of_continuous, C].
  - apply RInt_le; auto.
    + apply ex_RInt_of_continuous; intros x.
      apply (continuous_comp (fun x => sum cs
        (fun c => mass c * gaussian_curvature (mean c) (variance c + s) x) * l2 x) Rabs);
        [apply C|apply continuous_Rabs].
    + apply ex_RInt_of_continuous; intros x.
      apply (sum_continuous cs
        (fun x c => K * mass c * Rabs (gaussian_curvature (mean c) (variance c + s) x))).
      intros c; apply (continuous_mult (fun _ => K * mass c)); [apply continuous_const|].
      apply abs_curvature_continuous.
    + intros x _; rewrite Rabs_mult; eapply Rle_trans;
        [apply Rmult_le_compat_l; [apply Rabs_pos|apply l2_bound]|].
      rewrite Rmult_comm; clear C; induction cs as [|c l' IH].
      * unfold sum; simpl; rewrite Rabs_R0; lra.
      * unfold sum in *; simpl; pose proof (cs_positive c (or_introl eq_refl)) as [Hm _].
        eapply Rle_trans; [apply Rmult_le_compat_l; [auto|apply Rabs_triang]|].
        rewrite Rmult_plus_distr_l, Rabs_mult, (Rabs_pos_eq (mass c)), Rmult_assoc by lra.
        apply Rplus_le_compat_l, IH; intros d Hd; apply cs_positive; simpl; auto. }
clear C; induction cs as [|c l' IH].
- unfold sum; simpl; rewrite (RInt_const (V := R_CompleteNormedModule)).
  change ((q - p) * 0 <= 4 * phi1 * K * 0); lra.
- pose proof (cs_positive c (or_introl eq_refl)) as [Hm Hv].
  assert (S : RInt (fun x => sum (c :: l')
      (fun c => K * mass c * Rabs (gaussian_curvature (mean c) (variance c + s) x))) p q =
    K * mass c * RInt (fun x => Rabs (gaussian_curvature (mean c) (variance c + s) x)) p q +
    RInt (fun x => sum l'
      (fun c => K * mass c * Rabs (gaussian_curvature (mean c) (variance c + s) x))) p q).
  { apply is_RInt_unique, (is_RInt_plus (V := R_NormedModule)
      (fun x => K * mass c * Rabs (gaussian_curvature (mean c) (variance c + s) x))).
    - apply (is_RInt_scal (V := R_NormedModule)), (RInt_correct (V := R_CompleteNormedModule)).
      apply ex_RInt_of_continuous, abs_curvature_continuous.
    - apply (RInt_correct (V := R_CompleteNormedModule)), ex_RInt_of_continuous; intros x.
      apply (sum_continuous l'
        (fun x c => K * mass c * Rabs (gaussian_curvature (mean c) (variance c + s) x))).
      intros d; apply (continuous_mult (fun _ => K * mass d)); [apply continuous_const|].
      apply abs_curvature_continuous. }
  rewrite S; change (sum (c :: l') ?f) with (f c + sum l' f); rewrite Rmult_plus_distr_l.
  apply Rplus_le_compat; [|apply IH; intros d Hd; apply cs_positive; simpl; auto].
  replace (4 * phi1 * K * (mass c / variance c)) with (K * mass c * (4 * (phi1 / variance c)))
    by (field; lra).
  apply Rmult_le_compat_l; [apply Rmult_le_pos; lra|].
  eapply Rle_trans; [apply abs_curvature_integral; lra|].
  apply Rmult_le_compat_l; [lra|]; apply Rmult_le_compat_l;
    [apply Rlt_le, gaussian_pos; lra|apply Rinv_le_contravar; lra].
Qed.

Notation rate := (2 * phi1 * K * sum cs (fun c => mass c / variance c)).

Lemma window_change s p q : 0 <= s -> p <= q ->
  Rabs (RInt (fun x => u cs s x * l2 x) p q - RInt (fun x => u cs 0 x * l2 x) p q) <= rate * s.
Proof.
intros Hs Hpq; pose (F t := RInt (fun x => u cs t x * l2 x) p q : R).
pose (dF t := / 2 * RInt (fun x => u_xx cs t x * l2 x) p q).
assert (D : forall t, 0 <= t -> is_derive F t (dF t)).
{ intros t Ht; destruct (u_tails cs 0 t (Rle_refl 0) (positive_admissible t Ht))
    as [d [c [Hd [Hc B]]]].
  apply (window_heat (u cs) (u_x cs) (u_xx cs) t d); auto.
  - intros z x Hz; apply heat, B, Hz.
  - intros z x Hz; apply is_derive_u, B, Hz.
  - intros z x Hz; apply u_xx_continuous, B, Hz.
  - rewrite Rminus_eq_0, Rabs_R0; auto. }
destruct (MVT_gen F 0 s dF) as [t [Ht E]].
- intros t Ht; rewrite Rmin_left in Ht by auto; apply D; lra.
- intros t Ht; rewrite Rmin_left in Ht by auto.
  apply derivable_continuous_pt; exists (dF t); apply is_derive_Reals, D; lra.
- rewrite Rmin_left, Rmax_right in Ht by auto; fold (F s) (F 0); rewrite E, Rminus_0_r.
  rewrite Rabs_mult, (Rabs_pos_eq s) by auto; apply Rmult_le_compat_r; auto; unfold dF.
  rewrite Rabs_mult, (Rabs_pos_eq (/ 2)) by lra.
  pose proof (proj2 (u_xx_against t p q (proj1 Ht) Hpq)); lra.
Qed.

Lemma window_parts s p q : 0 <= s ->
  RInt (fun x => u_x cs s x * l1 x) p q =
  (u cs s q * l1 q - u cs s p * l1 p) - RInt (fun x => u cs s x * l2 x) p q :> R.
Proof.
intros Hs; pose proof (positive_admissible s Hs) as A.
assert (C0 : forall x, continuous (fun x => u_x cs s x * l1 x) x).
{ intros x; apply (continuous_mult (u_x cs s) l1).
  - apply (derive_continuous _ _ _ (is_derive_u_x cs s x A)).
  - apply (derive_continuous _ _ _ (l1_x x)). }
assert (C1 : forall x, continuous (fun x => u cs s x * l2 x) x).
{ intros x; apply (continuous_mult (u cs s) l2); auto.
  apply (derive_continuous _ _ _ (is_derive_u cs s x A)). }
assert (P : is_RInt (fun x => u_x cs s x * l1 x + u cs s x * l2 x) p q
  (u cs s q * l1 q - u cs s p * l1 p)).
{ apply (is_RInt_derive (fun x => u cs s x * l1 x)); intros x _.
  - apply (is_derive_mult (u cs s) l1 x); auto; [apply is_derive_u, A|intros; apply Rmult_comm].
  - apply (continuous_plus (fun x => u_x cs s x * l1 x) (fun x => u cs s x * l2 x)); auto. }
assert (S : RInt (fun x => u_x cs s x * l1 x + u cs s x * l2 x) p q =
  RInt (fun x => u_x cs s x * l1 x) p q + RInt (fun x => u cs s x * l2 x) p q).
{ apply (RInt_plus (V := R_CompleteNormedModule) (fun x => u_x cs s x * l1 x));
    apply ex_RInt_of_continuous; auto. }
rewrite (is_RInt_unique _ _ _ _ P) in S; lra.
Qed.

Lemma slope_share_change s : 0 <= s ->
  Rabs (slope_share cs l1 s - slope_share cs l1 0) <= rate * s.
Proof.
intros Hs; assert (C : forall x, continuous l1 x) by (intros x; apply (derive_continuous _ _ _ (l1_x x))).
pose (A t n := RInt (fun x => u_x cs t x * l1 x) (- INR n) (INR n) : R).
assert (near : forall t, 0 <= t -> is_lim_seq (A t) (slope_share cs l1 t) /\
  exists c, forall n, Rabs (u cs t (INR n) * l1 (INR n) - u cs t (- INR n) * l1 (- INR n)) <=
    c * exp (- INR n)).
{ intros t Ht; pose proof (positive_admissible t Ht) as P; split.
  - apply (line_integral_limit (fun x => u_x cs t x * l1 x)).
    + apply (theorem_5_share cs l l1 a b l_x C b_ge0 l_growth l1_growth t P).
    + apply (products_continuous cs l l1 l_x C t P).
  - destruct (product_tails cs l l1 a b b_ge0 l_growth l1_growth t P) as [d [c [Hd [Hc B]]]].
    destruct (B t) as [_ T]; [rewrite Rminus_eq_0, Rabs_R0; auto|].
    exists (2 * c); intros n.
    destruct (T (INR n)) as [_ [_ [_ U]]]; destruct (T (- INR n)) as [_ [_ [_ V]]].
    rewrite Rabs_Ropp in V; rewrite (Rabs_pos_eq (INR n)) in U, V by apply pos_INR.
    apply Rabs_le_between in U; apply Rabs_le_between in V; apply Rabs_le; lra. }
destruct (near s Hs) as [L1 [c1 B1]]; destruct (near 0 (Rle_refl 0)) as [L0 [c0 B0]].
apply (is_lim_seq_le (fun n => Rabs (A s n - A 0 n)) (fun n => rate * s + (c1 + c0) * exp (- INR n))
  (Rabs (slope_share cs l1 s - slope_share cs l1 0)) (rate * s)).
- intros n; pose proof (pos_INR n); unfold A; rewrite !window_parts by lra.
  pose proof (window_change s (- INR n) (INR n) Hs ltac:(lra)) as W.
  specialize (B1 n); specialize (B0 n).
  apply Rabs_le_between in W; apply Rabs_le_between in B1; apply Rabs_le_between in B0.
  apply Rabs_le; lra.
- apply (is_lim_seq_abs _ (Finite _)), is_lim_seq_minus'; auto.
- replace (Finite (rate * s)) with (Finite (rate * s + 0)) by (f_equal; ring).
  apply is_lim_seq_plus'; [apply is_lim_seq_const|apply exp_tail_vanishes].
Qed.
End Share.

(** ** The law *)

Definition curved_model (L : mixture) (Q : R -> nat -> R) (K : R) : Prop :=
  forall y, (y < length L)%nat -> (forall x, 0 < Q x y) /\ curvature_at_most K (fun x => ln (Q x y)).
Definition sharpness (L : mixture) : R :=
  sum (seq 0 (length L)) (fun y => sum (nth y L []) (fun c => mass c / variance c)).

Lemma sum_abs_le_sum {Y : Type} (l : list Y) f g :
  (forall y, In y l -> Rabs (f y) <= g y) -> Rabs (sum l f) <= sum l g.
Proof.
intros H; assert (B : forall y, In y l -> - g y <= f y <= g y)
  by (intros y Hy; apply Rabs_le_between, H, Hy).
apply Rabs_le; split; [|apply sum_le; intros; apply B; auto].
replace (- sum l g) with (sum l (fun y => -1 * g y)) by (rewrite sum_scal; ring).
apply sum_le; intros y Hy; pose proof (B y Hy); lra.
Qed.

Lemma total_product_change L Q K s : proper L -> curved_model L Q K -> 0 <= s ->
  Rabs (total_product L Q s - total_product L Q 0) <= 2 * phi1 * K * sharpness L * s.
Proof.
intros HL H Hs; unfold total_product; rewrite <- sum_minus.
replace (2 * phi1 * K * sharpness L * s) with (sum (seq 0 (length L))
  (fun y => 2 * phi1 * K * s * sum (nth y L []) (fun c => mass c / variance c)))
  by (rewrite sum_scal; unfold sharpness; ring).
apply sum_abs_le_sum; intros y Hy; apply in_seq in Hy.
destruct (H y ltac:(lia)) as [_ [l1 [l2 C]]]; destruct (curvature_growth K _ l1 l2 C) as [a G].
set (l x := ln (Q x y)) in *.
assert (E : forall x, Derive l x = l1 x) by (intros x; apply is_derive_unique, C).
replace (2 * phi1 * K * s * sum (nth y L []) (fun c => mass c / variance c))
  with (2 * phi1 * K * sum (nth y L []) (fun c => mass c / variance c) * s) by ring.
apply (slope_share_change (nth y L []) l (Derive l) l2 a 2 K); auto; try lra.
- intros c Hc; apply (positive_in L y c HL Hc).
- intros x; rewrite E; apply C.
- intros x; apply (is_derive_ext l1); [intros z; symmetry; apply E|apply C].
- intros x; apply C.
- intros x; apply C.
- intros x; apply G.
- intros x; rewrite E; apply G.
Qed.

Lemma proper_smooth s L : proper L -> 0 <= s -> proper (smooth s L).
Proof.
intros H Hs; unfold proper, smooth in *; rewrite Forall_map; revert H; apply Forall_impl.
intros cs [N P]; split; [destruct cs; [elim N; reflexivity|discriminate]|].
rewrite Forall_map; revert P; apply Forall_impl; intros c [Pm Pv]; split; simpl; lra.
Qed.

(** A derivative that changes at a bounded rate leaves a quadratic remainder. *)
Lemma quadratic_remainder (f df : R -> R) k s : 0 <= s ->
  (forall t, 0 <= t -> is_derive f t (df t)) ->
  (forall t, 0 <= t -> Rabs (df t - df 0) <= k * t) ->
  Rabs (f s - f 0 - s * df 0) <= k / 2 * s ^ 2.
Proof.
intros Hs D H; assert (T : forall e, e = 1 \/ e = -1 -> e * (f s - f 0 - s * df 0) <= k / 2 * s ^ 2).
{ intros e He; pose (h t := e * (f t - t * df 0) - k / 2 * t ^ 2).
  assert (Dh : forall t, 0 <= t -> is_derive h t (e * (df t - df 0) - k * t)).
  { intros t Ht; unfold h; pose proof (D t Ht).
    apply (is_derive_minus (fun t => e * (f t - t * df 0)) (fun t => k / 2 * t ^ 2)).
    - apply (is_derive_scal (fun t => f t - t * df 0)), (is_derive_minus f (fun t => t * df 0)); auto.
      auto_derive; auto; ring.
    - auto_derive; auto; field. }
  destruct (MVT_gen h 0 s (fun t => e * (df t - df 0) - k * t)) as [t [Ht E]].
  - intros t Ht; rewrite Rmin_left in Ht by auto; apply Dh; lra.
  - intros t Ht; rewrite Rmin_left in Ht by auto.
    apply derivable_continuous_pt; eexists; apply is_derive_Reals, Dh; lra.
  - rewrite Rmin_left in Ht by auto; pose proof (H t (proj1 Ht)) as B.
    apply Rabs_le_between in B; unfold h in E.
    assert (e * (df t - df 0) - k * t <= 0) by (destruct He as [-> | ->]; lra).
    assert ((e * (df t - df 0) - k * t) * (s - 0) <= 0) by nra.
    replace (k / 2 * 0 ^ 2) with 0 in E by ring; lra. }
pose proof (T 1 (or_introl eq_refl)); pose proof (T (-1) (or_intror eq_refl)).
apply Rabs_le; lra.
Qed.

Theorem theorem_5_remainder L Q K : proper L -> curved_model L Q K ->
  exists (R_G : R -> R) (e : R), gradient_product L Q 0 e /\ forall s, 0 <= s ->
    smoothed_risk L Q s (R_G s) /\
    Rabs (R_G s - R_G 0 - s * (e / 2)) <= s ^ 2 / 2 * (phi1 * K * sharpness L).
Proof.
intros HL H; assert (M : moderate_model L Q).
{ intros y Hy; destruct (H y Hy) as [P C]; split; auto; apply (curvature_moderate K), C. }
assert (T : forall s, 0 <= s -> _) by
  (intros s Hs; exact (theorem_5_totals L Q s M (proper_smooth s L HL Hs))).
exists (total_risk L Q), (total_product L Q 0).
split; [exact (proj1 (proj2 (T 0 (Rle_refl 0))))|]; intros s Hs.
split; [exact (proj1 (T s Hs))|].
replace (s ^ 2 / 2 * (phi1 * K * sharpness L)) with (phi1 * K * sharpness L / 2 * s ^ 2) by field.
apply (quadratic_remainder (total_risk L Q) (fun t => total_product L Q t / 2)); auto.
- intros t Ht; exact (proj2 (proj2 (T t Ht))).
- intros t Ht; pose proof (total_product_change L Q K t HL H Ht) as B.
  apply Rabs_le_between in B; apply Rabs_le; lra.
Qed.

(** ** Linear logits *)

Theorem theorem_5_remainder_linear L logits c d : proper L -> logits <> [] ->
  (forall q, In q logits -> square q = 0 /\ Rabs (linear q - c) <= d) ->
  exists (R_G : R -> R) (e : R), gradient_product L (softmax logits) 0 e /\ forall s, 0 <= s ->
    smoothed_risk L (softmax logits) s (R_G s) /\
    Rabs (R_G s - R_G 0 - s * (e / 2)) <= s ^ 2 / 2 * (phi1 * d ^ 2 * sharpness L).
Proof.
intros HL N H; apply theorem_5_remainder; auto; intros y _.
split; [intros x; apply softmax_pos, N|apply (linear_curvature logits c d N H)].
Qed.

(** For the toy law and the logits 1 - x and 0: 1/4 and 3/8. *)
Theorem theorem_5_toy_remainder :
  exists (R_G : R -> R) (e : R), gradient_product toy toy_linear 0 e /\ forall s, 0 <= s ->
    smoothed_risk toy toy_linear s (R_G s) /\
    Rabs (R_G s - R_G 0 - s * (e / 2)) <= s ^ 2 / 2 * (phi1 * (1 / 4) * (3 / 8)).
Proof.
destruct (theorem_5_remainder_linear toy [Quadratic 0 (-1) 1; Quadratic 0 0 0] (- / 2) (/ 2))
  as [R_G [e [E T]]]; [|discriminate| |].
- repeat constructor; simpl; try discriminate; lra.
- intros q [<-|[<-|[]]]; simpl; split; auto; apply Rabs_le; lra.
- exists R_G, e; split; [exact E|]; intros s Hs; destruct (T s Hs) as [S B]; split; [exact S|].
  replace (1 / 4) with ((/ 2) ^ 2) by field.
  replace (3 / 8) with (sharpness toy) by (unfold sharpness, toy, sum; simpl; field); exact B.
Qed.
