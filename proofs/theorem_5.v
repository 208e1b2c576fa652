(** * Theorem 5: the smoothed risk to first order in the noise's variance, on the line

    For one label, u s x is the joint density p_d^s(x, y) smoothed by noise of variance s, and
    l x = ln p_theta(y|x). The smoothed densities solve the heat equation, du/ds = (1/2) d2u/dx2,
    which with differentiability is what is assumed of them for s near s0.

    - [theorem_5_window]: on an interval [a, b],
        d/ds \int_a^b u (- l) = (1/2) \int_a^b u_x l' - (1/2) [u_x l]_a^b,
      by the heat equation and one integration by parts.
    - [theorem_5]: on the line. If the risk is the limit of the integrals over [-n, n], and near s0,
      uniformly, the boundary terms vanish and the integrals of u_x l' converge to g s, then
        d/ds R_G = (1/2) g s0,   that is,   (1/2) \int u_x l'.
      Since u_x = u d(ln u)/dx, this is (1/2) \int u (ln u)_x l', the paper's expectation for the
      label; the sum over the labels is [theorem_5_labels].

    Deviations from the paper: one dimension; the tail conditions are hypotheses, which
    theorem_5_mixtures.v proves for Gaussian mixtures. *)
From Coq Require Import Reals Lra List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels.
Open Scope R_scope.

(** ** Derivatives pass to the limit when they converge uniformly near the point *)

Lemma is_derive_uniform_limit (F dF : nat -> R -> R) (limit g : R -> R) (e : nat -> R) s0 d :
  0 < d -> (forall n s, Rabs (s - s0) < d -> is_derive (F n) s (dF n s)) ->
  (forall s, Rabs (s - s0) < d -> is_lim_seq (fun n => F n s) (limit s)) ->
  (forall n s, Rabs (s - s0) < d -> Rabs (dF n s - g s) <= e n) -> is_lim_seq e 0 ->
  is_derive limit s0 (g s0).
Proof.
intros d0 HF Hlim Hg He; apply is_derive_Reals; intros eps eps0.
assert (q0 : 0 < eps / 4) by lra.
destruct (proj2 (is_lim_seq_spec e 0) He (mkposreal _ q0)) as [n Hn]; simpl in Hn.
assert (En : forall m, (n <= m)%nat -> e m < eps / 4).
{ intros m Hm; pose proof (Hn m Hm) as B; rewrite Rminus_0_r in B.
  pose proof (Rle_abs (e m)); lra. }
assert (N0 : Rabs (s0 - s0) < d) by (rewrite Rminus_eq_0, Rabs_R0; auto).
destruct (proj1 (is_derive_Reals _ _ _) (HF n s0 N0) _ q0) as [delta Hdelta].
assert (m0 : 0 < Rmin delta d) by (apply Rmin_glb_lt; [apply cond_pos|auto]).
exists (mkposreal _ m0); simpl; intros h h0 Hh.
assert (Hh1 : Rabs h < delta) by (eapply Rlt_le_trans; [exact Hh|apply Rmin_l]).
assert (Hh2 : Rabs h < d) by (eapply Rlt_le_trans; [exact Hh|apply Rmin_r]).
assert (Nh : Rabs (s0 + h - s0) < d) by (replace (s0 + h - s0) with h by ring; auto).
assert (between : forall c, Rmin s0 (s0 + h) <= c <= Rmax s0 (s0 + h) -> Rabs (c - s0) < d).
{ intros c Hc; revert Hc Hh2; unfold Rmin, Rmax, Rabs.
  destruct (Rle_dec s0 (s0 + h)), (Rcase_abs h), (Rcase_abs (c - s0)); lra. }
set (A := limit (s0 + h) - limit s0 - (F n (s0 + h) - F n s0)).
assert (HA : Rabs A <= eps / 2 * Rabs h).
{ apply (is_lim_seq_le_loc
    (fun m => Rabs (F m (s0 + h) - F m s0 - (F n (s0 + h) - F n s0))) (fun _ => eps / 2 * Rabs h)
    (Finite (Rabs A)) (Finite (eps / 2 * Rabs h))).
  - exists n; intros m Hm.
    destruct (MVT_gen (fun s => F m s - F n s) s0 (s0 + h) (fun s => dF m s - dF n s))
      as [c [Hc E]].
    + intros c Hc; apply (is_derive_minus (F m) (F n)); apply HF, between; lra.
    + intros c Hc; apply continuity_pt_minus; apply derivable_continuous_pt;
        eexists; apply is_derive_Reals, HF, between; lra.
    + replace (s0 + h - s0) with h in E by ring.
      replace (F m (s0 + h) - F m s0 - (F n (s0 + h) - F n s0)) with ((dF m c - dF n c) * h) by lra.
      rewrite Rabs_mult; apply Rmult_le_compat_r; [apply Rabs_pos|].
      pose proof (between c Hc) as Nc.
      pose proof (Hg m c Nc) as B1; pose proof (Hg n c Nc) as B2.
      pose proof (En m Hm); pose proof (En n (le_n n)).
      apply Rabs_le_between in B1; apply Rabs_le_between in B2; apply Rabs_le; lra.
  - apply (is_lim_seq_abs _ (Finite A)), is_lim_seq_minus'; [|apply is_lim_seq_const].
    apply is_lim_seq_minus'; apply Hlim; auto.
  - apply is_lim_seq_const. }
