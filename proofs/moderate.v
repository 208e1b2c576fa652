(** * Functions of moderate growth: log-odds and logarithms of softmax models

    [moderate l]: l is continuously differentiable, and l and its derivative are at most a exp(b |x|)
    in absolute value for some a and b: what Gaussian tails outweigh.

    [curvature_at_most K l]: l is twice continuously differentiable with second derivative at most K in
    absolute value.

    Main lemmas: [log_odds_moderate]; [ln_softmax], the logarithm of a softmax is of the form of
    log-odds; [softmax_moderate]; [curvature_moderate], such functions are moderate;
    [linear_curvature], the logarithms of a softmax of linear logits whose slopes are within d of some
    number have curvature at most d^2. *)
From Coq Require Import Reals Lra Lia Psatz List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels logistic mixtures.
Import ListNotations.
Open Scope R_scope.

Definition moderate (l : R -> R) : Prop := exists (l1 : R -> R) (a b : R), 0 <= b /\
  forall x, is_derive l x (l1 x) /\ continuous l1 x /\
    Rabs (l x) <= a * exp (b * Rabs x) /\ Rabs (l1 x) <= a * exp (b * Rabs x).

Lemma sum_map {X Y : Type} (h : X -> Y) (f : Y -> R) xs :
  sum (map h xs) f = sum xs (fun x => f (h x)).
Proof. unfold sum; induction xs as [|x xs IH]; simpl; [|rewrite IH]; reflexivity. Qed.

(** ** Log-odds *)

Definition slope_size (q : quadratic) : R := 2 * Rabs (square q) + Rabs (linear q).
Definition log_odds_slope_size (h : log_odds) : R :=
  slope_size (lead h) + (sum (above h) slope_size + sum (below h) slope_size).

Lemma slope_le q x : Rabs (slope x q) <= slope_size q * exp (Rabs x).
Proof.
unfold slope, slope_size; pose proof (exp_ineq1_le (Rabs x)); pose proof (Rabs_pos x).
pose proof (Rabs_pos (square q)); pose proof (Rabs_pos (linear q)).
eapply Rle_trans; [apply Rabs_triang|]; rewrite !Rabs_mult, (Rabs_pos_eq 2) by lra.
assert (0 <= Rabs (square q) * (exp (Rabs x) - Rabs x)) by (apply Rmult_le_pos; lra).
assert (0 <= Rabs (linear q) * (exp (Rabs x) - 1)) by (apply Rmult_le_pos; lra); lra.
Qed.

Lemma excess_slope_le l x : Rabs (excess_slope l x) <= sum l slope_size * exp (Rabs x).
Proof.
assert (P : Rabs (sum l (fun r => slope x r * exp (value x r))) <=
  sum l slope_size * exp (Rabs x) * total l x).
{ induction l as [|q l IH]; [unfold total, sum; simpl; rewrite Rabs_R0; lra|].
  pose proof (slope_le q x) as S; pose proof (exp_pos (value x q)) as E.
  pose proof (total_ge0 l x) as T; pose proof (exp_pos (Rabs x)) as X.
  assert (S0 : 0 <= sum l slope_size).
  { apply sum_ge0; intros r _; unfold slope_size.
    pose proof (Rabs_pos (square r)); pose proof (Rabs_pos (linear r)); lra. }
  assert (Q0 : 0 <= slope_size q).
  { unfold slope_size; pose proof (Rabs_pos (square q)); pose proof (Rabs_pos (linear q)); lra. }
  change (total (q :: l) x) with (exp (value x q) + total l x).
  change (sum (q :: l) slope_size) with (slope_size q + sum l slope_size).
  change (sum (q :: l) (fun r => slope x r * exp (value x r)))
    with (slope x q * exp (value x q) + sum l (fun r => slope x r * exp (value x r))).
  eapply Rle_trans; [apply Rabs_triang|]; rewrite Rabs_mult, (Rabs_pos_eq (exp _)) by lra.
  assert (Rabs (slope x q) * exp (value x q) <= slope_size q * exp (Rabs x) * exp (value x q))
    by (apply Rmult_le_compat_r; lra).
  assert (0 <= slope_size q * exp (Rabs x) * total l x)
    by (apply Rmult_le_pos; auto; apply Rmult_le_pos; lra).
  assert (0 <= sum l slope_size * exp (Rabs x) * exp (value x q))
    by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra); lra. }
