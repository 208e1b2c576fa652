(** * Theorem 4: the self-consistent risk to first order in the radius

    Inputs form a real vector space [V] with a norm [N] (homogeneous and nonnegative is all that is
    used), and the perturbation set of x is all x + h with N h <= eps. For each label, f y is the
    difference p_d(y|.) - p_theta(y|.), with a derivative df y x that is linear under multiples and
    a second-order remainder: |f y (x + h) - f y x - df y x h| <= (M / 2) N(h)^2. Means are those of
    any expectation (expectation.v), suprema are real numbers.

    - Two labels ([theorem_4_two_labels], g the difference of one, [l1_two_labels]): for
      every eps > 0
        | R_SCORE - R_Standard - 2 eps E ||dg||_* | <= M eps^2,
      with the dual norm ||dg x||_* = sup of |dg x h| over N h <= 1; no condition on where g = 0.
    - Any labels ([theorem_4_signs]): with the signs s_y of f y x, the dual norm of the sum of
      s_y df_y, K labels, slopes |df y x h| <= G N(h) and [tie x] >= 0, at least 1 where some
      |f y x| < G eps + (M / 2) eps^2,
        | R_SCORE - R_Standard - eps E || sum_y s_y df_y ||_* | <= K (M/2) eps^2 + 2 K G eps E tie.
      E tie is then at least the probability of a near-tie.
    - The limit ([theorem_4]): if E tie vanishes, which theorem_4_ties.v proves where ties have
      probability zero,
        ( R_SCORE(eps) - R_Standard ) / eps  tends to  E || sum_y s_y df_y ||_*  as eps decreases to
        0.
    - The paper's form: where the sign of one label is 1 and those of the others -1, the sum of
      s_y df_y is 2 df of that label ([slope_one_against_rest]), and so its dual norm twice that of df
      ([dual_one_against_rest]); theorem_4_ties.v has the limit.

    Deviations from the paper: quantitative remainders, from bounds on the first and second
    derivatives. *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Hierarchy Rcomplements Rbar.
From Score Require Import labels divergences expectation.
Import ListNotations.
Open Scope R_scope.

Lemma mult_div c a : c <> 0 -> c * (a / c) = a.
Proof. intros; field; auto. Qed.

Section Ball.
Context {V : ModuleSpace R_Ring} (N : V -> R).
Hypothesis N_scal : forall c h, N (scal c h) <= Rabs c * N h.
Hypothesis N_ge0 : forall h, 0 <= N h.
Variable eps : R.
Hypothesis eps_pos : 0 < eps.

Lemma N_scal_eps h : N h <= 1 -> N (scal eps h) <= eps.
Proof.
intros H; eapply Rle_trans; [apply N_scal|]; rewrite Rabs_pos_eq by lra; nra.
Qed.

Lemma N_scal_inv_eps h : N h <= eps -> N (scal (/ eps) h) <= 1.
Proof.
intros H; assert (0 < / eps) by (apply Rinv_0_lt_compat; auto).
eapply Rle_trans; [apply N_scal|]; rewrite Rabs_pos_eq by lra.
rewrite <- (Rinv_l eps) by lra; nra.
Qed.

(** A linear form on the ball of radius eps is at most eps times its supremum on the unit ball. *)
Lemma form_le_dual (l : V -> R) d h : (forall c k, l (scal c k) = c * l k) ->
  is_sup (fun k => N k <= 1) l d -> N h <= eps -> l h <= eps * d.
Proof.
intros lin Hd H; pose proof (le_sup _ _ _ _ Hd (N_scal_inv_eps h H)) as U; rewrite lin in U.
apply Rmult_le_compat_l with (r := eps) in U; [|lra].
rewrite <- Rmult_assoc, Rinv_r in U by lra; lra.
Qed.
End Ball.

Section SignForm.
Context {V : ModuleSpace R_Ring} (N : V -> R).
Hypothesis N_scal : forall c h, N (scal c h) <= Rabs c * N h.
Hypothesis N_ge0 : forall h, 0 <= N h.
Context {Y : Type} (labels : list Y) (f : Y -> V -> R) (df : Y -> V -> V -> R) (M G eps : R).
Hypothesis df_scal : forall y x c h, In y labels -> df y x (scal c h) = c * df y x h.
Hypothesis df_bound : forall y x h, In y labels -> Rabs (df y x h) <= G * N h.
Hypothesis remainder : forall y x h, In y labels ->
  Rabs (f y (plus x h) - f y x - df y x h) <= M / 2 * N h ^ 2.
Hypotheses (M_ge0 : 0 <= M) (G_ge0 : 0 <= G) (eps_pos : 0 < eps).

Notation K := (INR (length labels)).
Definition total (x : V) : R := sum labels (fun y => Rabs (f y x)).
Definition sign_slope (x h : V) : R := sum labels (fun y => sign (f y x) * df y x h).


(** ** One label: its absolute value to first order *)

Lemma abs_expand u w d g r : Rabs (w - u - d) <= r -> Rabs d <= g -> g + r <= Rabs u ->
  Rabs (Rabs w - Rabs u - sign u * d) <= r.
Proof.
intros Hr Hg Hu; pose proof (Rabs_pos d); pose proof (Rabs_pos (w - u - d)).
apply Rabs_le_between in Hr; apply Rabs_le_between in Hg; destruct (Rlt_or_le 0 u) as [P|P].
- rewrite sign_eq_1, (Rabs_pos_eq u) in * by lra; rewrite (Rabs_pos_eq w) by lra.
  apply Rabs_le; lra.
- destruct P as [P|P].
  + rewrite sign_eq_m1, (Rabs_left u) in * by lra; rewrite (Rabs_left1 w) by lra.
    apply Rabs_le; lra.
  + subst u; rewrite Rabs_R0, sign_0 in *; apply Rabs_le; unfold Rabs in *.
    destruct (Rcase_abs w); lra.
Qed.

Lemma abs_expand_rough u w d g r : Rabs (w - u - d) <= r -> Rabs d <= g ->
  Rabs (Rabs w - Rabs u - sign u * d) <= r + 2 * g.
Proof.
intros Hr Hg; apply Rabs_le_between in Hr; apply Rabs_le_between in Hg.
assert (- g <= sign u * d <= g).
{ destruct (Rlt_or_le 0 u) as [P|[P|P]]; [rewrite sign_eq_1|rewrite sign_eq_m1|subst u;
    rewrite sign_0]; lra. }
apply Rabs_le; unfold Rabs; destruct (Rcase_abs w), (Rcase_abs u); lra.
Qed.

(** ** The supremum over the ball *)

Variable tie : V -> R.
Hypothesis tie_ge0 : forall x, 0 <= tie x.
Hypothesis tie_ge1 : forall x y, In y labels -> Rabs (f y x) < G * eps + M / 2 * eps ^ 2 ->
  1 <= tie x.

Lemma remainder_on_ball y x h : In y labels -> N h <= eps ->
  Rabs (f y (plus x h) - f y x - df y x h) <= M / 2 * eps ^ 2 /\ Rabs (df y x h) <= G * eps.
Proof.
intros Hy H; split.
- eapply Rle_trans; [apply remainder, Hy|]; apply Rmult_le_compat_l; [lra|].
  apply pow_incr; auto.
- eapply Rle_trans; [apply df_bound, Hy|]; apply Rmult_le_compat_l; auto.
Qed.

Lemma total_expand x h : N h <= eps ->
  Rabs (total (plus x h) - total x - sign_slope x h)
    <= K * (M / 2 * eps ^ 2 + 2 * (G * eps) * tie x).
Proof.
intros H; unfold total, sign_slope; rewrite <- !sum_minus; apply sum_abs_le; intros y Hy.
destruct (remainder_on_ball y x h Hy H) as [Hr Hg]; assert (0 <= G * eps) by nra.
pose proof (tie_ge0 x).
destruct (Rlt_or_le (Rabs (f y x)) (G * eps + M / 2 * eps ^ 2)) as [T|T].
- pose proof (abs_expand_rough _ _ _ _ _ Hr Hg); pose proof (tie_ge1 x y Hy T); nra.
- pose proof (abs_expand _ _ _ _ _ Hr Hg T); nra.
Qed.

Lemma sign_slope_scal x c h : sign_slope x (scal c h) = c * sign_slope x h.
Proof.
unfold sign_slope; rewrite <- sum_scal; apply sum_ext; intros; rewrite df_scal by auto; ring.
Qed.

Variables score dual : V -> R.
Hypothesis score_sup : forall x, is_sup (fun h => N h <= eps) (fun h => total (plus x h)) (score x).
Hypothesis dual_sup : forall x, is_sup (fun h => N h <= 1) (sign_slope x) (dual x).

Lemma score_expand x :
  Rabs (score x - (1 * total x + eps * dual x)) <= K * (M / 2 * eps ^ 2 + 2 * (G * eps) * tie x).
Proof.
set (r := K * _); apply Rabs_le; split.
- enough (dual x <= (score x - total x + r) / eps) as D.
  { apply Rmult_le_compat_l with (r := eps) in D; [|lra].
    rewrite mult_div in D by lra; lra. }
  apply (sup_le _ _ _ _ (dual_sup x)); intros h H.
  apply Rmult_le_reg_l with eps; auto; rewrite <- sign_slope_scal.
  pose proof (N_scal_eps N N_scal eps eps_pos h H) as He.
  pose proof (le_sup _ _ _ _ (score_sup x) He) as U; cbv beta in U.
  pose proof (proj1 (Rabs_le_between _ _) (total_expand x _ He)) as T; fold r in T.
  rewrite mult_div by lra; lra.
- enough (score x <= total x + eps * dual x + r) by lra.
  apply (sup_le _ _ _ _ (score_sup x)); intros h H.
  pose proof (form_le_dual N N_scal eps eps_pos (sign_slope x) _ h (sign_slope_scal x)
    (dual_sup x) H).
  pose proof (proj1 (Rabs_le_between _ _) (total_expand x h H)) as T; fold r in T; lra.
Qed.

Context (Ex : expectation V).
Hypotheses (score_L : L Ex score) (total_L : L Ex total) (dual_L : L Ex dual) (tie_L : L Ex tie).

Theorem theorem_4_signs :
  Rabs (E Ex score - (E Ex total + eps * E Ex dual))
    <= K * (M / 2) * eps ^ 2 + 2 * K * G * eps * E Ex tie.
Proof.
rewrite <- (Rmult_1_l (E Ex total)), <- E_linear by auto.
apply E_abs_le; auto using L_linear; intros x.
eapply Rle_trans; [apply score_expand|right; ring].
Qed.
End SignForm.

(** ** The limit *)

Section Limit.
Context {V : ModuleSpace R_Ring} (N : V -> R).
Hypothesis N_scal : forall c h, N (scal c h) <= Rabs c * N h.
Hypothesis N_ge0 : forall h, 0 <= N h.
Context {Y : Type} (labels : list Y) (f : Y -> V -> R) (df : Y -> V -> V -> R) (M G : R).
Hypothesis df_scal : forall y x c h, In y labels -> df y x (scal c h) = c * df y x h.
Hypothesis df_bound : forall y x h, In y labels -> Rabs (df y x h) <= G * N h.
Hypothesis remainder : forall y x h, In y labels ->
  Rabs (f y (plus x h) - f y x - df y x h) <= M / 2 * N h ^ 2.
Hypotheses (M_ge0 : 0 <= M) (G_ge0 : 0 <= G).
Variables (tie score : R -> V -> R) (dual : V -> R).
Hypothesis tie_ge0 : forall r x, 0 <= tie r x.
Hypothesis tie_ge1 : forall r x y, In y labels -> Rabs (f y x) < r -> 1 <= tie r x.
Hypothesis score_sup : forall eps x, 0 < eps ->
  is_sup (fun h => N h <= eps) (fun h => total labels f (plus x h)) (score eps x).
Hypothesis dual_sup : forall x, is_sup (fun h => N h <= 1) (sign_slope labels f df x) (dual x).
Context (Ex : expectation V).
Hypotheses (score_L : forall eps, 0 < eps -> L Ex (score eps)) (total_L : L Ex (total labels f)).
Hypotheses (dual_L : L Ex dual) (tie_L : forall r, L Ex (tie r)).
Hypothesis ties_vanish : forall e, 0 < e ->
  exists2 r0, 0 < r0 & forall r, r <= r0 -> E Ex (tie r) < e.

Theorem theorem_4 : filterlim (fun eps => (E Ex (score eps) - E Ex (total labels f)) / eps)
  (at_right 0) (locally (E Ex dual)).
Proof.
set (K := INR (length labels)); assert (K0 : 0 <= K) by apply pos_INR.
apply filterlim_locally; intros e; pose proof (cond_pos e) as e0.
assert (a0 : 0 < e / 2 / (2 * K * G + 1)) by (apply Rdiv_lt_0_compat; [lra|nra]).
assert (b0 : 0 < e / 2 / (K * (M / 2) + 1)) by (apply Rdiv_lt_0_compat; [lra|nra]).
destruct (ties_vanish _ a0) as [r0 r00 small].
assert (c0 : 0 < r0 / (G + M / 2 + 1)) by (apply Rdiv_lt_0_compat; lra).
assert (d0 : 0 < Rmin (e / 2 / (K * (M / 2) + 1)) (Rmin 1 (r0 / (G + M / 2 + 1))))
  by (repeat apply Rmin_glb_lt; lra).
exists (mkposreal _ d0); intros eps Heps eps0.
assert (Le : eps < Rmin (e / 2 / (K * (M / 2) + 1)) (Rmin 1 (r0 / (G + M / 2 + 1)))).
{ apply Rabs_lt_between in Heps; unfold minus, plus, opp in Heps; simpl in Heps; lra. }
apply Rmin_Rgt in Le; destruct Le as [He Le]; apply Rmin_Rgt in Le; destruct Le as [He1 Her].
assert (HT : E Ex (tie (G * eps + M / 2 * eps ^ 2)) < e / 2 / (2 * K * G + 1)).
{ apply small; apply Rlt_div_r in Her; [|lra]; assert (eps ^ 2 <= eps) by nra.
  assert (M / 2 * eps ^ 2 <= M / 2 * eps) by (apply Rmult_le_compat_l; lra); lra. }
pose proof (theorem_4_signs N N_scal N_ge0 labels f df M G eps df_scal df_bound remainder M_ge0
  G_ge0 eps0 (tie (G * eps + M / 2 * eps ^ 2)) (tie_ge0 _) (tie_ge1 _) (score eps) dual
  (fun x => score_sup eps x eps0) dual_sup Ex (score_L eps eps0) total_L dual_L (tie_L _)) as B.
fold K in B; set (r := E Ex (tie _)) in *; set (S := E Ex (score eps)) in *.
set (t := E Ex (total labels f)) in *; set (D := E Ex dual) in *.
change (Rabs ((S - t) / eps - D) < e).
apply Rmult_lt_reg_l with eps; auto; rewrite <- (Rabs_pos_eq eps) at 1 by lra.
rewrite <- Rabs_mult; replace (eps * ((S - t) / eps - D)) with (S - (t + eps * D)) by (field; lra).
eapply Rle_lt_trans; [exact B|].
assert (H1 : 2 * K * G * r <= e / 2).
{ assert (KG : 0 <= 2 * K * G) by nra.
  apply Rle_trans with (2 * K * G * (e / 2 / (2 * K * G + 1))).
  - apply Rmult_le_compat_l; lra.
  - apply Rmult_le_reg_r with (2 * K * G + 1); [lra|].
    replace (2 * K * G * (e / 2 / (2 * K * G + 1)) * (2 * K * G + 1)) with (2 * K * G * (e / 2))
      by (field; lra); nra. }
assert (H2 : K * (M / 2) * eps < e / 2).
{ assert (KM : 0 <= K * (M / 2)) by nra.
  apply Rle_lt_trans with ((K * (M / 2)) * (e / 2 / (K * (M / 2) + 1))).
  - apply Rmult_le_compat_l; lra.
  - apply Rmult_lt_reg_r with (K * (M / 2) + 1); [lra|].
    replace (K * (M / 2) * (e / 2 / (K * (M / 2) + 1)) * (K * (M / 2) + 1))
      with (K * (M / 2) * (e / 2)) by (field; lra); nra. }
nra.
Qed.
End Limit.

(** Two labels: the l1 distance is twice the difference of either probability. *)
Lemma l1_two_labels {Y : Type} (y z : Y) a b :
  distribution [y; z] a -> distribution [y; z] b -> l1 [y; z] a b = 2 * Rabs (a y - b y).
Proof.
unfold l1, sum; simpl; intros [_ Ha] [_ Hb]; unfold sum in *; simpl in *.
replace (a z - b z) with (- (a y - b y)) by lra; rewrite Rabs_Ropp; ring.
Qed.

Section TwoLabels.
Context {V : ModuleSpace R_Ring} (N : V -> R).
Hypothesis N_scal : forall c h, N (scal c h) <= Rabs c * N h.
Hypothesis N_ge0 : forall h, 0 <= N h.
Variables (g : V -> R) (dg : V -> V -> R) (M eps : R).
Hypothesis dg_scal : forall x c h, dg x (scal c h) = c * dg x h.
Hypothesis remainder : forall x h, Rabs (g (plus x h) - g x - dg x h) <= M / 2 * N h ^ 2.
Hypotheses (M_ge0 : 0 <= M) (eps_pos : 0 < eps).

Variables score dual : V -> R.
Hypothesis score_sup :
  forall x, is_sup (fun h => N h <= eps) (fun h => 2 * Rabs (g (plus x h))) (score x).
Hypothesis dual_sup : forall x, is_sup (fun h => N h <= 1) (dg x) (dual x).

Lemma remainder_two_labels x h : N h <= eps ->
  Rabs (g (plus x h) - g x - dg x h) <= M / 2 * eps ^ 2.
Proof.
intros H; eapply Rle_trans; [apply remainder|]; apply Rmult_le_compat_l; [lra|].
apply pow_incr; auto.
Qed.

Lemma N_opp h c : N h <= c -> N (scal (-1) h) <= c.
Proof.
intros H; eapply Rle_trans; [apply N_scal|]; rewrite Rabs_left; lra.
Qed.

Lemma score_two_labels x :
  Rabs (score x - (2 * Rabs (g x) + 2 * eps * dual x)) <= M * eps ^ 2.
Proof.
set (r := M / 2 * eps ^ 2); replace (M * eps ^ 2) with (2 * r) by (unfold r; field).
apply Rabs_le; split.
- enough (dual x <= (score x / 2 - Rabs (g x) + r) / eps) as D.
  { apply Rmult_le_compat_l with (r := eps) in D; [|lra].
    rewrite mult_div in D by lra; lra. }
  apply (sup_le _ _ _ _ (dual_sup x)); intros h H.
  apply Rmult_le_reg_l with eps; auto.
  rewrite mult_div by lra.
  pose proof (N_scal_eps N N_scal eps eps_pos h H) as He.
  destruct (Rle_or_lt 0 (g x)) as [P|P].
  + pose proof (le_sup _ _ _ _ (score_sup x) He) as U; cbv beta in U.
    pose proof (proj1 (Rabs_le_between _ _) (remainder_two_labels x _ He)) as T; fold r in T.
    rewrite dg_scal in T; rewrite (Rabs_pos_eq (g x)) by auto.
    pose proof (Rle_abs (g (plus x (scal eps h)))); lra.
  + pose proof (N_opp _ _ He) as Hm.
    pose proof (le_sup _ _ _ _ (score_sup x) Hm) as U; cbv beta in U.
    pose proof (proj1 (Rabs_le_between _ _) (remainder_two_labels x _ Hm)) as T; fold r in T.
    rewrite !dg_scal in T; rewrite (Rabs_left (g x)) by auto.
    pose proof (Rle_abs (- g (plus x (scal (-1) (scal eps h))))) as A.
    rewrite Rabs_Ropp in A; lra.
- enough (score x <= 2 * (Rabs (g x) + eps * dual x + r)) by lra.
  apply (sup_le _ _ _ _ (score_sup x)); intros h H; apply Rmult_le_compat_l; [lra|].
  pose proof (form_le_dual N N_scal eps eps_pos (dg x) _ h (dg_scal x) (dual_sup x) H) as U.
  pose proof (form_le_dual N N_scal eps eps_pos (dg x) _ _ (dg_scal x) (dual_sup x)
    (N_opp _ _ H)) as W; rewrite dg_scal in W.
  pose proof (proj1 (Rabs_le_between _ _) (remainder_two_labels x h H)) as T; fold r in T.
  unfold Rabs; destruct (Rcase_abs (g (plus x h))), (Rcase_abs (g x)); lra.
Qed.

Context (Ex : expectation V).
Hypotheses (score_L : L Ex score) (g_L : L Ex (fun x => 2 * Rabs (g x))) (dual_L : L Ex dual).

Theorem theorem_4_two_labels :
  Rabs (E Ex score - (E Ex (fun x => 2 * Rabs (g x)) + 2 * eps * E Ex dual)) <= M * eps ^ 2.
Proof.
set (G := fun x => 2 * Rabs (g x)) in *; rewrite <- (Rmult_1_l (E Ex G)), <- E_linear by auto.
replace (M * eps ^ 2) with (M * eps ^ 2 + 0 * E Ex dual) by ring.
apply E_abs_le; auto using L_linear; intros x; pose proof (score_two_labels x).
unfold G; rewrite Rmult_1_l, Rmult_0_l, Rplus_0_r; auto.
Qed.
End TwoLabels.

(** ** The paper's form *)

Lemma slope_one_against_rest {Y : Type} (labels : list Y) (s d : Y -> R) z :
  NoDup labels -> In z labels -> s z = 1 -> (forall y, In y labels -> y <> z -> s y = -1) ->
  sum labels d = 0 -> sum labels (fun y => s y * d y) = 2 * d z.
Proof.
intros D Hz Sz Sr S0.
rewrite (sum_ext _ _ (fun y => (s y + 1) * d y - d y)) by (intros; ring).
rewrite sum_minus, S0, (sum_single _ _ z); auto; [rewrite Sz; ring|].
intros y Hy Yz; rewrite Sr by auto; ring.
Qed.

Section PaperForm.
Context {V : ModuleSpace R_Ring} (N : V -> R).
Hypothesis N_scal : forall c h, N (scal c h) <= Rabs c * N h.
Hypothesis N_ge0 : forall h, 0 <= N h.
Context {Y : Type} (labels : list Y) (f : Y -> V -> R) (df : Y -> V -> V -> R) (M : R).
Hypothesis df_scal : forall y x c h, In y labels -> df y x (scal c h) = c * df y x h.
Hypothesis remainder : forall y x h, In y labels ->
  Rabs (f y (plus x h) - f y x - df y x h) <= M / 2 * N h ^ 2.
Hypothesis M_ge0 : 0 <= M.
Hypothesis f_sum : forall x, sum labels (fun y => f y x) = 0.

(** The derivatives of differences of distributions sum to zero. *)
Lemma slopes_sum_zero x h : sum labels (fun y => df y x h) = 0.
Proof.
set (S := sum labels _); set (c := INR (length labels) * (M / 2 * N h ^ 2)).
assert (c0 : 0 <= c).
{ apply Rmult_le_pos; [apply pos_INR|]; apply Rmult_le_pos; [lra|apply pow2_ge_0]. }
assert (B : forall t, 0 < t -> Rabs S <= c * t).
{ intros t Ht; apply Rmult_le_reg_l with t; auto; rewrite <- (Rabs_pos_eq t) at 1 by lra.
  rewrite <- Rabs_mult; replace (t * (c * t)) with (INR (length labels) * (M / 2 * (t * N h) ^ 2))
    by (unfold c; ring).
  replace (t * S) with
    (- sum labels (fun y => f y (plus x (scal t h)) - f y x - df y x (scal t h))).
  - rewrite Rabs_Ropp; apply sum_abs_le; intros y Hy; eapply Rle_trans; [apply remainder, Hy|].
    apply Rmult_le_compat_l; [lra|]; apply pow_incr; split; [apply N_ge0|].
    eapply Rle_trans; [apply N_scal|]; rewrite Rabs_pos_eq by lra; lra.
  - rewrite !sum_minus, !f_sum; unfold S; rewrite <- sum_scal.
    rewrite (sum_ext labels (fun y => df y x (scal t h)) (fun y => t * df y x h)) by auto; ring. }
destruct (Req_dec S 0) as [|S0]; auto; apply Rabs_pos_lt in S0; exfalso.
assert (t0 : 0 < Rabs S / (c + 1)) by (apply Rdiv_lt_0_compat; lra).
pose proof (B _ t0) as Bt; apply Rmult_le_compat_r with (r := c + 1) in Bt; [|lra].
replace (c * (Rabs S / (c + 1)) * (c + 1)) with (c * Rabs S) in Bt by (field; lra); lra.
Qed.

(** The dual norm of the sum of s_y df_y is twice that of df_z where z alone has the sign 1. *)
Lemma dual_one_against_rest x z d t : NoDup labels -> In z labels -> 0 < f z x ->
  (forall y, In y labels -> y <> z -> f y x < 0) ->
  is_sup (fun h => N h <= 1) (sign_slope labels f df x) d ->
  is_sup (fun h => N h <= 1) (df z x) t -> d = 2 * t.
Proof.
intros D Hz Fz Fr Hd Ht.
assert (S : forall h, sign_slope labels f df x h = 2 * df z x h).
{ intros h; apply (slope_one_against_rest labels (fun y => sign (f y x)) (fun y => df y x h));
    auto using slopes_sum_zero.
  - apply sign_eq_1; auto.
  - intros y Hy Yz; apply sign_eq_m1; auto. }
apply Rle_antisym.
- apply (sup_le _ _ _ _ Hd); intros h Hh; rewrite S; pose proof (le_sup _ _ _ _ Ht Hh); lra.
- enough (t <= d / 2) by lra; apply (sup_le _ _ _ _ Ht); intros h Hh.
  pose proof (le_sup _ _ _ _ Hd Hh) as U; rewrite S in U; lra.
Qed.
End PaperForm.
