(** * The SCORE risks of the toy law, to six decimals

    - [R_score_l1]: R_SCORE for l1 and eps = 1 is within 1e-6 of 0.38077615664130;
    - [R_score_kl]: R_SCORE for KL and eps = 1 is within 1e-6 of 0.26635403384658.

    As functions of the input both divergences f rise to a maximum near c, fall to a minimum, and
    rise again. So the supremum s of f over [x - 1, x + 1] is f(x + 1), then the constant f(c), for
    KL then f(x - 1), and at last f(x + 1). The sign of the derivative and the values near the
    turning points are checked by coq-interval; between rational neighbours of the turning points and
    of the switches s is only known up to 1.1e-8. Integrals over each piece and the tails give the
    risk. *)
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

(** A risk is its integral over [-20, 20] of the density times the supremum, up to 2 exp(-20). *)
Lemma R_score_near_window (D : divergence) : let f u := D (posterior u) (model u) in
  (forall x, continuous f x) -> (forall x, 0 <= f x <= Rabs x + 3) ->
  exists s r, (forall x, is_sup (fun u => Rabs (u - x) <= 1) f (s x)) /\
    (forall x, continuous s x) /\ R_score D r /\
    RInt (fun x => density x * s x) (-20) 20 <= r <=
    RInt (fun x => density x * s x) (-20) 20 + 1e-8.
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
- assert (2 * exp (-20) <= 1e-8) by interval.
  exists s, r; split; [exact S|split; [exact C|split; [exists s; auto|lra]]].
Qed.

(** ** The divergences and their derivatives in logits *)

Definition weight (t : R) : R := exp (- t) / (1 + exp (- t)) ^ 2.

Lemma is_derive_logistic t : is_derive logistic t (weight t).
Proof.
pose proof (exp_pos (- t)); unfold logistic, weight; auto_derive; [lra|field; lra].
Qed.

Lemma is_derive_softplus t : is_derive softplus t (logistic t).
Proof.
pose proof (exp_pos t); unfold logistic, softplus; auto_derive; [lra|].
rewrite exp_Ropp; field; lra.
Qed.

Lemma is_derive_logit x : is_derive logit x (3 / 4 * x - 5 / 4).
Proof. unfold logit; auto_derive; auto; field. Qed.

Lemma is_derive_along (g dg h : R -> R) x dh : (forall t, is_derive g t (dg t)) ->
  is_derive h x dh -> is_derive (fun x => g (h x)) x (dh * dg (h x)).
Proof. intros Hg Hh; apply (is_derive_comp g h); auto. Qed.

Lemma is_derive_model_logit x : is_derive (fun x => 1 - x) x (-1).
Proof. auto_derive; auto; ring. Qed.

Lemma logistic_increasing t u : t <= u -> logistic t <= logistic u.
Proof.
intros H; unfold logistic; assert (exp (- u) <= exp (- t)) by (apply exp_monotone; lra).
pose proof (exp_pos (- u)); unfold Rdiv; rewrite !Rmult_1_l; apply Rinv_le_contravar; lra.
Qed.

Lemma logistic_opp t : logistic (- t) = 1 - logistic t.
Proof.
unfold logistic; rewrite Ropp_involutive, exp_Ropp; pose proof (exp_pos t); field; lra.
Qed.

Definition l1_toy_logit (x : R) : R := 2 * (logistic (logit x) - logistic (1 - x)).
Definition l1_slope (x : R) : R := 2 * (weight (logit x) * (3 / 4 * x - 5 / 4) + weight (1 - x)).
Definition kl_toy_logit (x : R) : R :=
  logistic (logit x) * (logit x - (1 - x)) + softplus (1 - x) - softplus (logit x).
Definition kl_slope (x : R) : R :=
  weight (logit x) * (3 / 4 * x - 5 / 4) * (logit x - (1 - x)) +
  logistic (x - 1) - logistic (- logit x).

Lemma model_below_posterior x : 1 - x <= logit x.
Proof. unfold logit; assert (0.9 <= ln (5 / 2)) by interval; nra. Qed.