unfold excess_slope; destruct l as [|q l]; [unfold sum; simpl; rewrite Rabs_R0; lra|].
set (S := sum (q :: l) slope_size * exp (Rabs x)) in *; pose proof (total_ge0 (q :: l) x) as T.
assert (S0 : 0 <= S).
{ apply Rmult_le_pos; [|apply Rlt_le, exp_pos]; apply sum_ge0; intros r _; unfold slope_size.
  pose proof (Rabs_pos (square r)); pose proof (Rabs_pos (linear r)); lra. }
unfold Rdiv; rewrite Rabs_mult, Rabs_inv, (Rabs_pos_eq (1 + _)) by lra.
apply Rmult_le_reg_r with (1 + total (q :: l) x); [lra|].
rewrite Rmult_assoc, Rinv_l by lra; lra.
Qed.

Lemma log_odds_slope_le h x : Rabs (log_odds_slope h x) <= log_odds_slope_size h * exp (Rabs x).
Proof.
unfold log_odds_slope, log_odds_slope_size.
pose proof (slope_le (lead h) x) as B; pose proof (excess_slope_le (above h) x) as B1.
pose proof (excess_slope_le (below h) x) as B2.
apply Rabs_le_between in B; apply Rabs_le_between in B1; apply Rabs_le_between in B2.
apply Rabs_le; lra.
Qed.

Lemma log_odds_slope_continuous h x : continuous (log_odds_slope h) x.
Proof.
assert (S : forall q, continuous (fun x => slope x q) x).
{ intros q; apply (ex_derive_continuous (fun x => slope x q)); unfold slope; auto_derive; auto. }
assert (V : forall q, continuous (fun x => exp (value x q)) x).
{ intros q; apply (ex_derive_continuous (fun x => exp (value x q))); unfold value; auto_derive; auto. }
assert (E : forall l, continuous (excess_slope l) x).
{ intros [|q l]; [apply continuous_const|]; pose proof (total_ge0 (q :: l) x).
  apply (continuous_mult (fun x => sum (q :: l) (fun r => slope x r * exp (value x r)))
    (fun x => / (1 + total (q :: l) x))).
  - apply (sum_continuous (q :: l) (fun x r => slope x r * exp (value x r))).
    intros r; apply (continuous_mult (fun x => slope x r) (fun x => exp (value x r))); auto.
  - apply (continuous_comp (fun x => 1 + total (q :: l) x) Rinv);
      [|apply (ex_derive_continuous Rinv); auto_derive; lra].
    apply (continuous_plus (fun _ => 1)); [apply continuous_const|].
    apply (sum_continuous (q :: l) (fun x r => exp (value x r))); auto. }
apply (continuous_minus (fun x => slope x (lead h) + excess_slope (above h) x)); auto.
apply (continuous_plus (fun x => slope x (lead h))); auto.
Qed.

Lemma log_odds_moderate h : moderate (log_odds_at h).
Proof.
set (a := log_odds_size h 1); set (c := log_odds_slope_size h).
exists (log_odds_slope h), (a + c), 2; split; [lra|]; intros x.
split; [apply is_derive_log_odds|]; split; [apply log_odds_slope_continuous|].
pose proof (Rabs_pos x) as X.
assert (B : Rabs (log_odds_at h x) <= a * exp (2 * Rabs x)).
{ eapply Rle_trans; [apply log_odds_le|].
  eapply Rle_trans; [apply (log_odds_size_le h (Rabs x) (1 + Rabs x)); lra|].
  pose proof (log_odds_growth h 1 (Rabs x) ltac:(lra) X) as G; rewrite Rdiv_1 in G; exact G. }
assert (C : Rabs (log_odds_slope h x) <= c * exp (Rabs x)) by apply log_odds_slope_le.
pose proof (Rabs_pos (log_odds_at h x)); pose proof (Rabs_pos (log_odds_slope h x)).
pose proof (exp_pos (Rabs x)); pose proof (exp_pos (2 * Rabs x)).
assert (E : exp (Rabs x) <= exp (2 * Rabs x)) by (apply exp_monotone; lra).
assert (0 <= a) by nra; assert (0 <= c) by nra; nra.
Qed.

(** ** Softmax models *)

(** The logarithm of a softmax is of the form of log-odds: of the label against all. *)
Definition against_all (logits : list quadratic) (y : nat) : log_odds :=
  match logits with
  | [] => LogOdds (Quadratic 0 0 0) [] []
  | p :: rest => LogOdds (minus (nth y logits (Quadratic 0 0 0)) p) [] (map (fun q => minus q p) rest)
  end.

