(** * The Gaussian density has integral one, and adding noise adds the variances

    Main lemmas:
    - [line_integral_gaussian]: the density's integral over the line is one;
    - [gaussian_convolution]: the convolution of N(m, v) with N(0, s) is N(m, v + s). *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Coquelicot.
From Score Require Import logistic improper mixtures gaussian.
Open Scope R_scope.

(** ** The integral

    With F(t) the integral of exp(-x^2) over [0, t] and H(t) that of exp(-t^2 (1 + x^2)) / (1 + x^2)
    over [0, 1], the derivative of F^2 + H is zero. Its value at 0 is pi/4, and H vanishes at
    infinity. *)

Definition bell (x : R) : R := exp (- x ^ 2).
Definition bell_integral (t : R) : R := RInt bell 0 t.
Definition bell_rest (t : R) : R := RInt (fun x => exp (- (t ^ 2 * (1 + x ^ 2))) / (1 + x ^ 2)) 0 1.

Lemma bell_continuous x : continuous bell x.
Proof. apply (ex_derive_continuous bell); unfold bell; auto_derive; auto. Qed.

Lemma is_derive_bell_integral t : is_derive bell_integral t (bell t).
Proof.
apply (is_derive_RInt bell bell_integral 0 t); [|apply bell_continuous].
apply filter_forall; intros b; apply (RInt_correct (V := R_CompleteNormedModule)).
apply ex_RInt_of_continuous, bell_continuous.
Qed.

Lemma bell_substitution t : RInt (fun x => t * bell (t * x)) 0 1 = bell_integral t.
Proof.
apply is_RInt_unique.
apply (is_RInt_ext (fun x => scal t (bell (t * x + 0)))).
{ intros x _; rewrite Rplus_0_r; reflexivity. }
apply (is_RInt_comp_lin (V := R_NormedModule) bell t 0 0 1).
rewrite Rmult_0_r, Rmult_1_r, !Rplus_0_r; apply (RInt_correct (V := R_CompleteNormedModule)).
apply ex_RInt_of_continuous, bell_continuous.
Qed.

Lemma is_derive_bell_rest t : is_derive bell_rest t (-2 * bell t * bell_integral t).
Proof.
pose (f t x := exp (- (t ^ 2 * (1 + x ^ 2))) / (1 + x ^ 2)).
pose (f' t x := -2 * t * exp (- (t ^ 2 * (1 + x ^ 2)))).
assert (D : forall t x, is_derive (fun t => f t x) t (f' t x)).
{ intros z x; assert (P : 0 < 1 + x ^ 2) by (pose proof (pow2_ge_0 x); lra); unfold f, f'.
  auto_derive; [lra|].
  change (exp (- (z * (z * 1) * (1 + x * (x * 1))))) with (exp (- (z ^ 2 * (1 + x ^ 2)))); field; lra. }
replace (-2 * bell t * bell_integral t) with (RInt (fun x => Derive (fun t => f t x) t) 0 1).
- apply (is_derive_RInt_param f 0 1 t).
  + apply filter_forall; intros z x _; eexists; apply D.
  + intros x _; apply (continuity_2d_pt_ext f').
    { intros z y; symmetry; apply is_derive_unique, D. }
    apply continuity_2d_pt_mult.
    * apply continuity_2d_pt_mult; [apply continuity_2d_pt_const|apply continuity_2d_pt_id1].
    * apply (continuity_1d_2d_pt_comp exp (fun t x => - (t ^ 2 * (1 + x ^ 2)))).
      { apply derivable_continuous_pt, derivable_pt_exp. }
      apply continuity_2d_pt_opp, continuity_2d_pt_mult.
      { apply (continuity_1d_2d_pt_comp (fun t => t ^ 2) (fun t _ => t));
          [apply derivable_continuous_pt, derivable_pt_pow|apply continuity_2d_pt_id1]. }
      apply continuity_2d_pt_plus; [apply continuity_2d_pt_const|].
      apply (continuity_1d_2d_pt_comp (fun t => t ^ 2) (fun _ x => x));
        [apply derivable_continuous_pt, derivable_pt_pow|apply continuity_2d_pt_id2].
  + apply filter_forall; intros z; apply ex_RInt_of_continuous; intros x.
    apply (ex_derive_continuous (f z)); unfold f; auto_derive; pose proof (pow2_ge_0 x); simpl in *; lra.
- rewrite <- bell_substitution.
  assert (E : RInt (fun x => Derive (fun t => f t x) t) 0 1 =
    RInt (fun x => scal (-2 * bell t) (t * bell (t * x))) 0 1).
  { apply RInt_ext; intros x _; transitivity (f' t x); [apply is_derive_unique, D|].
    change (f' t x = -2 * bell t * (t * bell (t * x))); unfold f', bell.
    replace (- (t ^ 2 * (1 + x ^ 2))) with (- t ^ 2 + - (t * x) ^ 2) by ring.
    rewrite exp_plus; ring. }
  rewrite E.
  apply (RInt_scal (V := R_CompleteNormedModule) (fun x => t * bell (t * x)) 0 1 (-2 * bell t)).
  apply ex_RInt_of_continuous; intros x; apply (ex_derive_continuous (fun x => t * bell (t * x))).
  unfold bell; auto_derive; auto.
Qed.

Lemma bell_conserved t : bell_integral t ^ 2 + bell_rest t = PI / 4.
Proof.
assert (D : forall t, is_derive (fun t => bell_integral t ^ 2 + bell_rest t) t 0).
{ intros z; replace 0 with (INR 2 * bell z * bell_integral z ^ 1 + -2 * bell z * bell_integral z)
    by (simpl; ring).
  apply (is_derive_plus (fun t => bell_integral t ^ 2) bell_rest); [|apply is_derive_bell_rest].
  apply (is_derive_pow bell_integral 2 z (bell z)), is_derive_bell_integral. }
assert (Z : bell_integral 0 ^ 2 + bell_rest 0 = PI / 4).
{ unfold bell_integral; rewrite (RInt_point (V := R_CompleteNormedModule)).
  change (@zero R_CompleteNormedModule) with 0; rewrite pow_i, Rplus_0_l by auto.
  unfold bell_rest; apply is_RInt_unique.
  apply (is_RInt_ext (fun x => / (1 + x ^ 2))).
  { intros x _; replace (- (0 ^ 2 * (1 + x ^ 2))) with 0 by ring; rewrite exp_0; symmetry.
    apply Rmult_1_l. }
  replace (PI / 4) with (Hierarchy.minus (atan 1) (atan 0)).
  2: { rewrite atan_1, atan_0; unfold Hierarchy.minus, plus, opp; simpl; ring. }
  apply (is_RInt_derive atan (fun x => / (1 + x ^ 2))); intros x _; assert (P := pow2_ge_0 x).
  - apply is_derive_Reals, derivable_pt_lim_atan.
  - apply (ex_derive_continuous (fun x => / (1 + x ^ 2))); auto_derive; simpl in *; lra. }
rewrite <- Z; destruct (MVT_gen (fun t => bell_integral t ^ 2 + bell_rest t) 0 t (fun _ => 0))
  as [c [_ E]].
- intros x _; apply D.
- intros x _; apply derivable_continuous_pt; eexists; apply is_derive_Reals, D.
- lra.
Qed.

Lemma bell_rest_bounds t : 0 <= bell_rest t <= exp (- t ^ 2).
Proof.
assert (I : ex_RInt (fun x => exp (- (t ^ 2 * (1 + x ^ 2))) / (1 + x ^ 2)) 0 1).
{ apply ex_RInt_of_continuous; intros x.
  apply (ex_derive_continuous (fun x => exp (- (t ^ 2 * (1 + x ^ 2))) / (1 + x ^ 2))).
  auto_derive; pose proof (pow2_ge_0 x); simpl in *; lra. }
assert (P : forall x, 0 < 1 + x ^ 2) by (intros x; pose proof (pow2_ge_0 x); lra).
split.
- apply RInt_ge_0; [lra|auto|]; intros x _; apply Rdiv_le_0_compat; auto; apply Rlt_le, exp_pos.
- replace (exp (- t ^ 2)) with (RInt (fun _ => exp (- t ^ 2)) 0 1).
  2: { rewrite (RInt_const (V := R_CompleteNormedModule)).
       change ((1 - 0) * exp (- t ^ 2) = exp (- t ^ 2)); ring. }
  apply RInt_le; [lra|auto|apply (ex_RInt_const (V := R_NormedModule))|]; intros x _.
  apply Rmult_le_reg_r with (1 + x ^ 2); auto.
  unfold Rdiv; rewrite Rmult_assoc, Rinv_l by (apply Rgt_not_eq, P).
  pose proof (exp_pos (- t ^ 2)); pose proof (pow2_ge_0 x); pose proof (pow2_ge_0 t).
  assert (exp (- (t ^ 2 * (1 + x ^ 2))) <= exp (- t ^ 2)) by (apply exp_monotone; nra); nra.
Qed.

Lemma bell_integral_odd t : bell_integral (- t) = - bell_integral t.
Proof.
rewrite <- !bell_substitution.
transitivity (RInt (fun x => opp (t * bell (t * x))) 0 1).
- apply RInt_ext; intros x _; change (- t * bell (- t * x) = - (t * bell (t * x))).
  unfold bell; replace (- (- t * x) ^ 2) with (- (t * x) ^ 2) by ring; ring.
- apply (RInt_opp (V := R_CompleteNormedModule) (fun x => t * bell (t * x))).
  apply ex_RInt_of_continuous; intros x; apply (ex_derive_continuous (fun x => t * bell (t * x))).
  unfold bell; auto_derive; auto.
Qed.

Lemma bell_window t : RInt bell (- t) t = 2 * bell_integral t :> R.
Proof.
rewrite (RInt_cut bell (- t) 0 t) by apply bell_continuous.
assert (E : RInt bell (- t) 0 = - RInt bell 0 (- t)).
{ symmetry; apply (opp_RInt_swap (V := R_CompleteNormedModule)).
  apply ex_RInt_of_continuous, bell_continuous. }
rewrite E; fold (bell_integral (- t)); fold (bell_integral t); rewrite bell_integral_odd; ring.
Qed.

Lemma line_integral_bell : line_integral bell (sqrt PI).
Proof.
assert (T : forall x, bell x <= exp 1 * exp (- Rabs x)).
{ intros x; unfold bell; rewrite <- exp_plus, <- (pow2_abs x); apply exp_monotone.
  pose proof (pow2_ge_0 (Rabs x - / 2)); lra. }
destruct (line_integral_of_tail bell (exp 1) bell_continuous) as [r [Hr _]].
{ intros x; rewrite Rabs_pos_eq by (apply Rlt_le, exp_pos); apply T. }
pose proof (line_integral_limit bell r Hr bell_continuous) as Lim.
assert (r0 : 0 <= r).
{ apply (is_lim_seq_le (fun _ => 0) (fun n => RInt bell (- INR n) (INR n)) 0 r);
    auto; [|apply is_lim_seq_const].
  intros n; pose proof (pos_INR n); apply RInt_ge_0; [lra| |intros x _; apply Rlt_le, exp_pos].
  apply ex_RInt_of_continuous, bell_continuous. }
assert (S : is_lim_seq (fun n => RInt bell (- INR n) (INR n) * RInt bell (- INR n) (INR n)) (r * r))
  by (apply is_lim_seq_mult'; auto).
assert (P : is_lim_seq (fun n => RInt bell (- INR n) (INR n) * RInt bell (- INR n) (INR n)) PI).
{ apply (is_lim_seq_ext (fun n => PI - 4 * bell_rest (INR n))).
  { intros n; rewrite bell_window; pose proof (bell_conserved (INR n)); lra. }
  replace PI with (PI - 0) at 1 by ring; apply is_lim_seq_minus'; [apply is_lim_seq_const|].
  apply (is_lim_seq_le_le (fun _ => 0) _ (fun n => 4 * exp 1 * exp (- INR n)) 0);
    [|apply is_lim_seq_const|apply exp_tail_vanishes].
  intros n; pose proof (bell_rest_bounds (INR n)); pose proof (T (INR n)) as B.
  rewrite (Rabs_pos_eq (INR n)) in B by apply pos_INR; unfold bell in B; lra. }
apply is_lim_seq_unique in S; apply is_lim_seq_unique in P; rewrite S in P; injection P as E.
rewrite <- E, sqrt_square by auto; exact Hr.
Qed.

Theorem line_integral_gaussian m v : 0 < v -> line_integral (gaussian m v) 1.
Proof.
intros Hv; pose proof PI_RGT_0 as Hp; set (r := sqrt (2 * v)).
assert (Hr : 0 < r) by (apply sqrt_lt_R0; lra).
assert (P : 0 < sqrt PI) by (apply sqrt_lt_R0; lra).
assert (R2 : r ^ 2 = 2 * v) by (apply pow2_sqrt; lra).
pose proof (line_integral_affine bell (sqrt PI) (/ r) (- m / r) (Rinv_0_lt_compat _ Hr)
  line_integral_bell) as I.
apply (line_integral_scal _ _ (/ sqrt PI)) in I; rewrite Rinv_l in I by lra.
apply line_integral_ext with (2 := I); intros x; unfold gaussian, bell.
replace (2 * PI * v) with (PI * (2 * v)) by ring; rewrite sqrt_mult by lra; fold r.
rewrite <- R2; replace (- (/ r * x + - m / r) ^ 2) with (- (x - m) ^ 2 / r ^ 2) by (field; lra).
field; lra.
Qed.

(** ** The convolution *)

(** Completing the square. *)
Lemma gaussian_product m v s x t : 0 < v -> 0 < s ->
  gaussian m v t * gaussian 0 s (x - t) =
  gaussian m (v + s) x * gaussian ((s * m + v * x) / (v + s)) (v * s / (v + s)) t.
Proof.
intros Hv Hs; pose proof PI_RGT_0; unfold gaussian.
assert (Q : forall a b, 0 < a -> 0 < b ->
  sqrt (2 * PI * a) * sqrt (2 * PI * b) = 2 * PI * sqrt (a * b)).
{ intros a b Ha Hb; rewrite <- sqrt_mult_alt by (apply Rmult_le_pos; lra).
  replace (2 * PI * a * (2 * PI * b)) with ((2 * PI) ^ 2 * (a * b)) by ring.
  rewrite sqrt_mult_alt, sqrt_pow2 by (try apply pow2_ge_0; lra); reflexivity. }
assert (W : 0 < v * s / (v + s)) by (apply Rdiv_lt_0_compat; nra).
assert (F : forall a b c d, 0 < c -> 0 < d -> a / c * (b / d) = a * b / (c * d))
  by (intros; field; lra).
rewrite !F by (apply root_pos; lra); rewrite !Q, <- !exp_plus by lra.
replace ((v + s) * (v * s / (v + s))) with (v * s) by (field; lra).
f_equal; f_equal; field; repeat split; nra.
Qed.

(** Independent noise of variance s adds s to the variance. *)
Theorem gaussian_convolution m v s x : 0 < v -> 0 < s ->
  line_integral (fun t => gaussian m v t * gaussian 0 s (x - t)) (gaussian m (v + s) x).
Proof.
intros Hv Hs; assert (W : 0 < v * s / (v + s)) by (apply Rdiv_lt_0_compat; nra).
pose proof (line_integral_gaussian ((s * m + v * x) / (v + s)) _ W) as I.
apply (line_integral_scal _ _ (gaussian m (v + s) x)) in I; rewrite Rmult_1_r in I.
apply line_integral_ext with (2 := I); intros t; symmetry; apply gaussian_product; auto.
Qed.
