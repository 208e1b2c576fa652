(** * The SCORE risks of the toy law, to eight decimals

    - [R_score_l1]: R_SCORE for l1 and eps = 1 is within 1e-8 of 0.38077615664130;
    - [R_score_kl]: R_SCORE for KL and eps = 1 is within 1e-8 of 0.26635403384658.

    As functions of the input both divergences f rise to a maximum near c, fall to a minimum, and
    rise again. So the supremum s of f over [x - 1, x + 1] is f(x + 1), then the constant f(c), for
    KL then f(x - 1), and at last f(x + 1). The sign of the derivative and the values near the
    turning points are checked by coq-interval; rational neighbours take the place of these and of
    the switches, so that s is known up to 5e-11. The integrals over the pieces and the tails give
    the risk. *)
From Coq Require Import Reals Lra Psatz.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From Score Require Import divergences expectation improper window_sup toy.
Open Scope R_scope.

(** ** From pieces of the supremum to pieces of the integral *)

Lemma density_le1 x : density x <= 1.
Proof.
rewrite density_sum; unfold joint; assert (E : exp (- 0) = 1) by (rewrite Ropp_0; apply exp_0).
assert (A : gaussian (-1) 4 x <= exp (- 0)).
{ apply gaussian_tail; [lra|]; rewrite Rmult_0_l; apply pow2_ge_0. }
assert (B : gaussian 1 1 x <= exp (- 0)); [|lra].
apply gaussian_tail; [lra|]; rewrite Rmult_0_l; apply pow2_ge_0.
Qed.

Lemma density_times_continuous g x : continuous g x -> continuous (fun x => density x * g x) x.
Proof. intros H; apply (continuous_mult density g); auto; apply density_continuous. Qed.

Lemma RInt_piece (s g : R -> R) a b delta : (forall x, continuous s x) ->
  (forall x, continuous g x) -> 0 <= delta -> a <= b ->
  (forall x, a <= x <= b -> g x <= s x <= g x + delta) ->
  RInt (fun x => density x * g x) a b <= RInt (fun x => density x * s x) a b <=
  RInt (fun x => density x * g x) a b + delta * (b - a).
Proof.
intros Hs Hg Hd Hab H.
assert (Is : ex_RInt (fun x => density x * s x) a b).
{ apply ex_RInt_of_continuous; intros; apply density_times_continuous; auto. }
assert (Ig : ex_RInt (fun x => density x * g x) a b).
{ apply ex_RInt_of_continuous; intros; apply density_times_continuous; auto. }
assert (Id : is_RInt (fun _ => delta) a b (delta * (b - a))).
{ rewrite Rmult_comm; apply (is_RInt_const (V := R_NormedModule)). }
split.
- apply RInt_le; auto; intros x Hx; pose proof (density_pos x); pose proof (H x); nra.
- rewrite <- (is_RInt_unique _ _ _ _ Id).
  rewrite <- (RInt_plus (V := R_CompleteNormedModule)) by (auto; eexists; exact Id).
  apply RInt_le; auto.
  + apply (ex_RInt_plus (V := R_CompleteNormedModule)); auto; eexists; exact Id.
  + intros x Hx; change (plus (density x * g x) delta) with (density x * g x + delta).
    pose proof (density_pos x); pose proof (density_le1 x); pose proof (H x); nra.
Qed.

Lemma continuous_shift (g : R -> R) c x : (forall x, continuous g x) ->
  continuous (fun x => g (x + c)) x.
Proof.
intros H; apply (continuous_comp (fun x => x + c) g); auto.
apply (ex_derive_continuous (fun x => x + c)); auto_derive; auto.
Qed.

(** The risk is the integral over [-20, 20] of the density times the supremum, up to 4.2e-9. *)
Lemma R_score_near_window (D : divergence) : let f u := D (posterior u) (model u) in
  (forall x, continuous f x) -> (forall x, 0 <= f x <= Rabs x + 3) ->
  exists s r, (forall x, is_sup (fun u => Rabs (u - x) <= 1) f (s x)) /\
    (forall x, continuous s x) /\ R_score D r /\
    RInt (fun x => density x * s x) (-20) 20 <= r <=
    RInt (fun x => density x * s x) (-20) 20 + 4.2e-9.