pose proof (Hdelta h h0 Hh1) as HB; pose proof (Hg n s0 N0) as HC.
pose proof (En n (le_n n)).
replace ((limit (s0 + h) - limit s0) / h - g s0)
  with (A / h + (((F n (s0 + h) - F n s0) / h - dF n s0) + (dF n s0 - g s0)))
  by (unfold A; field; auto).
assert (Rabs (A / h) <= eps / 2).
{ unfold Rdiv; rewrite Rabs_mult, Rabs_inv; apply Rmult_le_reg_r with (Rabs h);
    [apply Rabs_pos_lt; auto|]; rewrite Rmult_assoc, Rinv_l by (apply Rabs_no_R0; auto); lra. }
eapply Rle_lt_trans; [apply Rabs_triang|].
pose proof (Rabs_triang ((F n (s0 + h) - F n s0) / h - dF n s0) (dF n s0 - g s0)); lra.
Qed.

(** ** The window and the line *)

Section Theorem5.
Variables (u ux uxx : R -> R -> R) (l l1 : R -> R) (s0 d : R).
Hypothesis d_pos : 0 < d.
Notation near s := (Rabs (s - s0) < d).
Hypothesis heat : forall s x, near s -> is_derive (fun z => u z x) s (uxx s x / 2).
Hypothesis u_x : forall s x, near s -> is_derive (u s) x (ux s x).
Hypothesis u_xx : forall s x, near s -> is_derive (ux s) x (uxx s x).
Hypothesis uxx_continuous : forall s x, near s -> continuity_2d_pt uxx s x.
Hypothesis l_x : forall x, is_derive l x (l1 x).
Hypothesis l1_continuous : forall x, continuous l1 x.

Lemma derive_continuous (f : R -> R) x y : is_derive f x y -> continuous f x.
Proof. intros H; apply (ex_derive_continuous f); exists y; exact H. Qed.

Lemma uxx_continuous_x s x : near s -> continuous (uxx s) x.
Proof.
intros Hs; apply continuity_pt_filterlim, continuity_pt_locally; intros eps.
destruct (uxx_continuous s x Hs eps) as [delta H]; exists delta; intros y Hy; apply H; auto.
rewrite Rminus_eq_0, Rabs_R0; apply cond_pos.
Qed.

Lemma integrable_products s a b : near s ->
  ex_RInt (fun x => uxx s x * l x) a b /\ ex_RInt (fun x => ux s x * l1 x) a b.
Proof.
intros Hs; split; apply (ex_RInt_continuous (V := R_CompleteNormedModule)); intros x _.
- apply (continuous_mult (uxx s) l); [apply uxx_continuous_x; auto|].
  apply (derive_continuous _ _ _ (l_x x)).
- apply (continuous_mult (ux s) l1); auto; apply (derive_continuous _ _ _ (u_xx s x Hs)).
Qed.

Lemma integration_by_parts s a b : near s ->
  RInt (fun x => uxx s x * l x) a b =
  (ux s b * l b - ux s a * l a) - RInt (fun x => ux s x * l1 x) a b.
Proof.
intros Hs; destruct (integrable_products s a b Hs) as [I J].
assert (P : is_RInt (fun x => uxx s x * l x + ux s x * l1 x) a b (ux s b * l b - ux s a * l a)).
{ apply (is_RInt_derive (fun x => ux s x * l x)); intros x _.
  - apply (is_derive_mult (ux s) l x); auto; intros; apply Rmult_comm.
  - apply (continuous_plus (fun x => uxx s x * l x) (fun x => ux s x * l1 x)).
    + apply (continuous_mult (uxx s) l); [apply uxx_continuous_x; auto|].
      apply (derive_continuous _ _ _ (l_x x)).
    + apply (continuous_mult (ux s) l1); auto; apply (derive_continuous _ _ _ (u_xx s x Hs)). }
assert (move : forall r t w : R, r + t = w -> r = w - t) by (intros; lra).
apply move; rewrite <- (is_RInt_unique _ _ _ _ P); symmetry.
apply (RInt_plus (V := R_CompleteNormedModule)); auto.
Qed.

Definition window_derivative s a b : R :=
  RInt (fun x => ux s x * l1 x) a b / 2 - (ux s b * l b - ux s a * l a) / 2.

(** Under the integral over a window, the derivative in s is half the second derivative in x. *)
Lemma window_heat (f : R -> R) s a b : (forall x, continuous f x) -> near s ->
  is_derive (fun s => RInt (fun x => u s x * f x) a b) s (/ 2 * RInt (fun x => uxx s x * f x) a b).
Proof.
intros Hf Hs; assert (near_open : locally s (fun z => near z)).
{ assert (p0 : 0 < d - Rabs (s - s0)) by lra; exists (mkposreal _ p0); intros z Hz.
  replace (z - s0) with (z - s + (s - s0)) by ring.
  pose proof (Rabs_triang (z - s) (s - s0)).
  change (Rabs (z - s) < d - Rabs (s - s0)) in Hz; lra. }
