(** * Improper integrals over the line

    [line_integral f r]: the integral of [f] over the whole line is [r], the limit of the integrals
    over [a, b] as a and b tend to the two infinities independently (Coquelicot's [is_RInt_gen]).

    It determines r ([line_integral_unique]), which [over_line f] is.

    Main lemmas:
    - [line_integral_near_window]. A continuous nonnegative function that is at most c exp(-k |x|)
      for |x| >= b has an integral over the line, which exceeds the one over [-b, b] by at most
      (2 c / k) exp(-k b).
    - [line_integral_of_tail]. A continuous function of either sign that is at most c exp(-|x|) in
      absolute value has an integral over the line, within 4 c exp(-n) of the one over [-n, n].
    - [line_integral_plus], [line_integral_scal], [line_integral_sum], linearity;
      [line_integral_affine], the substitution of a x + b. *)
From Coq Require Import Reals Lra List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels.
Open Scope R_scope.

Definition line_integral (f : R -> R) (r : R) : Prop :=
  is_RInt_gen f (Rbar_locally m_infty) (Rbar_locally p_infty) r.

Lemma ex_RInt_of_continuous (f : R -> R) a b : (forall x, continuous f x) -> ex_RInt f a b.
Proof. intros H; apply (ex_RInt_continuous (V := R_CompleteNormedModule)); auto. Qed.

Lemma line_integral_unique f r r' : line_integral f r -> line_integral f r' -> r = r'.
Proof.
intros H H'; rewrite <- (is_RInt_gen_unique (V := R_CompleteNormedModule) _ _ H).
apply (is_RInt_gen_unique (V := R_CompleteNormedModule) _ _ H').
Qed.

(** The number, where there is one. *)
Definition over_line (f : R -> R) : R :=
  RInt_gen (V := R_CompleteNormedModule) f (Rbar_locally m_infty) (Rbar_locally p_infty).

Lemma over_line_correct f r : line_integral f r -> line_integral f (over_line f).
Proof.
intros H; unfold over_line; rewrite (is_RInt_gen_unique (V := R_CompleteNormedModule) _ _ H); exact H.
Qed.

Lemma line_integral_ext f g r : (forall x, f x = g x) -> line_integral f r -> line_integral g r.
Proof.
intros E H.
refine (is_RInt_gen_ext (Fa := Rbar_locally m_infty) (Fb := Rbar_locally p_infty) f g r _ H).
apply (Filter_prod _ _ _ (fun _ => True) (fun _ => True)); [exact filter_true..|intros; apply E].
Qed.

(** Cutting an interval: the integral over the whole is the sum of those over the pieces. *)
Lemma RInt_cut (f : R -> R) a b c : (forall x, continuous f x) ->
  RInt f a c = RInt f a b + RInt f b c.
Proof.
intros H; symmetry.
apply (RInt_Chasles (V := R_CompleteNormedModule) f a b c); apply ex_RInt_of_continuous; auto.
Qed.

Section Line.
Variables (f : R -> R) (b c k : R).
Hypothesis f_continuous : forall x, continuous f x.
Hypothesis f_ge0 : forall x, 0 <= f x.
Hypothesis f_tail : forall x, b <= Rabs x -> f x <= c * exp (- (k * Rabs x)).
Hypothesis b_ge0 : 0 <= b.
Hypothesis c_ge0 : 0 <= c.
Hypothesis k_pos : 0 < k.

Notation tail u := (c / k * exp (- (k * u))).

Lemma tail_ge0 u : 0 <= tail u.
Proof.
pose proof (exp_pos (- (k * u))).
apply Rmult_le_pos; [apply Rdiv_le_0_compat; auto|lra].
Qed.

Lemma RInt_exp s u v : s <> 0 ->
  is_RInt (fun x => c * exp (s * x)) u v (c / s * exp (s * v) - c / s * exp (s * u)).
Proof.
intros Hs; apply (is_RInt_derive (fun x => c / s * exp (s * x))); intros x _.
- auto_derive; auto; field; auto.
- apply (ex_derive_continuous (fun x => c * exp (s * x))); auto_derive; auto.
Qed.

Lemma right_tail u v : b <= u -> u <= v -> 0 <= RInt f u v <= tail u.
Proof.
intros Hu Huv; split; [apply RInt_ge_0; auto; apply ex_RInt_of_continuous; auto|].
assert (n0 : - k <> 0) by lra; assert (I := RInt_exp (- k) u v n0).
eapply Rle_trans; [apply (RInt_le f (fun x => c * exp (- k * x)) u v Huv)|].
- apply ex_RInt_of_continuous; auto.
- eexists; exact I.
- intros x Hx; replace (- k * x) with (- (k * Rabs x)) by (rewrite Rabs_pos_eq; lra).
  apply f_tail; rewrite Rabs_pos_eq; lra.
- rewrite (is_RInt_unique _ _ _ _ I); pose proof (tail_ge0 v).
  rewrite <- !Ropp_mult_distr_l; unfold Rdiv in *; rewrite <- Ropp_inv_permute by lra; lra.
Qed.

Lemma left_tail u v : b <= u -> v <= - u -> 0 <= RInt f v (- u) <= tail u.
Proof.
intros Hu Huv; split; [apply RInt_ge_0; auto; apply ex_RInt_of_continuous; auto|].
assert (n0 : k <> 0) by lra; assert (I := RInt_exp k v (- u) n0).
eapply Rle_trans; [apply (RInt_le f (fun x => c * exp (k * x)) v (- u) Huv)|].
- apply ex_RInt_of_continuous; auto.
- eexists; exact I.
- intros x Hx; replace (k * x) with (- (k * Rabs x)) by (rewrite Rabs_left1; lra).
  apply f_tail; rewrite Rabs_left1; lra.
- rewrite (is_RInt_unique _ _ _ _ I); pose proof (tail_ge0 (- v)).
  replace (- (k * - v)) with (k * v) in * by ring; replace (k * - u) with (- (k * u)) by ring; lra.
Qed.

Lemma RInt_near_window u v w : b <= u -> v <= - u -> u <= w ->
  RInt f (- u) u <= RInt f v w <= RInt f (- u) u + 2 * tail u.
Proof.
intros Hu Hv Hw; rewrite (RInt_cut f v (- u) w), (RInt_cut f (- u) u w) by auto.
pose proof (left_tail u v Hu Hv); pose proof (right_tail u w Hu Hw); lra.
Qed.

Let window (n : nat) : R := RInt f (- (b + INR n)) (b + INR n).

Lemma tail_vanishes eps : 0 < eps -> exists n, 2 * tail (b + INR n) < eps.
Proof.
intros He; destruct (nfloor_ex (2 * c / k / eps / k)) as [n Hn].
{ repeat apply Rdiv_le_0_compat; lra. }
exists (S n); rewrite S_INR, exp_Ropp.
set (e := k * (b + (INR n + 1))).
assert (E : 2 * c / k / eps < exp e).
{ apply Rlt_trans with (k * (INR n + 1)).
  - replace (2 * c / k / eps) with (k * (2 * c / k / eps / k)) by (field; lra).
    apply Rmult_lt_compat_l; lra.
  - pose proof (exp_ineq1_le e); unfold e in *; nra. }
pose proof (exp_pos e); apply Rmult_lt_reg_r with (exp e); auto.
rewrite Rmult_assoc, Rmult_assoc, Rinv_l, Rmult_1_r by lra.
replace (2 * (c / k)) with (eps * (2 * c / k / eps)) by (field; lra).
apply Rmult_lt_compat_l; lra.
Qed.

Theorem line_integral_near_window : exists r,
  line_integral f r /\ RInt f (- b) b <= r <= RInt f (- b) b + 2 * tail b.
Proof.
assert (W : forall m n, (m <= n)%nat -> window m <= window n <= window m + 2 * tail (b + INR m)).
{ intros m n Hmn; apply le_INR in Hmn; pose proof (pos_INR m).
  apply RInt_near_window; clear - b_ge0 H Hmn; lra. }
assert (W0 : window 0 = RInt f (- b) b) by (unfold window; simpl; now rewrite Rplus_0_r).
assert (H0 : tail (b + INR 0) = tail b) by (simpl; now rewrite Rplus_0_r).
destruct (ex_finite_lim_seq_incr window (RInt f (- b) b + 2 * tail b)) as [r Hr].
- intros n; apply W; auto.
- intros n; rewrite <- W0, <- H0; apply W, le_0_n.
- assert (B : forall m, window m <= r <= window m + 2 * tail (b + INR m)).
  { intros m; split.
    - apply (is_lim_seq_le_loc (fun _ => window m) window (window m) r); auto;
        [|apply is_lim_seq_const]; exists m; intros n Hn; apply W; auto.
    - apply (is_lim_seq_le_loc window (fun _ => window m + 2 * tail (b + INR m)) r
        (window m + 2 * tail (b + INR m))); auto; [|apply is_lim_seq_const].
      exists m; intros n Hn; apply W; auto. }
  exists r; split; [|rewrite <- W0, <- H0; apply B].
  intros P [eps HP]; destruct (tail_vanishes eps (cond_pos eps)) as [n Hn].
  apply (Filter_prod _ _ _ (fun v => v < - (b + INR n)) (fun w => b + INR n < w)).
  + exists (- (b + INR n)); auto.
  + exists (b + INR n); auto.
  + intros v w Hv Hw; exists (RInt f v w); simpl; split.
    * apply (RInt_correct (V := R_CompleteNormedModule)), ex_RInt_of_continuous; auto.
    * apply HP; change (Rabs (RInt f v w - r) < eps).
      pose proof (B n); pose proof (pos_INR n).
      pose proof (RInt_near_window (b + INR n) v w) as I; fold (window n) in I.
      apply Rabs_lt_between; assert (b <= b + INR n) by lra; destruct I; lra.
Qed.
End Line.

(** ** Linear combinations, and affine substitution *)

Lemma line_integral_plus f g r r' : line_integral f r -> line_integral g r' ->
  line_integral (fun x => f x + g x) (r + r').
Proof.
exact (is_RInt_gen_plus (V := R_NormedModule) (Fa := Rbar_locally m_infty)
  (Fb := Rbar_locally p_infty) f g r r').
Qed.

Lemma line_integral_scal f r c : line_integral f r -> line_integral (fun x => c * f x) (c * r).
Proof.
exact (is_RInt_gen_scal (V := R_NormedModule) (Fa := Rbar_locally m_infty)
  (Fb := Rbar_locally p_infty) f c r).
Qed.

Lemma line_integral_sum {Y : Type} (labels : list Y) (f : R -> Y -> R) (r : Y -> R) :
  (forall y, In y labels -> line_integral (fun x => f x y) (r y)) ->
  line_integral (fun x => sum labels (f x)) (sum labels r).
Proof.
unfold sum; induction labels as [|y l IH]; simpl; intros H.
- intros P [eps HP]; apply (Filter_prod _ _ _ (fun _ => True) (fun _ => True));
    [exact filter_true..|]; intros a b _ _; exists 0; split; [|apply HP, ball_center].
  pose proof (is_RInt_const (V := R_NormedModule) a b 0) as I.
  change (is_RInt (fun _ => 0) a b ((b - a) * 0)) in I; rewrite Rmult_0_r in I; exact I.
- apply line_integral_plus; [apply H; auto|apply IH; auto].
Qed.

Lemma line_integral_affine f r a b : 0 < a -> line_integral f r ->
  line_integral (fun x => a * f (a * x + b)) r.
Proof.
intros Ha H P HP; destruct (H P HP) as [Q1 Q2 [M1 H1] [M2 H2] HQ].
apply (Filter_prod _ _ _ (fun x => Q1 (a * x + b)) (fun x => Q2 (a * x + b))).
- exists ((M1 - b) / a); intros x Hx; apply H1.
  apply Rmult_lt_compat_l with (r := a) in Hx; auto.
  replace (a * ((M1 - b) / a)) with (M1 - b) in Hx by (field; lra); lra.
- exists ((M2 - b) / a); intros x Hx; apply H2.
  apply Rmult_lt_compat_l with (r := a) in Hx; auto.
  replace (a * ((M2 - b) / a)) with (M2 - b) in Hx by (field; lra); lra.
- intros x y Hx Hy; destruct (HQ _ _ Hx Hy) as [i [I Pi]]; exists i; split; auto.
  apply (is_RInt_comp_lin (V := R_NormedModule) f a b x y i I).
Qed.

(** ** Functions of either sign below c exp(-|x|) *)

Theorem line_integral_of_tail f c : (forall x, continuous f x) ->
  (forall x, Rabs (f x) <= c * exp (- Rabs x)) -> exists r, line_integral f r /\
    forall n, Rabs (RInt f (- INR n) (INR n) - r) <= 4 * c * exp (- INR n).
Proof.
intros Hf Hc; set (t x := c * exp (- Rabs x)).
assert (c0 : 0 <= c).
{ pose proof (Hc 0) as B; pose proof (Rabs_pos (f 0)); rewrite Rabs_R0, Ropp_0, exp_0 in B; lra. }
assert (Ht : forall x, continuous t x).
{ intros x; apply (continuous_mult (fun _ => c)); [apply continuous_const|].
  apply (continuous_comp (fun x => - Rabs x) exp).
  - apply (continuous_opp Rabs), continuous_Rabs.
  - apply (ex_derive_continuous exp); auto_derive; auto. }
assert (B : forall x, - t x <= f x <= t x) by (intros x; apply Rabs_le_between, Hc).
assert (near : forall g : R -> R, (forall x, continuous g x) -> (forall x, 0 <= g x <= 2 * t x) ->
  forall n, exists r, line_integral g r /\
    RInt g (- INR n) (INR n) <= r <= RInt g (- INR n) (INR n) + 4 * c * exp (- INR n)).
{ intros g Hg G n; destruct (line_integral_near_window g (INR n) (2 * c) 1) as [r [Hr I]];
    auto; try lra.
  - apply G.
  - intros x _; rewrite Rmult_1_l; pose proof (G x); unfold t in *; lra.
  - apply pos_INR.
  - exists r; split; auto; rewrite Rmult_1_l, Rdiv_1 in I; lra. }
pose (h (x : R) := f x + t x).
assert (Hh : forall x, continuous h x) by (intros x; apply (continuous_plus f t); auto).
assert (Bh : forall x, 0 <= h x <= 2 * t x) by (intros x; pose proof (B x); unfold h; lra).
assert (Bt : forall x, 0 <= t x <= 2 * t x) by (intros x; pose proof (B x); lra).
destruct (near h Hh Bh 0%nat) as [r [Hr _]].
destruct (near t Ht Bt 0%nat) as [w [Hw _]].
exists (r - w); split.
- apply (line_integral_ext (fun x => h x + -1 * t x)); [intros; unfold h; ring|].
  replace (r - w) with (r + -1 * w) by ring.
  apply line_integral_plus; [|apply line_integral_scal]; auto.
- intros n.
  destruct (near h Hh Bh n) as [r' [Hr' I]].
  destruct (near t Ht Bt n) as [w' [Hw' J]].
  rewrite (line_integral_unique _ _ _ Hr' Hr) in I.
  rewrite (line_integral_unique _ _ _ Hw' Hw) in J.
  assert (P : RInt h (- INR n) (INR n) =
    RInt f (- INR n) (INR n) + RInt t (- INR n) (INR n)).
  { apply (RInt_plus (V := R_CompleteNormedModule)); apply ex_RInt_of_continuous; auto. }
  rewrite P in I; apply Rabs_le; lra.
Qed.

Lemma line_integral_limit f r : line_integral f r -> (forall x, continuous f x) ->
  is_lim_seq (fun n => RInt f (- INR n) (INR n)) r.
Proof.
intros H Hf P HP; destruct (H P HP) as [Q1 Q2 [M1 H1] [M2 H2] HQ].
destruct (nfloor_ex (Rmax 0 (Rmax (- M1) M2))) as [N HN]; [apply Rmax_l|].
exists (S N); intros n Hn; apply le_INR in Hn; rewrite S_INR in Hn.
pose proof (Rmax_r 0 (Rmax (- M1) M2)); pose proof (Rmax_l (- M1) M2); pose proof (Rmax_r (- M1) M2).
destruct (HQ (- INR n) (INR n)) as [i [I Pi]]; [apply H1; lra|apply H2; lra|].
simpl in I; rewrite (is_RInt_unique _ _ _ _ I); exact Pi.
Qed.

Lemma exp_tail_vanishes c : is_lim_seq (fun n => c * exp (- INR n)) 0.
Proof.
replace (Finite 0) with (Rbar_mult c 0) by (simpl; f_equal; ring).
apply is_lim_seq_scal_l.
apply (is_lim_comp_seq exp (fun n => - INR n) m_infty 0); [apply is_lim_exp_m|exists 0%nat; easy|].
apply (is_lim_seq_opp INR p_infty), is_lim_seq_INR.
Qed.