Proof.
intros f Hf B; pose (s x := proj1_sig (window_sup_ex f 1 Hf Rle_0_1 x)).
assert (S : forall x, is_sup (fun u => Rabs (u - x) <= 1) f (s x)) by (intros x; apply proj2_sig).
assert (C := window_sup_continuous f 1 Hf s S).
destruct (risk_near_window s C) as [r [Hr I]].
- intros x; split.
  + apply Rle_trans with (f x); [apply B|apply (le_sup _ _ _ _ (S x))].
    apply center_in_window, Rle_0_1.
  + apply (sup_le _ _ _ _ (S x)); intros u Hu; pose proof (B u).
    pose proof (Rabs_triang (u - x) x) as T; replace (u - x + x) with u in T by ring; lra.
- exists s, r; split; [exact S|split; [exact C|split; [exists s; auto|exact I]]].
Qed.

(** ** l1: the suprema *)

Lemma l1_increasing_left u v : -21 <= u -> u <= v -> v <= -0.87444 ->
  l1_log_odds u <= l1_log_odds v.
Proof.
apply (increasing_of_derive _ _ _ _ is_derive_l1); intros x Hx.
unfold l1_slope, weight, log_odds; interval with (i_bisect x, i_autodiff x).
Qed.

Lemma l1_increasing_right u v : 0.66153033225 <= u -> u <= v -> v <= 21 ->
  l1_log_odds u <= l1_log_odds v.
Proof.
apply (increasing_of_derive _ _ _ _ is_derive_l1); intros x Hx.
unfold l1_slope, weight, log_odds; interval with (i_bisect x, i_autodiff x).
Qed.

Lemma l1_middle x : -0.87444 <= x <= 0.66153033225 -> l1_log_odds x <= 0.13665479286 + 5e-11.
Proof.
intros Hx; unfold l1_log_odds, logistic, log_odds; interval with (i_bisect x, i_taylor x).
Qed.

Lemma l1_turning : 0.13665479286 <= l1_log_odds (-0.87444).
Proof. unfold l1_log_odds, logistic, log_odds; interval. Qed.

Lemma l1_switch : 0.13665479286 <= l1_log_odds 0.66153033225.
Proof. unfold l1_log_odds, logistic, log_odds; interval. Qed.

Lemma l1_below_switch x : -21 <= x <= 0.66153033225 -> l1_log_odds x <= 0.13665479286 + 5e-11.
Proof.
intros Hx; destruct (Rle_dec x (-0.87444)) as [H|H]; [|apply l1_middle; lra].
apply Rle_trans with (l1_log_odds (-0.87444)); [apply l1_increasing_left|apply l1_middle]; lra.
Qed.

Section L1.
Variable s : R -> R.
Hypothesis s_sup : forall x, is_sup (fun u => Rabs (u - x) <= 1) l1_log_odds (s x).

Lemma l1_sup_left x : -20 <= x <= -1.87444 ->
  l1_log_odds (x + 1) <= s x <= l1_log_odds (x + 1) + 5e-11.
Proof.
intros Hx; apply (window_sup_near _ _ _ s_sup); [apply Rabs_le; lra|].
intros u Hu; apply Rabs_le_between in Hu.
pose proof (l1_increasing_left u (x + 1)); lra.
Qed.

Lemma l1_sup_middle x : -1.87444 <= x <= -0.33846966775 ->
  0.13665479286 <= s x <= 0.13665479286 + 5e-11.
Proof.
intros Hx; split.
- apply Rle_trans with (1 := l1_turning), (le_sup _ _ _ _ (s_sup x)), Rabs_le; lra.
- apply (sup_le _ _ _ _ (s_sup x)); intros u Hu; apply Rabs_le_between in Hu.
  apply l1_below_switch; lra.
Qed.