assert (DD : forall z x, near z -> is_derive (fun z => u z x * f x) z (/ 2 * (uxx z x * f x))).
{ intros z x Hz; replace (/ 2 * (uxx z x * f x)) with (f x * (uxx z x / 2)) by field.
  apply (is_derive_ext (fun z => scal (f x) (u z x))); [intros; apply Rmult_comm|].
  apply (is_derive_scal (fun z => u z x)); auto. }
replace (/ 2 * RInt (fun x => uxx s x * f x) a b)
  with (RInt (fun x => Derive (fun z => u z x * f x) s) a b).
- apply is_derive_RInt_param.
  + apply filter_imp with (2 := near_open); intros z Hz x _; eexists; apply DD; auto.
  + intros x _; destruct near_open as [e He].
    apply (continuity_2d_pt_ext_loc (fun z x => / 2 * (uxx z x * f x))).
    { exists e; intros z y Hz _; symmetry; apply is_derive_unique, DD, He, Hz. }
    apply continuity_2d_pt_mult; [apply continuity_2d_pt_const|].
    apply continuity_2d_pt_mult; [apply uxx_continuous; auto|].
    apply continuity_1d_2d_pt_comp with (f := f) (g := fun _ y => y); [|apply continuity_2d_pt_id2].
    apply continuity_pt_filterlim, Hf.
  + apply filter_imp with (2 := near_open); intros z Hz.
    apply (ex_RInt_continuous (V := R_CompleteNormedModule)); intros x _.
    apply (continuous_mult (u z) f); [apply (derive_continuous _ _ _ (u_x z x Hz))|apply Hf].
- rewrite (RInt_ext _ (fun x => scal (/ 2) (uxx s x * f x)))
    by (intros; apply is_derive_unique, DD; auto).
  apply (RInt_scal (V := R_CompleteNormedModule)).
  apply (ex_RInt_continuous (V := R_CompleteNormedModule)); intros x _.
  apply (continuous_mult (uxx s) f); [apply uxx_continuous_x; auto|apply Hf].
Qed.

Theorem theorem_5_window s a b : near s ->
  is_derive (fun s => RInt (fun x => u s x * - l x) a b) s (window_derivative s a b).
Proof.
intros Hs; replace (window_derivative s a b) with (/ 2 * RInt (fun x => uxx s x * - l x) a b).
- apply (window_heat (fun x => - l x)); auto; intros x.
  apply (continuous_opp l), (derive_continuous _ _ _ (l_x x)).
- rewrite (RInt_ext _ (fun x => scal (-1) (uxx s x * l x))).
  2: { intros x _; change (uxx s x * - l x = -1 * (uxx s x * l x)); ring. }
  rewrite (RInt_scal (V := R_CompleteNormedModule)) by apply (integrable_products s a b Hs).
  rewrite integration_by_parts by auto.
  assert (final : forall w e : R, / 2 * (-1 * (e - w)) = w / 2 - e / 2) by (intros; field).
  apply final.
Qed.

Variables (R_G g : R -> R) (tail : nat -> R).
Hypothesis risk : forall s, near s ->
  is_lim_seq (fun n => RInt (fun x => u s x * - l x) (- INR n) (INR n)) (R_G s).
Hypothesis boundary : forall n s, near s ->
  Rabs (ux s (INR n) * l (INR n) - ux s (- INR n) * l (- INR n)) <= tail n.
Hypothesis integral : forall n s, near s ->
  Rabs (RInt (fun x => ux s x * l1 x) (- INR n) (INR n) - g s) <= tail n.
Hypothesis tail_vanishes : is_lim_seq tail 0.

Theorem theorem_5 : is_derive R_G s0 (g s0 / 2).
Proof.
apply (is_derive_uniform_limit (fun n s => RInt (fun x => u s x * - l x) (- INR n) (INR n))
  (fun n s => window_derivative s (- INR n) (INR n)) R_G (fun s => g s / 2) tail s0 d); auto.
- intros n s Hs; apply theorem_5_window; auto.
- intros n s Hs; pose proof (boundary n s Hs) as A; pose proof (integral n s Hs) as B.
  unfold window_derivative; apply Rabs_le_between in A; apply Rabs_le_between in B.
  apply Rabs_le; lra.
Qed.
End Theorem5.

Theorem theorem_5_labels {Y : Type} (labels : list Y) (R_G g : Y -> R -> R) s0 :
  (forall y, In y labels -> is_derive (R_G y) s0 (g y s0 / 2)) ->
  is_derive (fun s => sum labels (fun y => R_G y s)) s0 (sum labels (fun y => g y s0) / 2).
Proof.
intros H; replace (sum labels (fun y => g y s0) / 2) with (sum labels (fun y => / 2 * g y s0))
  by (rewrite sum_scal; field).
apply (is_derive_sum labels (fun s y => R_G y s)); intros y Hy.
rewrite Rmult_comm; apply H; auto.
Qed.
