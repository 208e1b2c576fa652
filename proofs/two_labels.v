(** * Divergences between distributions of two labels, by their log-odds

    A distribution of the labels 0 and 1 is known by its log-odds h = ln(p_1 / p_0): p_1 = logistic h
    ([at_log_odds]). A [measure] is one of the project's divergences with its formula D(h, m) in
    the log-odds h of the first and m of the second argument, and what certificates need of it:
    - D(h, m) >= 0, of at most linear growth in m, continuous;
    - D(h, .) has one valley ([odds_valley]), so that on an interval it is largest at an end, and it
      changes by at most four times as much as m ([odds_lipschitz]);
    - D(h, m) is a function, again with one valley and 4-Lipschitz, of a differentiable [level] of h and m:
      of logistic m - logistic h, or for KL of D itself;
    - [computed] is D again, from what a certificate computes of h and m, an [argument] each.

    The measures: [l1], [total_variation], [l2], [linf], [squared_error], [kl], under the names
    [two_l1], [two_total_variation], [two_l2], [two_linf], [two_squared_error], [two_kl]. *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels divergences window_sup logistic.
Import ListNotations.
Open Scope R_scope.

Definition two : list nat := [0; 1]%nat.
Definition at_log_odds (p : nat -> R) (h : R) : Prop := p 1%nat = logistic h /\ p 0%nat = 1 - logistic h.

(** On the part of the line given by [range] f has one valley, and changes by at most four times as
    much as its argument. *)
Definition valley (range : R -> Prop) (f : R -> R) : Prop :=
  forall s u t, range s -> range u -> range t -> s <= u <= t -> f u <= Rmax (f s) (f t).
Definition lipschitz (range : R -> Prop) (f : R -> R) : Prop :=
  forall s t, range s -> range t -> Rabs (f s - f t) <= 4 * Rabs (s - t).

(** A distribution as certificates compute with it: the probabilities of the labels and the negated
    logarithms of these. No two large numbers cancel, at log-odds of either sign. *)
Record argument := Argument
  { probability_0 : R; probability_1 : R; surprise_0 : R; surprise_1 : R }.
Definition number (h : R) : argument :=
  Argument (logistic (- h)) (logistic h) (softplus h) (softplus (- h)).

Record measure := Measure {
  divergence : (nat -> R) -> (nat -> R) -> R;
  odds : R -> R -> R;
  growth : R;
  divergence_odds : forall p q h m, at_log_odds p h -> at_log_odds q m -> divergence p q = odds h m;
  growth_ge0 : 0 <= growth;
  odds_bounds : forall h m, 0 <= odds h m <= 2 + growth * Rabs m;
  odds_continuous : forall (h m : R -> R) x, continuous h x -> continuous m x ->
    continuous (fun x => odds (h x) (m x)) x;
  odds_valley : forall h, valley (fun _ => True) (odds h);
  odds_lipschitz : forall h, lipschitz (fun _ => True) (odds h);
  level : R -> R -> R;
  level_slope : R -> R -> R -> R -> R;
  height : R -> R;
  range : R -> Prop;
  odds_level : forall h m, odds h m = height (level h m);
  level_range : forall h m, range (level h m);
  height_valley : valley range height;
  height_lipschitz : lipschitz range height;
  is_derive_level : forall (h m : R -> R) x dh dm, is_derive h x dh -> is_derive m x dm ->
    is_derive (fun x => level (h x) (m x)) x (level_slope (h x) (m x) dh dm);
  computed : argument -> argument -> R;
  computed_odds : forall h m, computed (number h) (number m) = odds h m }.

(** ** Functions of the difference of the two probabilities *)

Definition gap (h m : R) : R := logistic m - logistic h.
Definition gap_slope (h m dh dm : R) : R := dm * weight m - dh * weight h.

Lemma is_derive_gap (h m : R -> R) x dh dm : is_derive h x dh -> is_derive m x dm ->
  is_derive (fun x => gap (h x) (m x)) x (gap_slope (h x) (m x) dh dm).
Proof.
intros H M; apply (is_derive_minus (fun x => logistic (m x)) (fun x => logistic (h x)));
  apply is_derive_along; auto using is_derive_logistic.
Qed.

Lemma gap_bounds h m : -1 <= gap h m <= 1.
Proof. unfold gap; pose proof (logistic_bounds h); pose proof (logistic_bounds m); lra. Qed.

Section OfGap.
Variables (D : (nat -> R) -> (nat -> R) -> R) (f : R -> R).
Hypothesis D_gap : forall p q d, q 1%nat - p 1%nat = d -> q 0%nat - p 0%nat = - d -> D p q = f d.
Hypothesis f_bounds : forall t, -1 <= t <= 1 -> 0 <= f t <= 2.
Hypothesis f_continuous : forall t, continuous f t.
Hypothesis f_valley : valley (fun t => -1 <= t <= 1) f.
Hypothesis f_lipschitz : lipschitz (fun t => -1 <= t <= 1) f.

Definition of_gap : measure.
Proof.
refine (Measure D (fun h m => f (gap h m)) 0 _ _ _ _ _ _ gap gap_slope f (fun t => -1 <= t <= 1)
  _ _ f_valley f_lipschitz is_derive_gap (fun a b => f (probability_1 b - probability_1 a)) _).
- intros p q h m [P1 P0] [Q1 Q0]; apply D_gap; rewrite ?P0, ?P1, ?Q0, ?Q1; unfold gap; ring.
- lra.
- intros h m; pose proof (f_bounds _ (gap_bounds h m)); lra.
- intros h m x H M; apply (continuous_comp (fun x => gap (h x) (m x)) f); auto.
  apply (continuous_minus (fun x => logistic (m x)) (fun x => logistic (h x)));
    apply logistic_continuous; auto.
- intros h s u t _ _ _ Hu; apply f_valley; try apply gap_bounds.
  unfold gap; pose proof (logistic_increasing s u); pose proof (logistic_increasing u t); lra.
- intros h s t _ _; eapply Rle_trans; [apply f_lipschitz; apply gap_bounds|].
  unfold gap; replace (logistic s - logistic h - (logistic t - logistic h))
    with (logistic s - logistic t) by ring.
  pose proof (logistic_lipschitz s t); lra.
- reflexivity.
- intros h m; apply gap_bounds.
- reflexivity.
Defined.
End OfGap.

(** The sizes k |t|. *)
Section Size.
Variables (D : (nat -> R) -> (nat -> R) -> R) (k : R).
Hypothesis D_gap : forall p q d, q 1%nat - p 1%nat = d -> q 0%nat - p 0%nat = - d ->
  D p q = k * Rabs d.
Hypothesis k_bounds : 0 <= k <= 2.

Definition of_size : measure.
Proof.
apply (of_gap D (fun t => k * Rabs t) D_gap).
- intros t Ht; assert (Rabs t <= 1) by (apply Rabs_le; lra); pose proof (Rabs_pos t); nra.
- intros t; apply (continuous_scal_r (V := R_NormedModule) k Rabs), continuous_Rabs.
- intros s u t _ _ _ Hu.
  assert (B : Rabs u <= Rmax (Rabs s) (Rabs t)).
  { apply Rabs_le; unfold Rmax, Rabs; destruct (Rle_dec _ _), (Rcase_abs s), (Rcase_abs t);
      lra. }
  rewrite RmaxRmult by lra; apply Rmult_le_compat_l; lra.
- intros s t _ _; rewrite <- Rmult_minus_distr_l, Rabs_mult, (Rabs_pos_eq k) by lra.
  pose proof (Rabs_triang_inv2 s t); pose proof (Rabs_pos (s - t)).
  pose proof (Rabs_pos (Rabs s - Rabs t)); nra.
Defined.
End Size.

Definition two_l1 : measure.
Proof.
apply (of_size (l1 two) 2); [|lra].
intros p q d E1 E0; unfold l1, sum; cbn [fold_right two]; rewrite !(Rabs_minus_sym (p _)), E1, E0, Rabs_Ropp; ring.
Defined.

Definition two_total_variation : measure.
Proof.
apply (of_size (total_variation two) 1); [|lra].
intros p q d E1 E0; unfold total_variation, l1, sum; cbn [fold_right two].
rewrite !(Rabs_minus_sym (p _)), E1, E0, Rabs_Ropp; field.
Defined.

Definition two_l2 : measure.
Proof.
apply (of_size (l2 two) (sqrt 2)).
- intros p q d E1 E0; unfold l2, norm2, sum; cbn [fold_right two].
  replace ((p 0%nat - q 0%nat) ^ 2 + ((p 1%nat - q 1%nat) ^ 2 + 0)) with (2 * Rsqr d)
    by (unfold Rsqr; nra).
  rewrite sqrt_mult, sqrt_Rsqr_abs by (try lra; apply Rle_0_sqr); reflexivity.
- split; [apply sqrt_pos|]; rewrite <- (sqrt_square 2) at 2 by lra; apply sqrt_le_1; lra.
Defined.

Definition two_linf : measure.
Proof.
apply (of_size (linf two) 1); [|lra].
intros p q d E1 E0; unfold linf; cbn [fold_right two].
rewrite !(Rabs_minus_sym (p _)), E1, E0, Rabs_Ropp, Rmult_1_l.
rewrite (Rmax_left (Rabs d) 0) by apply Rabs_pos; apply Rmax_left; lra.
Defined.

Definition two_squared_error : measure.
Proof.
apply (of_gap (squared_error two) (fun t => 2 * t ^ 2)).
- intros p q d E1 E0; unfold squared_error, sum; cbn [fold_right two].
  replace (p 0%nat - q 0%nat) with d by lra; replace (p 1%nat - q 1%nat) with (- d) by lra; ring.
- intros t Ht; nra.
- intros t; apply (ex_derive_continuous (fun t => 2 * t ^ 2)); auto_derive; auto.
- intros s u t _ _ _ Hu; apply Rmax_case_strong; intros; destruct (Rle_dec 0 u); nra.
- intros s t Hs Ht; replace (2 * s ^ 2 - 2 * t ^ 2) with (2 * (s + t) * (s - t)) by ring.
  rewrite Rabs_mult; apply Rmult_le_compat_r; [apply Rabs_pos|apply Rabs_le; lra].
Defined.

(** ** KL *)

Definition kl_odds (h m : R) : R := softplus m - softplus h - logistic h * (m - h).
Definition kl_slope (h m dh dm : R) : R :=
  dm * (logistic m - logistic h) - dh * weight h * (m - h).

Lemma kl_at_log_odds p q h m : at_log_odds p h -> at_log_odds q m -> kl two p q = kl_odds h m.
Proof.
intros [P1 P0] [Q1 Q0]; unfold kl, kl_term, sum; cbn [fold_right two]; rewrite P1, P0, Q1, Q0.
pose proof (logistic_bounds h); pose proof (logistic_bounds m).
rewrite !ln_ratio, !ln_logistic, !ln_logistic_complement by lra; unfold kl_odds; ring.
Qed.

Lemma is_derive_kl_second h m : is_derive (kl_odds h) m (logistic m - logistic h).
Proof.
pose proof (is_derive_minus (fun m => softplus m - softplus h) (fun m => logistic h * (m - h)) m
  (logistic m) (logistic h)) as I; apply I.
- rewrite <- (Rminus_0_r (logistic m)).
  apply (is_derive_minus softplus (fun _ => softplus h)); [apply is_derive_softplus|].
  apply (is_derive_const (V := R_NormedModule)).
- auto_derive; auto; ring.
Qed.

Lemma kl_odds_valley h : valley (fun _ => True) (kl_odds h).
Proof.
intros s u t _ _ _ Hu; destruct (Rle_dec h u) as [H|H].
- eapply Rle_trans; [|apply Rmax_r].
  apply (increasing_of_derive _ _ h t (is_derive_kl_second h)); try lra.
  intros x Hx; pose proof (logistic_increasing h x); lra.
- eapply Rle_trans; [|apply Rmax_l].
  apply (decreasing_of_derive _ _ s h (is_derive_kl_second h)); try lra.
  intros x Hx; pose proof (logistic_increasing x h); lra.
Qed.

Lemma kl_odds_bounds h m : 0 <= kl_odds h m <= 2 + 1 * Rabs m.
Proof.
split.
- assert (S : kl_odds h h = 0) by (unfold kl_odds; ring); rewrite <- S.
  destruct (Rle_dec h m) as [H|H].
  + apply (increasing_of_derive _ _ h m (is_derive_kl_second h)); try lra.
    intros x Hx; pose proof (logistic_increasing h x); lra.
  + apply (decreasing_of_derive _ _ m h (is_derive_kl_second h)); try lra.
    intros x Hx; pose proof (logistic_increasing x h); lra.
- pose proof (logistic_bounds h) as P.
  assert (entropy : logistic h * h - softplus h <= 0).
  { pose proof (ln_logistic h) as A; pose proof (ln_logistic_complement h) as B.
    assert (L : forall t, 0 < t < 1 -> ln t < 0)
      by (intros; rewrite <- ln_1; apply ln_increasing; lra).
    pose proof (L (logistic h)); pose proof (L (1 - logistic h)); nra. }
  assert (B : Rmax m 0 - logistic h * m <= Rabs m).
  { unfold Rmax, Rabs; destruct (Rle_dec m 0), (Rcase_abs m); nra. }
  pose proof (softplus_le m); unfold kl_odds; lra.
Qed.

Lemma is_derive_kl_odds (h m : R -> R) x dh dm : is_derive h x dh -> is_derive m x dm ->
  is_derive (fun x => kl_odds (h x) (m x)) x (kl_slope (h x) (m x) dh dm).
Proof.
intros H M.
assert (P := is_derive_along _ _ _ _ _ is_derive_logistic H).
assert (G := is_derive_minus _ _ _ _ _ M H).
assert (S := is_derive_along _ _ _ _ _ is_derive_softplus M).
assert (T := is_derive_along _ _ _ _ _ is_derive_softplus H).
assert (PG := is_derive_mult _ _ _ _ _ P G Rmult_comm).
pose proof (is_derive_minus _ _ _ _ _ (is_derive_minus _ _ _ _ _ S T) PG) as I.
replace (kl_slope (h x) (m x) dh dm) with
  (dm * logistic (m x) - dh * logistic (h x) -
   (dh * weight (h x) * (m x - h x) + logistic (h x) * (dm - dh))); [exact I|].
unfold kl_slope; ring.
Qed.

Definition two_kl : measure.
Proof.
refine (Measure (kl two) kl_odds 1 kl_at_log_odds _ kl_odds_bounds _ kl_odds_valley _
  kl_odds kl_slope (fun t => t) (fun _ => True) _ _ _ _ is_derive_kl_odds
  (fun a b => probability_0 a * (surprise_0 b - surprise_0 a) +
    probability_1 a * (surprise_1 b - surprise_1 a)) _).
- lra.
- intros h m x H M; apply (continuous_minus (fun x => softplus (m x) - softplus (h x))
    (fun x => logistic (h x) * (m x - h x))).
  + apply (continuous_minus (fun x => softplus (m x)) (fun x => softplus (h x)));
      apply softplus_continuous; auto.
  + apply (continuous_mult (fun x => logistic (h x)) (fun x => m x - h x));
      [apply logistic_continuous; auto|apply (continuous_minus m h); auto].
- intros h s t _ _; apply Rle_trans with (Rabs (s - t)); [|pose proof (Rabs_pos (s - t)); lra].
  apply (lipschitz_of_derive (kl_odds h) _ (is_derive_kl_second h)); intros x.
  pose proof (logistic_bounds x); pose proof (logistic_bounds h); apply Rabs_le; lra.
- reflexivity.
- auto.
- intros s u t _ _ _ Hu; eapply Rle_trans; [|apply Rmax_r]; apply Hu.
- intros s t _ _; pose proof (Rabs_pos (s - t)); lra.
- intros h m; cbn [number probability_0 probability_1 surprise_0 surprise_1]; unfold kl_odds.
  rewrite !softplus_opp, logistic_opp; ring.
Defined.