Lemma l1_sup_right x : -0.33846966775 <= x <= 20 ->
  l1_log_odds (x + 1) <= s x <= l1_log_odds (x + 1) + 5e-11.
Proof.
intros Hx; apply (window_sup_near _ _ _ s_sup); [apply Rabs_le; lra|].
intros u Hu; apply Rabs_le_between in Hu.
pose proof (l1_increasing_right 0.66153033225 (x + 1)); pose proof l1_switch.
destruct (Rle_dec u 0.66153033225); [pose proof (l1_below_switch u); lra|].
pose proof (l1_increasing_right u (x + 1)); lra.
Qed.
End L1.

(** ** l1: the risk *)

Lemma l1_score_left : Rabs (RInt (fun x => density x * l1_log_odds (x + 1)) (-20) (-1.87444)
  - 0.0227020411238) <= 5e-10.
Proof. integrate. Qed.

Lemma l1_score_middle : Rabs (RInt (fun x => density x * 0.13665479286) (-1.87444) (-0.33846966775)
  - 0.0360179617353) <= 5e-10.
Proof. integrate. Qed.

Lemma l1_score_right : Rabs (RInt (fun x => density x * l1_log_odds (x + 1)) (-0.33846966775) 20
  - 0.3220561537768) <= 5e-10.
Proof. integrate. Qed.

(** ** KL: the suprema *)

Lemma kl_increasing_left u v : -21 <= u -> u <= v -> v <= -1.6257 ->
  kl_log_odds u <= kl_log_odds v.
Proof.
apply (increasing_of_derive _ _ _ _ is_derive_kl); intros x Hx.
unfold kl_slope, weight, logistic, log_odds; interval with (i_bisect x, i_autodiff x).
Qed.

Lemma kl_decreasing u v : -1.62568 <= u -> u <= v -> v <= 0.25 ->
  kl_log_odds v <= kl_log_odds u.
Proof.
apply (decreasing_of_derive _ _ _ _ is_derive_kl); intros x Hx.
unfold kl_slope, weight, logistic, log_odds; interval with (i_bisect x, i_autodiff x).
Qed.

Lemma kl_increasing_right u v : 0.27 <= u -> u <= v -> v <= 21 ->
  kl_log_odds u <= kl_log_odds v.
Proof.
apply (increasing_of_derive _ _ _ _ is_derive_kl); intros x Hx.
unfold kl_slope, weight, logistic, log_odds; interval with (i_bisect x, i_autodiff x).
Qed.

Lemma kl_top x : -1.6257 <= x <= -1.62568 ->
  0.03431773203 <= kl_log_odds x <= 0.03431773203 + 5e-11.
Proof.
intros Hx; unfold kl_log_odds, logistic, softplus, log_odds.
split; interval with (i_bisect x, i_taylor x).
Qed.

Lemma kl_bottom x : 0.25 <= x <= 0.27 -> kl_log_odds x <= 0.02.
Proof.
intros Hx; unfold kl_log_odds, logistic, softplus, log_odds; interval with (i_bisect x, i_taylor x).
Qed.

Lemma kl_switch : 0.02 <= kl_log_odds 1.0740592141 <= 0.03 /\
  Rabs (kl_log_odds (-0.9259407859) - kl_log_odds 1.0740592141) <= 5e-11.
Proof. unfold kl_log_odds, logistic, softplus, log_odds; repeat split; interval. Qed.