Lemma l1_toy_gap x : l1 two (posterior x) (model x) = l1_toy_logit x.
Proof.
unfold l1_toy_logit; rewrite l1_toy; change (1 / (1 + exp (x - 1))) with (model x 0%nat); rewrite model_logit.
apply Rabs_pos_eq; pose proof (logistic_increasing _ _ (model_below_posterior x)); lra.
Qed.

Lemma is_derive_l1 x : is_derive l1_toy_logit x (l1_slope x).
Proof.
assert (P := is_derive_along _ _ _ _ _ is_derive_logistic (is_derive_logit x)).
assert (M := is_derive_along _ _ _ _ _ is_derive_logistic (is_derive_model_logit x)).
pose proof (is_derive_scal _ x 2 _ (is_derive_minus _ _ _ _ _ P M)) as I.
replace (l1_slope x) with
  (2 * ((3 / 4 * x - 5 / 4) * weight (logit x) - -1 * weight (1 - x)));
  [exact I|unfold l1_slope; ring].
Qed.

Lemma is_derive_kl x : is_derive kl_toy_logit x (kl_slope x).
Proof.
assert (P := is_derive_along _ _ _ _ _ is_derive_logistic (is_derive_logit x)).
assert (G := is_derive_minus _ _ _ _ _ (is_derive_logit x) (is_derive_model_logit x)).
assert (S := is_derive_along _ _ _ _ _ is_derive_softplus (is_derive_model_logit x)).
assert (T := is_derive_along _ _ _ _ _ is_derive_softplus (is_derive_logit x)).
assert (PG := is_derive_mult _ _ _ _ _ P G Rmult_comm).
pose proof (is_derive_minus _ _ _ _ _ (is_derive_plus _ _ _ _ _ PG S) T) as I.
replace (kl_slope x) with
  ((3 / 4 * x - 5 / 4) * weight (logit x) * (logit x - (1 - x)) +
   logistic (logit x) * (3 / 4 * x - 5 / 4 - -1) +
   -1 * logistic (1 - x) - (3 / 4 * x - 5 / 4) * logistic (logit x)); [exact I|].
unfold kl_slope; replace (x - 1) with (- (1 - x)) by ring; rewrite !logistic_opp; ring.
Qed.

(** ** l1: the suprema *)

Lemma l1_increasing_left u v : -21 <= u -> u <= v -> v <= -0.8746 ->
  l1_toy_logit u <= l1_toy_logit v.
Proof.
apply (increasing_of_derive _ _ _ _ is_derive_l1); intros x Hx.
unfold l1_slope, weight, logit; interval with (i_bisect x, i_autodiff x).
Qed.

Lemma l1_increasing_right u v : 0.66153033 <= u -> u <= v -> v <= 21 ->
  l1_toy_logit u <= l1_toy_logit v.
Proof.
apply (increasing_of_derive _ _ _ _ is_derive_l1); intros x Hx.
unfold l1_slope, weight, logit; interval with (i_bisect x, i_autodiff x).
Qed.

Lemma l1_middle x : -0.8746 <= x <= 0.66153033 -> l1_toy_logit x <= 0.136654787 + 1.1e-8.
Proof.
intros Hx; unfold l1_toy_logit, logistic, logit; interval with (i_bisect x, i_taylor x).
Qed.

Lemma l1_turning : 0.136654787 <= l1_toy_logit (-0.8746).
Proof. unfold l1_toy_logit, logistic, logit; interval. Qed.

Lemma l1_switch : 0.136654787 <= l1_toy_logit 0.66153033.
Proof. unfold l1_toy_logit, logistic, logit; interval. Qed.

Lemma l1_below_switch x : -21 <= x <= 0.66153033 -> l1_toy_logit x <= 0.136654787 + 1.1e-8.
Proof.
intros Hx; destruct (Rle_dec x (-0.8746)) as [H|H]; [|apply l1_middle; lra].
apply Rle_trans with (l1_toy_logit (-0.8746)); [apply l1_increasing_left|apply l1_middle]; lra.
Qed.