Lemma ln_softmax logits x y : logits <> [] ->
  ln (softmax logits x y) = log_odds_at (against_all logits y) x.
Proof.
intros N; destruct logits as [|p rest]; [congruence|]; unfold softmax, log_odds_at, against_all.
cbn [lead above below]; set (q := nth y (p :: rest) (Quadratic 0 0 0)).
assert (M : forall r, value x (minus r p) = value x r - value x p)
  by (intros r; unfold value, minus; simpl; ring).
assert (T : sum (p :: rest) (fun q => exp (value x q)) =
  exp (value x p) * exp (excess (map (fun q => minus q p) rest) x)).
{ rewrite exp_excess; unfold total; rewrite sum_map, Rmult_plus_distr_l, <- sum_scal, Rmult_1_r.
  change (sum (p :: rest) ?f) with (f p + sum rest f); f_equal.
  apply sum_ext; intros r _; rewrite M, <- exp_plus; f_equal; ring. }
rewrite T, <- exp_plus, ln_div, !ln_exp, M by apply exp_pos; unfold excess; ring.
Qed.

Lemma softmax_pos logits x y : logits <> [] -> 0 < softmax logits x y.
Proof.
intros N; destruct logits as [|p rest]; [congruence|]; unfold softmax.
apply Rdiv_lt_0_compat; [apply exp_pos|]; pose proof (exp_pos (value x p)) as P.
apply Rlt_le_trans with (1 := P), (term_le_sum (p :: rest) (fun q => exp (value x q)) p);
  [intros; apply Rlt_le, exp_pos|simpl; auto].
Qed.

Lemma softmax_moderate logits y : logits <> [] -> moderate (fun x => ln (softmax logits x y)).
Proof.
intros N; destruct (log_odds_moderate (against_all logits y)) as [l1 [a [b [Hb M]]]].
exists l1, a, b; split; auto; intros x; destruct (M x) as [D [C [B B1]]].
split; [|rewrite ln_softmax by auto; auto].
apply (is_derive_ext (log_odds_at (against_all logits y))); auto.
intros z; symmetry; apply ln_softmax, N.
Qed.

(** ** Functions with a bounded second derivative *)

Definition curvature_at_most (K : R) (l : R -> R) : Prop := exists l1 l2 : R -> R,
  forall x, is_derive l x (l1 x) /\ is_derive l1 x (l2 x) /\ continuous l2 x /\ Rabs (l2 x) <= K.

