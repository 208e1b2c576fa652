(** * Improper integrals of nonnegative functions over the line

    [line_integral f r]: the integral of [f] over the whole line is [r], the limit of the integrals
    over [a, b] as a and b tend to the two infinities independently (Coquelicot's [is_RInt_gen]).

    It determines r ([line_integral_unique]).

    Main lemma: [line_integral_near_window]. A continuous nonnegative function that is at most
    exp(-|x|) for |x| >= b has an integral over the line, which exceeds the one over [-b, b] by at
    most 2 exp(-b). *)
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
Variables (f : R -> R) (b : R).
Hypothesis f_continuous : forall x, continuous f x.
Hypothesis f_ge0 : forall x, 0 <= f x.
Hypothesis f_tail : forall x, b <= Rabs x -> f x <= exp (- Rabs x).
Hypothesis b_ge0 : 0 <= b.

Lemma RInt_exp s u v : s <> 0 ->
  is_RInt (fun x => exp (s * x)) u v ((exp (s * v) - exp (s * u)) / s).
Proof.
intros Hs; replace ((exp (s * v) - exp (s * u)) / s) with (exp (s * v) / s - exp (s * u) / s)
  by (field; auto).
apply (is_RInt_derive (fun x => exp (s * x) / s)); intros x _.
- auto_derive; auto; field; auto.
- apply (ex_derive_continuous (fun x => exp (s * x))); auto_derive; auto.
Qed.

Lemma right_tail u v : b <= u -> u <= v -> 0 <= RInt f u v <= exp (- u).
Proof.
intros Hu Huv; split; [apply RInt_ge_0; auto; apply ex_RInt_of_continuous; auto|].
assert (n0 : -1 <> 0) by (intro; lra); assert (I := RInt_exp (-1) u v n0).
eapply Rle_trans; [apply (RInt_le f (fun x => exp (-1 * x)) u v Huv)|].
- apply ex_RInt_of_continuous; auto.
- eexists; exact I.
- intros x Hx; replace (-1 * x) with (- Rabs x) by (rewrite Rabs_pos_eq; lra).
  apply f_tail; rewrite Rabs_pos_eq; lra.
- rewrite (is_RInt_unique _ _ _ _ I); replace (-1 * u) with (- u) by ring.
  pose proof (exp_pos (-1 * v)); lra.
Qed.

Lemma left_tail u v : b <= u -> v <= - u -> 0 <= RInt f v (- u) <= exp (- u).
Proof.
intros Hu Huv; split; [apply RInt_ge_0; auto; apply ex_RInt_of_continuous; auto|].
assert (I := RInt_exp 1 v (- u) R1_neq_R0).
eapply Rle_trans; [apply (RInt_le f (fun x => exp (1 * x)) v (- u) Huv)|].
- apply ex_RInt_of_continuous; auto.
- eexists; exact I.
- intros x Hx; replace (1 * x) with (- Rabs x) by (rewrite Rabs_left1; lra).
  apply f_tail; rewrite Rabs_left1; lra.
- rewrite (is_RInt_unique _ _ _ _ I), Rmult_1_l; pose proof (exp_pos (1 * v)); lra.
Qed.

Lemma RInt_near_window u v w : b <= u -> v <= - u -> u <= w ->
  RInt f (- u) u <= RInt f v w <= RInt f (- u) u + 2 * exp (- u).
Proof.
intros Hu Hv Hw; rewrite (RInt_cut f v (- u) w), (RInt_cut f (- u) u w) by auto.
pose proof (left_tail u v Hu Hv); pose proof (right_tail u w Hu Hw); lra.
Qed.

Let window (n : nat) : R := RInt f (- (b + INR n)) (b + INR n).

Lemma exp_window_vanishes eps : 0 < eps -> exists n, 2 * exp (- (b + INR n)) < eps.
Proof.
intros He; destruct (nfloor_ex (2 / eps)) as [n Hn]; [apply Rlt_le, Rdiv_lt_0_compat; lra|].
exists (S n); rewrite S_INR, exp_Ropp.
assert (E : INR n + 1 < exp (b + (INR n + 1))).
{ pose proof (exp_ineq1_le (b + (INR n + 1))); lra. }
apply Rmult_lt_reg_r with (exp (b + (INR n + 1))); [apply exp_pos|].
rewrite Rmult_assoc, Rinv_l by (apply Rgt_not_eq, exp_pos).
apply Rle_lt_trans with (eps * (2 / eps)); [right; field; lra|].
apply Rmult_lt_compat_l; lra.
Qed.

Theorem line_integral_near_window : exists r,
  line_integral f r /\ RInt f (- b) b <= r <= RInt f (- b) b + 2 * exp (- b).
Proof.
assert (W : forall m n, (m <= n)%nat -> window m <= window n <= window m + 2 * exp (- (b + INR m))).
{ intros m n Hmn; apply le_INR in Hmn; pose proof (pos_INR m).
  apply RInt_near_window; clear - b_ge0 H Hmn; lra. }
assert (W0 : window 0 = RInt f (- b) b) by (unfold window; simpl; now rewrite Rplus_0_r).
assert (H0 : exp (- (b + INR 0)) = exp (- b)) by (simpl; now rewrite Rplus_0_r).
destruct (ex_finite_lim_seq_incr window (RInt f (- b) b + 2 * exp (- b))) as [r Hr].
- intros n; apply W; auto.
- intros n; rewrite <- W0, <- H0; apply W, le_0_n.
- assert (B : forall m, window m <= r <= window m + 2 * exp (- (b + INR m))).
  { intros m; split.
    - apply (is_lim_seq_le_loc (fun _ => window m) window (window m) r); auto;
        [|apply is_lim_seq_const]; exists m; intros n Hn; apply W; auto.
    - apply (is_lim_seq_le_loc window (fun _ => window m + 2 * exp (- (b + INR m))) r
        (window m + 2 * exp (- (b + INR m)))); auto; [|apply is_lim_seq_const].
      exists m; intros n Hn; apply W; auto. }
  exists r; split; [|rewrite <- W0, <- H0; apply B].
  intros P [eps HP]; destruct (exp_window_vanishes eps (cond_pos eps)) as [n Hn].
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