Section L1.
Variable s : R -> R.
Hypothesis s_sup : forall x, is_sup (fun u => Rabs (u - x) <= 1) l1_toy_logit (s x).

Lemma l1_sup_left x : -20 <= x <= -1.8746 ->
  l1_toy_logit (x + 1) <= s x <= l1_toy_logit (x + 1) + 1.1e-8.
Proof.
intros Hx; apply (window_sup_near _ _ _ s_sup); [apply Rabs_le; lra|].
intros u Hu; apply Rabs_le_between in Hu.
pose proof (l1_increasing_left u (x + 1)); lra.
Qed.

Lemma l1_sup_middle x : -1.8746 <= x <= -0.33846967 -> 0.136654787 <= s x <= 0.136654787 + 1.1e-8.
Proof.
intros Hx; split.
- apply Rle_trans with (1 := l1_turning), (le_sup _ _ _ _ (s_sup x)), Rabs_le; lra.
- apply (sup_le _ _ _ _ (s_sup x)); intros u Hu; apply Rabs_le_between in Hu.
  apply l1_below_switch; lra.
Qed.

Lemma l1_sup_right x : -0.33846967 <= x <= 20 ->
  l1_toy_logit (x + 1) <= s x <= l1_toy_logit (x + 1) + 1.1e-8.
Proof.
intros Hx; apply (window_sup_near _ _ _ s_sup); [apply Rabs_le; lra|].
intros u Hu; apply Rabs_le_between in Hu.
pose proof (l1_increasing_right 0.66153033 (x + 1)); pose proof l1_switch.
destruct (Rle_dec u 0.66153033); [pose proof (l1_below_switch u); lra|].
pose proof (l1_increasing_right u (x + 1)); lra.
Qed.
End L1.

(** ** l1: the risk *)

Lemma l1_score_left : Rabs (RInt (fun x => density x * l1_toy_logit (x + 1)) (-20) (-1.8746)
  - 0.02269871464) <= 5e-8.
Proof.
rewrite (RInt_ext _ (fun x => (joint 0 x + joint 1 x) * l1_toy_logit (x + 1)))
  by (intros; rewrite density_sum; reflexivity).
unfold joint, gaussian, l1_toy_logit, logistic, logit; integral with (i_fuel 5000, i_degree 6).
Qed.

Lemma l1_score_middle : Rabs (RInt (fun x => density x * 0.136654787) (-1.8746) (-0.33846967)
  - 0.03602128661) <= 5e-8.
Proof.
rewrite (RInt_ext _ (fun x => (joint 0 x + joint 1 x) * 0.136654787))
  by (intros; rewrite density_sum; reflexivity).
unfold joint, gaussian; integral with (i_fuel 5000, i_degree 6).
Qed.

Lemma l1_score_right : Rabs (RInt (fun x => density x * l1_toy_logit (x + 1)) (-0.33846967) 20
  - 0.32205615383) <= 5e-8.
Proof.
rewrite (RInt_ext _ (fun x => (joint 0 x + joint 1 x) * l1_toy_logit (x + 1)))
  by (intros; rewrite density_sum; reflexivity).
unfold joint, gaussian, l1_toy_logit, logistic, logit; integral with (i_fuel 5000, i_degree 6).
Qed.

(** ** KL: the suprema *)

Lemma kl_increasing_left u v : -21 <= u -> u <= v -> v <= -1.6259 ->
  kl_toy_logit u <= kl_toy_logit v.
Proof.
apply (increasing_of_derive _ _ _ _ is_derive_kl); intros x Hx.
unfold kl_slope, weight, logistic, logit; interval with (i_bisect x, i_autodiff x).
Qed.

Lemma kl_decreasing u v : -1.6255 <= u -> u <= v -> v <= 0.25 ->
  kl_toy_logit v <= kl_toy_logit u.
Proof.
apply (decreasing_of_derive _ _ _ _ is_derive_kl); intros x Hx.
unfold kl_slope, weight, logistic, logit; interval with (i_bisect x, i_autodiff x).
Qed.

