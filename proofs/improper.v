(** * Improper integrals of nonnegative functions over the line

    [line_integral f r]: the integral of [f] over the whole line is [r], the limit of the integrals
    over [a, b] as a and b tend to the two infinities independently (Coquelicot's [is_RInt_gen]).

    It determines r ([line_integral_unique]).

    Main lemma: [line_integral_near_window]. A continuous nonnegative function that is at most
    c exp(-k |x|) for |x| >= b has an integral over the line, which exceeds the one over [-b, b] by
    at most (2 c / k) exp(-k b). *)
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
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