(** The switch is at 0.0740592141, one from each of -0.9259407859 and 1.0740592141. *)
Lemma kl_below_switch x : -21 <= x <= 1.0740592141 -> kl_log_odds x <= 0.03431773203 + 5e-11.
Proof.
intros Hx; assert (T := kl_top (-1.6257)); assert (T' := kl_top (-1.62568)).
pose proof kl_switch as [B _].
destruct (Rle_dec x (-1.6257)); [pose proof (kl_increasing_left x (-1.6257)); lra|].
destruct (Rle_dec x (-1.62568)); [pose proof (kl_top x); lra|].
destruct (Rle_dec x 0.25); [pose proof (kl_decreasing (-1.62568) x); lra|].
destruct (Rle_dec x 0.27); [pose proof (kl_bottom x); lra|].
pose proof (kl_increasing_right x 1.0740592141).
pose proof (kl_decreasing (-1.62568) (-0.9259407859)).
pose proof (kl_increasing_right x 1.0740592141); lra.
Qed.

Section KL.
Variable s : R -> R.
Hypothesis s_sup : forall x, is_sup (fun u => Rabs (u - x) <= 1) kl_log_odds (s x).

Lemma kl_sup_left x : -20 <= x <= -2.6257 ->
  kl_log_odds (x + 1) <= s x <= kl_log_odds (x + 1) + 5e-11.
Proof.
intros Hx; apply (window_sup_near _ _ _ s_sup); [apply Rabs_le; lra|].
intros u Hu; apply Rabs_le_between in Hu.
pose proof (kl_increasing_left u (x + 1)); lra.
Qed.

Lemma kl_sup_middle x : -2.6257 <= x <= -0.62568 -> 0.03431773203 <= s x <= 0.03431773203 + 5e-11.
Proof.
intros Hx; split.
- pose (v := Rmax (-1.6257) (x - 1)).
  assert (Hv : -1.6257 <= v <= -1.62568 /\ x - 1 <= v <= x + 1).
  { unfold v, Rmax; destruct (Rle_dec (-1.6257) (x - 1)); lra. }
  apply Rle_trans with (kl_log_odds v); [apply kl_top, Hv|].
  apply (le_sup _ _ _ _ (s_sup x)), Rabs_le; lra.
- apply (sup_le _ _ _ _ (s_sup x)); intros u Hu; apply Rabs_le_between in Hu.
  apply kl_below_switch; lra.
Qed.

Lemma kl_sup_decreasing x : -0.62568 <= x <= 0.0740592141 ->
  kl_log_odds (x - 1) <= s x <= kl_log_odds (x - 1) + 5e-11.
Proof.
intros Hx; apply (window_sup_near _ _ _ s_sup); [apply Rabs_le; lra|].
intros u Hu; apply Rabs_le_between in Hu.
pose proof kl_switch as [B E]; apply Rabs_le_between in E.
pose proof (kl_decreasing (x - 1) (-0.9259407859)).
destruct (Rle_dec u 0.25); [pose proof (kl_decreasing (x - 1) u); lra|].
destruct (Rle_dec u 0.27); [pose proof (kl_bottom u); lra|].
pose proof (kl_increasing_right u 1.0740592141); lra.
Qed.

Lemma kl_sup_right x : 0.0740592141 <= x <= 20 ->
  kl_log_odds (x + 1) <= s x <= kl_log_odds (x + 1) + 5e-11.
Proof.
intros Hx; apply (window_sup_near _ _ _ s_sup); [apply Rabs_le; lra|].
intros u Hu; apply Rabs_le_between in Hu.
pose proof kl_switch as [B E]; apply Rabs_le_between in E.
pose proof (kl_increasing_right 1.0740592141 (x + 1)).
destruct (Rle_dec u 0.25); [pose proof (kl_decreasing (-0.9259407859) u); lra|].
destruct (Rle_dec u 0.27); [pose proof (kl_bottom u); lra|].
pose proof (kl_increasing_right u (x + 1)); lra.
Qed.
End KL.

(** ** KL: the risk *)

Lemma kl_score_left : Rabs (RInt (fun x => density x * kl_log_odds (x + 1)) (-20) (-2.6257)
  - 0.0038481006693) <= 5e-10.
Proof. integrate. Qed.

Lemma kl_score_middle : Rabs (RInt (fun x => density x * 0.03431773203) (-2.6257) (-0.62568)
  - 0.0107658537930) <= 5e-10.
Proof. integrate. Qed.

Lemma kl_score_decreasing :
  Rabs (RInt (fun x => density x * kl_log_odds (x - 1)) (-0.62568) 0.0740592141
    - 0.0040448613231) <= 5e-10.
Proof. integrate. Qed.

Lemma kl_score_right : Rabs (RInt (fun x => density x * kl_log_odds (x + 1)) 0.0740592141 20
  - 0.2476952180551) <= 5e-10.
Proof. integrate. Qed.

(** ** The theorems *)

Theorem R_score_l1 : exists r, R_score (l1 two) r /\ Rabs (r - 0.38077615664130) <= 1e-8.
Proof.
destruct (R_score_near_window _ l1_toy_continuous l1_toy_bounds) as [s [r [S [C [Hr I]]]]].
exists r; split; [exact Hr|].
assert (S' : forall x, is_sup (fun u => Rabs (u - x) <= 1) l1_log_odds (s x)).
{ intros x; apply (is_sup_ext _ _ _ _ l1_toy), S. }
assert (F : forall x, continuous (fun x => l1_log_odds (x + 1)) x).
{ intros x; apply continuous_shift, l1_log_odds_continuous. }
assert (P := fun x => density_times_continuous s x (C x)).
rewrite (RInt_cut _ (-20) (-1.87444) 20), (RInt_cut _ (-1.87444) (-0.33846966775) 20) in I by auto.
assert (d0 : 0 <= 5e-11) by lra.
assert (A := RInt_piece s _ (-20) (-1.87444) _ C F d0 ltac:(lra) (l1_sup_left s S')).
assert (B := RInt_piece s _ (-1.87444) (-0.33846966775) _ C (fun x => continuous_const _ x) d0
  ltac:(lra) (l1_sup_middle s S')).
assert (G := RInt_piece s _ (-0.33846966775) 20 _ C F d0 ltac:(lra) (l1_sup_right s S')).
pose proof l1_score_left as A'; apply Rabs_le_between in A'.
pose proof l1_score_middle as B'; apply Rabs_le_between in B'.
pose proof l1_score_right as G'; apply Rabs_le_between in G'.
apply Rabs_le; lra.
Qed.

Theorem R_score_kl : exists r, R_score (kl two) r /\ Rabs (r - 0.26635403384658) <= 1e-8.
Proof.
destruct (R_score_near_window _ kl_toy_continuous kl_toy_bounds) as [s [r [S [C [Hr I]]]]].
exists r; split; [exact Hr|].
assert (S' : forall x, is_sup (fun u => Rabs (u - x) <= 1) kl_log_odds (s x)).
{ intros x; apply (is_sup_ext _ _ _ _ kl_toy), S. }
assert (F : forall c x, continuous (fun x => kl_log_odds (x + c)) x).
{ intros c x; apply continuous_shift, kl_log_odds_continuous. }
assert (F' : forall x, continuous (fun x => kl_log_odds (x - 1)) x) by exact (F (-1)).
assert (P := fun x => density_times_continuous s x (C x)).
rewrite (RInt_cut _ (-20) (-2.6257) 20), (RInt_cut _ (-2.6257) (-0.62568) 20),
  (RInt_cut _ (-0.62568) 0.0740592141 20) in I by auto.
assert (d0 : 0 <= 5e-11) by lra.
assert (A := RInt_piece s _ (-20) (-2.6257) _ C (F 1) d0 ltac:(lra) (kl_sup_left s S')).
assert (B := RInt_piece s _ (-2.6257) (-0.62568) _ C (fun x => continuous_const _ x) d0
  ltac:(lra) (kl_sup_middle s S')).
assert (G := RInt_piece s _ (-0.62568) 0.0740592141 _ C F' d0 ltac:(lra)
  (kl_sup_decreasing s S')).
assert (J := RInt_piece s _ 0.0740592141 20 _ C (F 1) d0 ltac:(lra) (kl_sup_right s S')).
pose proof kl_score_left as A'; apply Rabs_le_between in A'.
pose proof kl_score_middle as B'; apply Rabs_le_between in B'.
pose proof kl_score_decreasing as G'; apply Rabs_le_between in G'.
pose proof kl_score_right as J'; apply Rabs_le_between in J'.
apply Rabs_le; lra.
Qed.