Lemma kl_increasing_right u v : 0.27 <= u -> u <= v -> v <= 21 ->
  kl_toy_logit u <= kl_toy_logit v.
Proof.
apply (increasing_of_derive _ _ _ _ is_derive_kl); intros x Hx.
unfold kl_slope, weight, logistic, logit; interval with (i_bisect x, i_autodiff x).
Qed.

Lemma kl_top x : -1.6259 <= x <= -1.6255 -> 0.034317728 <= kl_toy_logit x <= 0.034317728 + 1.1e-8.
Proof.
intros Hx; unfold kl_toy_logit, logistic, softplus, logit.
split; interval with (i_bisect x, i_taylor x).
Qed.

Lemma kl_bottom x : 0.25 <= x <= 0.27 -> kl_toy_logit x <= 0.02.
Proof.
intros Hx; unfold kl_toy_logit, logistic, softplus, logit; interval with (i_bisect x, i_taylor x).
Qed.

Lemma kl_switch : 0.02 <= kl_toy_logit 1.07405921 <= 0.03 /\
  Rabs (kl_toy_logit (-0.92594079) - kl_toy_logit 1.07405921) <= 1.1e-8.
Proof. unfold kl_toy_logit, logistic, softplus, logit; repeat split; interval. Qed.

(** The switch is at 0.07405921, one from each of -0.92594079 and 1.07405921. *)
Lemma kl_below_switch x : -21 <= x <= 1.07405921 -> kl_toy_logit x <= 0.034317728 + 1.1e-8.
Proof.
intros Hx; assert (T := kl_top (-1.6259)); assert (T' := kl_top (-1.6255)).
pose proof kl_switch as [B _].
destruct (Rle_dec x (-1.6259)); [pose proof (kl_increasing_left x (-1.6259)); lra|].
destruct (Rle_dec x (-1.6255)); [pose proof (kl_top x); lra|].
destruct (Rle_dec x 0.25); [pose proof (kl_decreasing (-1.6255) x); lra|].
destruct (Rle_dec x 0.27); [pose proof (kl_bottom x); lra|].
pose proof (kl_increasing_right x 1.07405921).
pose proof (kl_decreasing (-1.6255) (-0.92594079)).
pose proof (kl_increasing_right x 1.07405921); lra.
Qed.

Section KL.
Variable s : R -> R.
Hypothesis s_sup : forall x, is_sup (fun u => Rabs (u - x) <= 1) kl_toy_logit (s x).

Lemma kl_sup_left x : -20 <= x <= -2.6259 ->
  kl_toy_logit (x + 1) <= s x <= kl_toy_logit (x + 1) + 1.1e-8.
Proof.
intros Hx; apply (window_sup_near _ _ _ s_sup); [apply Rabs_le; lra|].
intros u Hu; apply Rabs_le_between in Hu.
pose proof (kl_increasing_left u (x + 1)); lra.
Qed.

Lemma kl_sup_middle x : -2.6259 <= x <= -0.6255 -> 0.034317728 <= s x <= 0.034317728 + 1.1e-8.
Proof.
intros Hx; split.
- pose (v := Rmax (-1.6259) (x - 1)).
  assert (Hv : -1.6259 <= v <= -1.6255 /\ x - 1 <= v <= x + 1).
  { unfold v, Rmax; destruct (Rle_dec (-1.6259) (x - 1)); lra. }
  apply Rle_trans with (kl_toy_logit v); [apply kl_top, Hv|].
  apply (le_sup _ _ _ _ (s_sup x)), Rabs_le; lra.
- apply (sup_le _ _ _ _ (s_sup x)); intros u Hu; apply Rabs_le_between in Hu.
  apply kl_below_switch; lra.
Qed.

Lemma kl_sup_decreasing x : -0.6255 <= x <= 0.07405921 ->
  kl_toy_logit (x - 1) <= s x <= kl_toy_logit (x - 1) + 1.1e-8.
Proof.
intros Hx; apply (window_sup_near _ _ _ s_sup); [apply Rabs_le; lra|].
intros u Hu; apply Rabs_le_between in Hu.
pose proof kl_switch as [B E]; apply Rabs_le_between in E.
pose proof (kl_decreasing (x - 1) (-0.92594079)).
destruct (Rle_dec u 0.25); [pose proof (kl_decreasing (x - 1) u); lra|].
destruct (Rle_dec u 0.27); [pose proof (kl_bottom u); lra|].
pose proof (kl_increasing_right u 1.07405921); lra.
Qed.

Lemma kl_sup_right x : 0.07405921 <= x <= 20 ->
  kl_toy_logit (x + 1) <= s x <= kl_toy_logit (x + 1) + 1.1e-8.
Proof.
intros Hx; apply (window_sup_near _ _ _ s_sup); [apply Rabs_le; lra|].
intros u Hu; apply Rabs_le_between in Hu.
pose proof kl_switch as [B E]; apply Rabs_le_between in E.
pose proof (kl_increasing_right 1.07405921 (x + 1)).
destruct (Rle_dec u 0.25); [pose proof (kl_decreasing (-0.92594079) u); lra|].
destruct (Rle_dec u 0.27); [pose proof (kl_bottom u); lra|].
pose proof (kl_increasing_right u (x + 1)); lra.
Qed.
End KL.

(** ** KL: the risk *)

Lemma kl_score_left : Rabs (RInt (fun x => density x * kl_toy_logit (x + 1)) (-20) (-2.6259)
  - 0.00384728014) <= 5e-8.
Proof.
rewrite (RInt_ext _ (fun x => (joint 0 x + joint 1 x) * kl_toy_logit (x + 1)))
  by (intros; rewrite density_sum; reflexivity).
unfold joint, gaussian, kl_toy_logit, logistic, softplus, logit.
integral with (i_fuel 5000, i_degree 6).
Qed.

Lemma kl_score_middle : Rabs (RInt (fun x => density x * 0.034317728) (-2.6259) (-0.6255)
  - 0.01076779161) <= 5e-8.
Proof.
rewrite (RInt_ext _ (fun x => (joint 0 x + joint 1 x) * 0.034317728))
  by (intros; rewrite density_sum; reflexivity).
unfold joint, gaussian; integral with (i_fuel 5000, i_degree 6).
Qed.

Lemma kl_score_decreasing :
  Rabs (RInt (fun x => density x * kl_toy_logit (x - 1)) (-0.6255) 0.07405921 - 0.00404374275) <= 5e-8.
Proof.
rewrite (RInt_ext _ (fun x => (joint 0 x + joint 1 x) * kl_toy_logit (x - 1)))
  by (intros; rewrite density_sum; reflexivity).
unfold joint, gaussian, kl_toy_logit, logistic, softplus, logit.
integral with (i_fuel 5000, i_degree 6).
Qed.

Lemma kl_score_right : Rabs (RInt (fun x => density x * kl_toy_logit (x + 1)) 0.07405921 20
  - 0.24769521807) <= 5e-8.
Proof.
rewrite (RInt_ext _ (fun x => (joint 0 x + joint 1 x) * kl_toy_logit (x + 1)))
  by (intros; rewrite density_sum; reflexivity).
unfold joint, gaussian, kl_toy_logit, logistic, softplus, logit.
integral with (i_fuel 5000, i_degree 6).
Qed.

(** ** The theorems *)

Lemma l1_toy_logit_continuous x : continuous l1_toy_logit x.
Proof. apply (ex_derive_continuous l1_toy_logit); eexists; apply is_derive_l1. Qed.

Lemma kl_toy_logit_continuous x : continuous kl_toy_logit x.
Proof. apply (ex_derive_continuous kl_toy_logit); eexists; apply is_derive_kl. Qed.

Lemma is_sup_ext {T : Type} (S : T -> Prop) (f g : T -> R) m : (forall t, f t = g t) ->
  is_sup S f m -> is_sup S g m.
Proof.
intros E [U L]; split.
- intros r [t [St ->]]; rewrite <- E; apply U; exists t; auto.
- intros b Hb; apply L; intros r [t [St ->]]; rewrite E; apply Hb; exists t; auto.
Qed.

Theorem R_score_l1 : exists r, R_score (l1 two) r /\ Rabs (r - 0.38077615664130) <= 1e-6.
Proof.
destruct (R_score_near_window _ l1_toy_continuous l1_toy_bounds) as [s [r [S [C [Hr I]]]]].
exists r; split; [exact Hr|].
assert (S' : forall x, is_sup (fun u => Rabs (u - x) <= 1) l1_toy_logit (s x)).
{ intros x; apply (is_sup_ext _ _ _ _ l1_toy_gap), S. }
assert (F : forall x, continuous (fun x => l1_toy_logit (x + 1)) x).
{ intros x; apply continuous_shift, l1_toy_logit_continuous. }
assert (P := fun x => density_times_continuous s x (C x)).
rewrite (RInt_cut _ (-20) (-1.8746) 20), (RInt_cut _ (-1.8746) (-0.33846967) 20) in I by auto.
assert (d0 : 0 <= 1.1e-8) by lra.
assert (A := RInt_piece s _ (-20) (-1.8746) _ C F d0 ltac:(lra) (l1_sup_left s S')).
assert (B := RInt_piece s _ (-1.8746) (-0.33846967) _ C (fun x => continuous_const _ x) d0
  ltac:(lra) (l1_sup_middle s S')).
assert (G := RInt_piece s _ (-0.33846967) 20 _ C F d0 ltac:(lra) (l1_sup_right s S')).
pose proof l1_score_left as A'; apply Rabs_le_between in A'.
pose proof l1_score_middle as B'; apply Rabs_le_between in B'.
pose proof l1_score_right as G'; apply Rabs_le_between in G'.
apply Rabs_le; lra.
Qed.

Theorem R_score_kl : exists r, R_score (kl two) r /\ Rabs (r - 0.26635403384658) <= 1e-6.
Proof.
destruct (R_score_near_window _ kl_toy_continuous kl_toy_bounds) as [s [r [S [C [Hr I]]]]].
exists r; split; [exact Hr|].
assert (S' : forall x, is_sup (fun u => Rabs (u - x) <= 1) kl_toy_logit (s x)).
{ intros x; apply (is_sup_ext _ _ _ _ kl_toy), S. }
assert (F : forall c x, continuous (fun x => kl_toy_logit (x + c)) x).
{ intros c x; apply continuous_shift, kl_toy_logit_continuous. }
assert (F' : forall x, continuous (fun x => kl_toy_logit (x - 1)) x) by exact (F (-1)).
assert (P := fun x => density_times_continuous s x (C x)).
rewrite (RInt_cut _ (-20) (-2.6259) 20), (RInt_cut _ (-2.6259) (-0.6255) 20),
  (RInt_cut _ (-0.6255) 0.07405921 20) in I by auto.
assert (d0 : 0 <= 1.1e-8) by lra.
assert (A := RInt_piece s _ (-20) (-2.6259) _ C (F 1) d0 ltac:(lra) (kl_sup_left s S')).
assert (B := RInt_piece s _ (-2.6259) (-0.6255) _ C (fun x => continuous_const _ x) d0
  ltac:(lra) (kl_sup_middle s S')).
assert (G := RInt_piece s _ (-0.6255) 0.07405921 _ C F' d0 ltac:(lra)
  (kl_sup_decreasing s S')).
assert (J := RInt_piece s _ 0.07405921 20 _ C (F 1) d0 ltac:(lra) (kl_sup_right s S')).
pose proof kl_score_left as A'; apply Rabs_le_between in A'.
pose proof kl_score_middle as B'; apply Rabs_le_between in B'.
pose proof kl_score_decreasing as G'; apply Rabs_le_between in G'.
pose proof kl_score_right as J'; apply Rabs_le_between in J'.
apply Rabs_le; lra.
Qed.