(** What a bound of the derivative says of a function's growth. *)
Lemma growth_of_derive (f df : R -> R) k c : (forall x, is_derive f x (df x)) -> 0 <= k ->
  (forall x, Rabs (df x) <= c * exp (k * Rabs x)) ->
  forall x, Rabs (f x) <= (Rabs (f 0) + c) * exp ((k + 1) * Rabs x).
Proof.
intros D Hk H x; destruct (MVT_gen f 0 x df) as [z [Hz E]].
- intros y _; apply D.
- intros y _; apply derivable_continuous_pt; eexists; apply is_derive_Reals, D.
- rewrite Rminus_0_r in E; replace (f x) with (f 0 + df z * x) by lra.
  assert (Z : Rabs z <= Rabs x).
  { revert Hz; unfold Rmin, Rmax, Rabs.
    destruct (Rle_dec 0 x), (Rcase_abs z), (Rcase_abs x); lra. }
  eapply Rle_trans; [apply Rabs_triang|]; rewrite Rabs_mult, Rmult_plus_distr_r.
  pose proof (Rabs_pos x) as X; pose proof (Rabs_pos (f 0)); pose proof (Rabs_pos (df z)).
  assert (c0 : 0 <= c).
  { pose proof (H 0) as B; pose proof (Rabs_pos (df 0)).
    rewrite Rabs_R0, Rmult_0_r, exp_0 in B; lra. }
  replace ((k + 1) * Rabs x) with (k * Rabs x + Rabs x) by ring; rewrite exp_plus.
  pose proof (exp_ineq1_le (Rabs x)); pose proof (Rmult_le_pos _ _ Hk X).
  assert (1 <= exp (k * Rabs x)) by (rewrite <- exp_0; apply exp_monotone; auto).
  apply Rplus_le_compat; [rewrite <- (Rmult_1_r (Rabs (f 0))) at 1; apply Rmult_le_compat_l; nra|].
  rewrite <- Rmult_assoc; apply Rmult_le_compat; auto; [|lra].
  apply Rle_trans with (1 := H z), Rmult_le_compat_l, exp_monotone; auto.
  apply Rmult_le_compat_l; auto.
Qed.

Lemma curvature_growth K l l1 l2 :
  (forall x, is_derive l x (l1 x) /\ is_derive l1 x (l2 x) /\ continuous l2 x /\ Rabs (l2 x) <= K) ->
  exists a, forall x, Rabs (l x) <= a * exp (2 * Rabs x) /\ Rabs (l1 x) <= a * exp (2 * Rabs x).
Proof.
intros H; assert (K0 : 0 <= K).
{ pose proof (Rabs_pos (l2 0)); pose proof (proj2 (proj2 (proj2 (H 0)))); lra. }
assert (G1 : forall x, Rabs (l1 x) <= (Rabs (l1 0) + K) * exp (1 * Rabs x)).
{ intros x; replace 1 with (0 + 1) at 1 by ring.
  apply (growth_of_derive l1 l2 0 K); [intros; apply H|lra|].
  intros z; rewrite Rmult_0_l, exp_0, Rmult_1_r; apply H. }
assert (G0 : forall x, Rabs (l x) <= (Rabs (l 0) + (Rabs (l1 0) + K)) * exp (2 * Rabs x)).
{ intros x; replace 2 with (1 + 1) by ring.
  apply (growth_of_derive l l1 1); [intros; apply H|lra|exact G1]. }
exists (Rabs (l 0) + (Rabs (l1 0) + K)); intros x; split; [apply G0|].
eapply Rle_trans; [apply G1|]; pose proof (Rabs_pos (l 0)); pose proof (Rabs_pos (l1 0)).
apply Rmult_le_compat; [lra|apply Rlt_le, exp_pos|lra|].
apply exp_monotone; pose proof (Rabs_pos x); lra.
Qed.

Lemma curvature_moderate K l : curvature_at_most K l -> moderate l.
Proof.
intros [l1 [l2 H]]; destruct (curvature_growth K l l1 l2 H) as [a G].
exists l1, a, 2; split; [lra|]; intros x; split; [apply H|]; split; [|apply G].
apply (ex_derive_continuous l1); exists (l2 x); apply H.
Qed.

(** ** Linear logits *)

Section Linear.
Variables (logits : list quadratic) (c d : R).
Hypothesis nonempty : logits <> [].
Hypothesis linear_logits : forall q, In q logits -> square q = 0 /\ Rabs (linear q - c) <= d.

(** The sum of slope^n exp(logit): the model's moments of the slope, times [moment 0]. *)
Definition moment (n : nat) (x : R) : R := sum logits (fun q => linear q ^ n * exp (value x q)).

Lemma moment_0 x : moment 0 x = total logits x.
Proof. apply sum_ext; intros q _; simpl; ring. Qed.

Lemma moment_0_pos x : 0 < moment 0 x.
Proof.
rewrite moment_0; destruct logits as [|p rest]; [congruence|]; pose proof (exp_pos (value x p)) as P.
apply Rlt_le_trans with (1 := P), (term_le_sum (p :: rest) (fun q => exp (value x q)) p);
  [intros; apply Rlt_le, exp_pos|simpl; auto].
Qed.

Lemma is_derive_moment n x : is_derive (moment n) x (moment (S n) x).
Proof.
apply (is_derive_sum logits (fun x q => linear q ^ n * exp (value x q))); intros q Hq.
replace (linear q ^ S n * exp (value x q)) with (linear q ^ n * (slope x q * exp (value x q)))
  by (unfold slope; rewrite (proj1 (linear_logits q Hq)); simpl; ring).
apply (is_derive_scal (fun x => exp (value x q))).
apply (is_derive_along exp exp); [intros; apply is_derive_exp|apply is_derive_value].
Qed.

(** The model's variance of the slope. *)
Definition spread (x : R) : R := (moment 2 x * moment 0 x - moment 1 x ^ 2) / moment 0 x ^ 2.

Lemma spread_around e x : spread x =
  sum logits (fun q => (linear q - e) ^ 2 * exp (value x q)) / moment 0 x -
  (moment 1 x / moment 0 x - e) ^ 2.
Proof.
pose proof (moment_0_pos x) as P.
rewrite (sum_ext logits _ (fun q => linear q ^ 2 * exp (value x q) -
  2 * e * (linear q ^ 1 * exp (value x q)) + e ^ 2 * (linear q ^ 0 * exp (value x q))))
  by (intros; ring).
rewrite sum_plus, sum_minus, !sum_scal; fold (moment 0 x) (moment 1 x) (moment 2 x).
unfold spread; field; lra.
Qed.

Lemma spread_bounds x : 0 <= spread x <= d ^ 2.
Proof.
pose proof (moment_0_pos x) as P; split.
- rewrite (spread_around (moment 1 x / moment 0 x)), Rminus_eq_0, pow_i, Rminus_0_r by lia.
  apply Rdiv_le_0_compat; auto; apply sum_ge0; intros q _.
  apply Rmult_le_pos; [apply pow2_ge_0|apply Rlt_le, exp_pos].
- rewrite (spread_around c); pose proof (pow2_ge_0 (moment 1 x / moment 0 x - c)).
  enough (sum logits (fun q => (linear q - c) ^ 2 * exp (value x q)) / moment 0 x <= d ^ 2) by lra.
  apply Rmult_le_reg_r with (moment 0 x); auto; unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra.
  rewrite Rmult_1_r; unfold moment; rewrite <- sum_scal; apply sum_le; intros q Hq; simpl (_ ^ 0).
  rewrite Rmult_1_l; apply Rmult_le_compat_r; [apply Rlt_le, exp_pos|].
  rewrite <- (pow2_abs (linear q - c)); apply pow_incr; split; [apply Rabs_pos|].
  apply linear_logits, Hq.
Qed.

(** Popoviciu's bound: slopes within d of a number have a variance of at most d^2. *)
Theorem linear_curvature y : curvature_at_most (d ^ 2) (fun x => ln (softmax logits x y)).
Proof.
set (q := nth y logits (Quadratic 0 0 0)).
assert (Hq : square q = 0).
{ unfold q; destruct (nth_in_or_default y logits (Quadratic 0 0 0)) as [I| ->]; [|reflexivity].
  apply linear_logits, I. }
exists (fun x => linear q - moment 1 x / moment 0 x), (fun x => - spread x); intros x.
pose proof (moment_0_pos x) as P; split; [|split; [|split]].
- apply (is_derive_ext (fun x => value x q - ln (moment 0 x))).
  { intros z; pose proof (moment_0_pos z) as Z; unfold softmax; fold q.
    rewrite ln_div, ln_exp, moment_0; [reflexivity|apply exp_pos|fold (total logits z); rewrite <- moment_0; auto]. }
  replace (linear q - moment 1 x / moment 0 x) with (slope x q - moment 1 x * / moment 0 x)
    by (unfold slope; rewrite Hq; unfold Rdiv; ring).
  apply (is_derive_minus (fun x => value x q) (fun x => ln (moment 0 x))); [apply is_derive_value|].
  apply (is_derive_comp ln (moment 0)); [|apply is_derive_moment].
  apply is_derive_Reals, derivable_pt_lim_ln, P.
- replace (- spread x) with (0 - spread x) by ring.
  apply (is_derive_minus (fun _ => linear q) (fun x => moment 1 x / moment 0 x));
    [apply (is_derive_const (V := R_NormedModule))|].
  replace (spread x) with ((moment 2 x * moment 0 x - moment 1 x * moment 1 x) / moment 0 x ^ 2)
    by (unfold spread; field; lra).
  apply (is_derive_div (moment 1) (moment 0)); [apply is_derive_moment..|lra].
- apply (continuous_opp spread).
  assert (C : forall n, continuous (moment n) x).
  { intros n; apply (ex_derive_continuous (moment n)); eexists; apply is_derive_moment. }
  apply (continuous_mult (fun x => moment 2 x * moment 0 x - moment 1 x ^ 2)
    (fun x => / moment 0 x ^ 2)).
  + apply (continuous_minus (fun x => moment 2 x * moment 0 x)).
    * apply (continuous_mult (moment 2) (moment 0)); auto.
    * apply (continuous_comp (moment 1) (fun t => t ^ 2)); auto.
      apply (ex_derive_continuous (fun t => t ^ 2)); auto_derive; auto.
  + apply (continuous_comp (moment 0) (fun t => / t ^ 2)); auto.
    apply (ex_derive_continuous (fun t => / t ^ 2)); auto_derive; nra.
- pose proof (spread_bounds x); rewrite Rabs_Ropp, Rabs_pos_eq; apply H.
Qed.
End Linear.
