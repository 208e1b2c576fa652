(** * The four risks of a mixture on the line, from finitely many integrals

    For a Gaussian mixture with two classes, a model Q, a divergence D between label distributions and
    perturbations |u - x| <= e:
    - [R_standard L Q D r]: the mean of D(P(x), Q(x)) over the law is r, an improper integral over
      the whole line;
    - [R_madry L Q D e r]: that of sup_u D(P(x), Q(u)); [R_score]: of sup_u D(P(u), Q(u)); [C]: of
      sup_u D(P(x), P(u)). The suprema are genuine ones.

    Main lemmas, by which certificates are proved: [standard_risk], [score_risk], [madry_risk]. From
    an integral over [-b, b] (for the suprema: from [cells]) up to w the risk is known up to w, the
    slack 18 b d times the density's peak, and the tails [tails L M m (b + e) b k]. *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Coquelicot.
From Score Require Import expectation improper window_sup two_labels mixtures sliding.
Import ListNotations.
Open Scope R_scope.

Definition R_standard (L : mixture) (Q : R -> nat -> R) (D : (nat -> R) -> (nat -> R) -> R) (r : R)
  : Prop := line_integral (fun x => density L x * D (posterior L x) (Q x)) r.
Definition mean_of_sup (L : mixture) (e : R) (f : R -> R -> R) (r : R) : Prop := exists s : R -> R,
  (forall x, is_sup (fun u => Rabs (u - x) <= e) (f x) (s x)) /\
  line_integral (fun x => density L x * s x) r.
Definition R_madry L (Q : R -> nat -> R) (D : (nat -> R) -> (nat -> R) -> R) e r : Prop :=
  mean_of_sup L e (fun x u => D (posterior L x) (Q u)) r.
Definition R_score L (Q : R -> nat -> R) (D : (nat -> R) -> (nat -> R) -> R) e r : Prop :=
  mean_of_sup L e (fun _ u => D (posterior L u) (Q u)) r.
Definition C L (D : (nat -> R) -> (nat -> R) -> R) e r : Prop := R_madry L (posterior L) D e r.

(** ** A risk is one number *)

Lemma R_standard_unique L Q D r r' : R_standard L Q D r -> R_standard L Q D r' -> r = r'.
Proof. apply line_integral_unique. Qed.

Lemma mean_of_sup_unique L e f r r' : mean_of_sup L e f r -> mean_of_sup L e f r' -> r = r'.
Proof.
intros [s [S H]] [s' [S' H']]; apply (line_integral_unique (fun x => density L x * s x)); auto.
apply (line_integral_ext (fun x => density L x * s' x)); auto.
intros x; f_equal; apply Rle_antisym; [apply (proj2 (S' x)), (S x)|apply (proj2 (S x)), (S' x)].
Qed.

(** ** Tails *)

(** What lies beyond [-b, b] of the mean of a supremum of D(., m(u)) over |u - x| <= a - b. *)
Definition tails (L : mixture) (M : measure) (m : log_odds) (a b k : R) : R :=
  2 * ((density L b + density L (- b)) * (2 + growth M * log_odds_size m a)) / k.

Section Risk.
Variables (L : mixture) (M : measure) (h m : log_odds) (e b k : R).
Hypothesis L_two : two_classes L.
Hypothesis h_odds : forall x, at_log_odds (posterior L x) (log_odds_at h x).
Hypothesis e_ge0 : 0 <= e.
Hypothesis b_pos : 0 < b.
Hypothesis k_pos : 0 < k.
Hypothesis L_falls : falls b (k + 2 / b) L.

Lemma density_bounds x : 0 <= density L x <= peak L.
Proof. split; [apply Rlt_le, density_pos; auto|apply density_le_peak; auto]. Qed.

Lemma risk_near_window s : (forall x, continuous s x) ->
  (forall x, 0 <= s x <= 2 + growth M * log_odds_size m (Rabs x + e)) ->
  exists r, line_integral (fun x => density L x * s x) r /\
    RInt (fun x => density L x * s x) (- b) b <= r <=
    RInt (fun x => density L x * s x) (- b) b + tails L M m (b + e) b k.
Proof.
intros Hs B; set (T := (density L b + density L (- b)) * (2 + growth M * log_odds_size m (b + e))).
pose proof (growth_ge0 M) as G; pose proof (density_pos L b L_two).
pose proof (density_pos L (- b) L_two).
assert (S0 : forall y, 0 <= y -> 0 <= log_odds_size m y).
{ intros y Hy; unfold log_odds_size; pose proof (size_ge0 y (lead m) Hy).
  assert (0 <= labels.sum (above m ++ below m) (fun q => size y q + 1)); [|lra].
  apply labels.sum_ge0; intros q _; pose proof (size_ge0 y q Hy); lra. }
pose proof (S0 (b + e) ltac:(lra)) as Sb; pose proof (Rmult_le_pos _ _ G Sb).
assert (T0 : 0 <= T) by (unfold T; apply Rmult_le_pos; lra).
destruct (line_integral_near_window (fun x => density L x * s x) b (T * exp (k * b)) k)
  as [r [Hr I]]; auto; try lra.
- intros x; apply (continuous_mult (density L) s); auto; apply density_continuous.
- intros x; apply Rmult_le_pos; [apply density_bounds|apply B].
- intros x Hx; set (t := Rabs x - b); assert (t0 : 0 <= t) by (unfold t; lra).
  pose proof (density_tail L b (k + 2 / b) x L_two L_falls ltac:(lra) Hx) as Dx; fold t in Dx.
  pose proof (log_odds_growth m (b + e) t ltac:(lra) t0) as Gx.
  replace (b + e + t) with (Rabs x + e) in Gx by (unfold t; ring).
  assert (E : exp (2 * t / (b + e)) <= exp (2 / b * t)).
  { apply logistic.exp_monotone; unfold Rdiv; rewrite Rmult_assoc, (Rmult_comm t), <- Rmult_assoc.
    apply Rmult_le_compat_r; auto; apply Rmult_le_compat_l; [lra|].
    apply Rinv_le_contravar; lra. }
  pose proof (exp_pos (2 / b * t)).
  assert (E1 : 1 <= exp (2 / b * t)).
  { rewrite <- exp_0; apply logistic.exp_monotone, Rmult_le_pos; auto.
    apply Rdiv_le_0_compat; lra. }
  assert (Sx : s x <= (2 + growth M * log_odds_size m (b + e)) * exp (2 / b * t)).
  { apply Rle_trans with (1 := proj2 (B x)); rewrite Rmult_plus_distr_r, Rmult_assoc.
    apply Rplus_le_compat; [lra|]; apply Rmult_le_compat_l; auto.
    apply Rle_trans with (1 := Gx); apply Rmult_le_compat_l; auto. }
  replace (T * exp (k * b) * exp (- (k * Rabs x))) with
    ((density L b + density L (- b)) * exp (- ((k + 2 / b) * t)) *
     ((2 + growth M * log_odds_size m (b + e)) * exp (2 / b * t))).
  + apply Rmult_le_compat; auto; [apply density_bounds|apply B].
  + replace (- ((k + 2 / b) * t)) with (k * b + (- (k * Rabs x) + - (2 / b * t)))
      by (unfold t; ring).
    rewrite !exp_plus, (exp_Ropp (2 / b * t)); unfold T; field; lra.
- apply Rmult_le_pos; [auto|apply Rlt_le, exp_pos].
- exists r; split; auto.
  replace (tails L M m (b + e) b k)
    with (2 * (T * exp (k * b) / k * exp (- (k * b)))); [exact I|].
  rewrite exp_Ropp; unfold tails; fold T; pose proof (exp_pos (k * b)); field; lra.
Qed.

Variable Q : R -> nat -> R.
Hypothesis m_odds : forall x, at_log_odds (Q x) (log_odds_at m x).

Lemma odds_le x u : Rabs (u - x) <= e ->
  0 <= odds M (log_odds_at h x) (log_odds_at m u) <= 2 + growth M * log_odds_size m (Rabs x + e).
Proof.
intros Hu; pose proof (odds_bounds M (log_odds_at h x) (log_odds_at m u)) as B.
split; [apply B|]; apply Rle_trans with (1 := proj2 B), Rplus_le_compat_l.
apply Rmult_le_compat_l; [apply growth_ge0|]; apply Rle_trans with (1 := log_odds_le m u).
apply log_odds_size_le; [apply Rabs_pos|].
replace u with (x + (u - x)) by ring; pose proof (Rabs_triang x (u - x)); lra.
Qed.

(** ** What has to be monotone in pieces *)

Definition score_level (x : R) : R := level M (log_odds_at h x) (log_odds_at m x).
Definition score_slope (x : R) : R :=
  level_slope M (log_odds_at h x) (log_odds_at m x) (log_odds_slope h x) (log_odds_slope m x).

Lemma is_derive_score_level x : is_derive score_level x (score_slope x).
Proof. apply is_derive_level; apply is_derive_log_odds. Qed.

(** Divergences at one place, and at two, as a certificate computes them. *)
Definition score_chosen (c : choice) (x : R) : R :=
  let at_place u := computed M (argument_at h u) (argument_at m u) in
  match c with Lower => at_place (x - e) | Upper => at_place (x + e) | Node t => height M t end.
Definition madry_chosen (c : choice) (x : R) : R :=
  computed M (argument_at h x)
    match c with Lower => argument_at m (x - e) | Upper => argument_at m (x + e)
    | Node t => number t end.

Lemma score_chosen_is c x : score_chosen c x = chosen score_level (height M) e x c.
Proof.
destruct c; cbn [score_chosen chosen]; rewrite ?argument_at_number, ?computed_odds;
  [apply odds_level..|reflexivity].
Qed.

Lemma madry_chosen_is c x :
  madry_chosen c x = chosen (log_odds_at m) (odds M (log_odds_at h x)) e x c.
Proof.
destruct c; unfold madry_chosen; cbn [chosen]; rewrite ?argument_at_number; apply computed_odds.
Qed.

Definition score_cells (d : R) : R -> R -> R -> R -> Prop :=
  cells (range M) score_level d e (fun _ => height M) (density L) (peak L).
Definition madry_cells (d : R) : R -> R -> R -> R -> Prop :=
  cells (fun _ => True) (log_odds_at m) d e (fun x => odds M (log_odds_at h x)) (density L) (peak L).

(** A cell, with the integral and the comparisons in computed form. *)
Lemma score_cell d a c nodes which i w : a <= c ->
  (forall x, a <= x <= c -> chain (range M) score_level d (x - e) nodes (x + e)) ->
  among nodes which ->
  (forall x, a <= x <= c ->
    no_larger (density L x) (fun k => score_chosen k x) (peak L * d) nodes which) ->
  Rabs (RInt (fun x => density L x * score_chosen which x) a c - i) <= w -> score_cells d a c i w.
Proof.
intros ac Hc A B; apply (cell _ _ _ _ _ _ _ _ _ nodes which); auto.
- intros x Hx; specialize (B x Hx).
  eapply Forall_impl; [|exact B]; intros other; cbv beta; rewrite !score_chosen_is; auto.
- intros x; rewrite score_chosen_is; reflexivity.
Qed.

Lemma madry_cell d a c nodes which i w : a <= c ->
  (forall x, a <= x <= c -> chain (fun _ => True) (log_odds_at m) d (x - e) nodes (x + e)) ->
  among nodes which ->
  (forall x, a <= x <= c ->
    no_larger (density L x) (fun k => madry_chosen k x) (peak L * d) nodes which) ->
  Rabs (RInt (fun x => density L x * madry_chosen which x) a c - i) <= w -> madry_cells d a c i w.
Proof.
intros ac Hc A B; apply (cell _ _ _ _ _ _ _ _ _ nodes which); auto.
- intros x Hx; specialize (B x Hx).
  eapply Forall_impl; [|exact B]; intros other; cbv beta; rewrite !madry_chosen_is; auto.
- intros x; rewrite madry_chosen_is; reflexivity.
Qed.

(** ** The standard risk *)

Definition standard_integral (a c i w : R) : Prop :=
  Rabs (RInt (fun x => density L x * computed M (argument_at h x) (argument_at m x)) a c - i) <= w.

Theorem standard_risk i w : standard_integral (- b) b i w ->
  exists r, R_standard L Q (divergence M) r /\ i - w <= r <= i + w + tails L M m (b + e) b k.
Proof.
intros I; unfold standard_integral in I.
rewrite (RInt_ext _ (fun x => density L x * odds M (log_odds_at h x) (log_odds_at m x))) in I
  by (intros; rewrite !argument_at_number, computed_odds; reflexivity).
apply Rabs_le_between in I.
destruct (risk_near_window (fun x => odds M (log_odds_at h x) (log_odds_at m x))) as [r [Hr B]].
- intros x; apply odds_continuous; apply log_odds_continuous.
- intros x; apply odds_le; rewrite Rminus_eq_0, Rabs_R0; auto.
- exists r; split; [|lra].
  apply (line_integral_ext (fun x => density L x * odds M (log_odds_at h x) (log_odds_at m x))); auto.
  intros x; f_equal; symmetry; apply divergence_odds; auto.
Qed.

(** ** SCORE *)

Theorem score_risk d i w :
  score_cells d (- b) b i w ->
  exists r, R_score L Q (divergence M) e r /\
    i - (w + peak L * (18 * d * b)) <= r <=
    i + (w + peak L * (18 * d * b)) + tails L M m (b + e) b k.
Proof.
intros H; set (f u := odds M (log_odds_at h u) (log_odds_at m u)).
assert (F : forall u, continuous f u).
{ intros u; apply odds_continuous; apply log_odds_continuous. }
pose (s x := proj1_sig (window_sup_ex f e F e_ge0 x)).
assert (S : forall x, is_sup (fun u => Rabs (u - x) <= e) f (s x)) by (intros x; apply proj2_sig).
assert (Cs := window_sup_continuous f e F s S).
destruct (risk_near_window s Cs) as [r [Hr B]].
{ intros x; assert (x0 : Rabs (x - x) <= e) by (rewrite Rminus_eq_0, Rabs_R0; auto).
  split; [apply Rle_trans with (f x); [apply odds_le; auto|apply (le_sup _ _ _ x (S x) x0)]|].
  apply (sup_le _ _ _ _ (S x)); intros u Hu.
  eapply Rle_trans; [apply odds_bounds|]; apply Rplus_le_compat_l.
  apply Rmult_le_compat_l; [apply growth_ge0|]; apply Rle_trans with (1 := log_odds_le m u).
  apply log_odds_size_le; [apply Rabs_pos|].
  replace u with (x + (u - x)) by ring; pose proof (Rabs_triang x (u - x)); lra. }
destruct (cells_sup (range M) score_level d e
  (fun _ => height M) (density L) (peak L)) with (s := s) (a := - b) (b := b) (i := i) (w := w)
  as [_ N]; auto.
- intros u; apply level_range.
- intros _; apply height_valley.
- intros _; apply height_lipschitz.
- intros t x; apply continuous_const.
- intros c x; apply (continuous_ext (fun x => f (x + c))); [intros y; apply odds_level|].
  apply (continuous_comp (fun x => x + c) f); auto.
  apply (ex_derive_continuous (fun x => x + c)); auto_derive; auto.
- apply density_continuous.
- apply density_bounds.
- intros x; apply (is_sup_ext _ f); [intros u; apply odds_level|apply S].
- exists r; split.
  + exists s; split; auto; intros x; apply (is_sup_ext _ f); [|apply S].
    intros u; symmetry; apply divergence_odds; auto.
  + apply Rabs_le_between in N; split; lra.
Qed.

(** ** Madry's risk, and C *)

Lemma Rmax_continuous (f g : R -> R) x : continuous f x -> continuous g x ->
  continuous (fun x => Rmax (f x) (g x)) x.
Proof.
intros F G; apply (continuous_ext (fun x => / 2 * (f x + g x + Rabs (f x - g x)))).
- intros y; unfold Rmax, Rabs; destruct (Rle_dec (f y) (g y)), (Rcase_abs (f y - g y)); lra.
- apply (continuous_scal_r (V := R_NormedModule) (/ 2)
    (fun x => f x + g x + Rabs (f x - g x))).
  apply (continuous_plus (fun x => f x + g x)); [apply (continuous_plus f); auto|].
  apply (continuous_comp (fun x => f x - g x) Rabs);
    [apply (continuous_minus f); auto|apply continuous_Rabs].
Qed.

Lemma window_max_ex (g : R -> R) x : (forall u, continuous g u) ->
  exists v, Rabs (v - x) <= e /\ forall u, Rabs (u - x) <= e -> g u <= g v.
Proof.
intros G; destruct (continuity_ab_maj g (x - e) (x + e)) as [v [Hv Iv]]; [lra| |].
- intros u _; apply continuity_pt_filterlim, G.
- exists v; split; [apply Rabs_le; lra|]; intros u Hu; apply Hv; apply Rabs_le_between in Hu; lra.
Qed.

Lemma sup_is_max (g : R -> R) x t : (forall u, continuous g u) ->
  is_sup (fun u => Rabs (u - x) <= e) g t -> exists v, Rabs (v - x) <= e /\ g v = t.
Proof.
intros G S; destruct (window_max_ex g x G) as [v [Hv Mv]]; exists v; split; auto.
apply Rle_antisym; [apply (le_sup _ _ _ v S Hv)|apply (sup_le _ _ _ _ S), Mv].
Qed.

Theorem madry_risk d i w :
  madry_cells d (- b) b i w ->
  exists r, R_madry L Q (divergence M) e r /\
    i - (w + peak L * (18 * d * b)) <= r <=
    i + (w + peak L * (18 * d * b)) + tails L M m (b + e) b k.
Proof.
intros H; set (g := log_odds_at m).
assert (G : forall u, continuous g u) by apply log_odds_continuous.
assert (G' : forall u, continuous (fun u => - g u) u) by (intros; apply (continuous_opp g), G).
pose (hi x := proj1_sig (window_sup_ex g e G e_ge0 x)).
pose (lo x := - proj1_sig (window_sup_ex (fun u => - g u) e G' e_ge0 x)).
assert (Hi : forall x, is_sup (fun u => Rabs (u - x) <= e) g (hi x)) by (intros x; apply proj2_sig).
assert (Lo : forall x, is_sup (fun u => Rabs (u - x) <= e) (fun u => - g u) (- lo x)).
{ intros x; unfold lo; rewrite Ropp_involutive; apply proj2_sig. }
pose (s x := Rmax (odds M (log_odds_at h x) (lo x)) (odds M (log_odds_at h x) (hi x))).
assert (S : forall x, is_sup (fun u => Rabs (u - x) <= e) (fun u => odds M (log_odds_at h x) (g u))
  (s x)).
{ intros x; split.
  - intros y [u [Hu ->]]; apply odds_valley; auto.
    pose proof (le_sup _ _ _ u (Hi x) Hu); pose proof (le_sup _ _ _ u (Lo x) Hu); simpl in *; lra.
  - intros y Hy; apply Rmax_lub; apply Hy.
    + destruct (sup_is_max (fun u => - g u) x (- lo x) G' (Lo x)) as [v [Hv E]].
      exists v; split; auto; f_equal; lra.
    + destruct (sup_is_max g x (hi x) G (Hi x)) as [v [Hv E]].
      exists v; split; auto; f_equal; lra. }
assert (Cs : forall x, continuous s x).
{ intros x; pose proof (window_sup_continuous g e G hi Hi x) as CH.
  pose proof (window_sup_continuous (fun u => - g u) e G' (fun x => - lo x) Lo x) as CL.
  assert (CL' : continuous lo x).
  { apply (continuous_ext (fun x => - - lo x)); [intros; apply Ropp_involutive|].
    apply (continuous_opp (fun x => - lo x)), CL. }
  apply (Rmax_continuous (fun x => odds M (log_odds_at h x) (lo x))
    (fun x => odds M (log_odds_at h x) (hi x))); apply odds_continuous; auto;
    apply log_odds_continuous. }
destruct (risk_near_window s Cs) as [r [Hr B]].
{ intros x; assert (x0 : Rabs (x - x) <= e) by (rewrite Rminus_eq_0, Rabs_R0; auto).
  split; [apply Rle_trans with (odds M (log_odds_at h x) (g x));
    [apply odds_le; auto|apply (le_sup _ _ _ x (S x) x0)]|].
  apply (sup_le _ _ _ _ (S x)); intros u Hu; apply odds_le; auto. }
destruct (cells_sup (fun _ => True) g d e (fun x => odds M (log_odds_at h x)) (density L) (peak L))
  with (s := s) (a := - b) (b := b) (i := i) (w := w) as [_ N]; auto.
- intros x; apply odds_valley.
- intros x; apply odds_lipschitz.
- intros t x; apply odds_continuous; [apply log_odds_continuous|apply continuous_const].
- intros c x; apply (odds_continuous M _ (fun x => g (x + c))); [apply log_odds_continuous|].
  apply (continuous_comp (fun x => x + c) g); auto.
  apply (ex_derive_continuous (fun x => x + c)); auto_derive; auto.
- apply density_continuous.
- apply density_bounds.
- exists r; split.
  + exists s; split; auto; intros x.
    apply (is_sup_ext _ (fun u => odds M (log_odds_at h x) (g u))); [|apply S].
    intros u; symmetry; apply divergence_odds; auto.
  + apply Rabs_le_between in N; split; lra.
Qed.
End Risk.
