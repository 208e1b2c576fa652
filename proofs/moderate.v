(** * Functions of moderate growth: log-odds and logarithms of softmax models

    [moderate l]: l is continuously differentiable, and l and its derivative are at most a exp(b |x|)
    in absolute value for some a and b: what Gaussian tails outweigh.

    Main lemmas: [log_odds_moderate]; [ln_softmax], the logarithm of a softmax is of the form of
    log-odds; [softmax_moderate]. *)
From Coq Require Import Reals Lra Psatz List.
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
