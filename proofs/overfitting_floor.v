(** * The overfitting floor

    Where Corollary 1 applies to the l1 distance, with c = C^l1 and k = R_Madry^KL:
    - [R_score_lower_bound]: R_SCORE^l1 >= c - sqrt (2 k), positive once k < c^2 / 2;
    - [overfitting_floor]: R_SCORE^l1 = 0 needs k >= c^2 / 2;
    - [overfitting_floor_exp]: R_SCORE^l1 = 0 needs k >= - ln (1 - c^2 / 4)  (Bretagnolle-Huber).
    A model that pushes its robust risk below the floor is not self-consistent any more. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Import RIneq R_sqrt R_sqr Rfunctions Rtrigo_def Exp_prop Rpower Lra.
From Score Require Import risks label_risks corollary_1.
From Score Require divergences concave.
From Coquelicot Require Rcomplements.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Delimit Scope R_scope with coqR.
Delimit Scope ring_scope with R.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.



(** A distance of two nonnegative extended reals that is finite bounds one by the other. *)
Lemma near_le (s c : \bar real_realType) (r : R) : 0 <= s -> 0 <= c -> `|s - c| <= r%:E ->
  c <= s + r%:E.
Proof.
case: s c => [s||] [c||] //= _ _; rewrite !lee_fin => /ler_normlP[h _].
by move: h; rewrite opprB ler_subl_addl.
Qed.

Section Floor.
Context (Y : Type) (labels : seq Y) d (X : measurableType d).
Variables (mu : {measure set X -> \bar real_realType}) (B : X -> set X).
Variables (p q : X -> simplex labels).
Notation KL := (@KL Y labels).
Notation L1 := (@lift Y labels (divergences.l1 labels)).
Hypotheses (mu1 : mu setT = 1) (B_nonempty : forall x, B x !=set0).
Hypothesis madry_measurable : measurable_fun setT (madry_at B L1 p q).
Hypothesis score_measurable : measurable_fun setT (score_at B L1 p q).
Hypothesis variation_measurable : measurable_fun setT (variation_at B L1 p).
Hypothesis madry_KL_measurable : measurable_fun setT (madry_at B KL p q).
Hypothesis KL_finite : R_madry mu B KL p q \is a fin_num.

Let c : R := fine (C mu B L1 p).
Let k : R := fine (R_madry mu B KL p q).

Lemma L1_ge0 a b : 0 <= L1 a b.
Proof. by rewrite lee_fin; apply/RleP; exact: divergences.l1_ge0. Qed.

Lemma C_le_of_bound phi : corollary_1_bound KL (divergences.l1 labels) phi ->
  C mu B L1 p <= R_score mu B L1 p q + (phi k)%:E.
Proof.
move=> bound; apply: near_le; last exact: bound.
  by apply: integral_ge0 => x _; apply: sup_over_ge0 => // t; exact: L1_ge0.
by apply: integral_ge0 => x _; apply: sup_over_ge0 => // t; exact: L1_ge0.
Qed.

Lemma c_le_of_bound phi : corollary_1_bound KL (divergences.l1 labels) phi ->
  R_score mu B L1 p q = 0 -> (0 <= c <= phi k)%coqR.
Proof.
move=> /C_le_of_bound + s0; rewrite s0 add0e /c => Cle.
have C0 : 0 <= C mu B L1 p.
  by apply: integral_ge0 => x _; apply: sup_over_ge0 => // t; exact: L1_ge0.
have Cfin : C mu B L1 p \is a fin_num by rewrite ge0_fin_numE// (le_lt_trans Cle)// ltey.
by move: C0 Cle; rewrite -(fineK Cfin) !lee_fin => /RleP ? /RleP.
Qed.

Lemma k_ge0 : (0 <= k)%coqR.
Proof.
apply/RleP; apply: fine_ge0; apply: integral_ge0 => x _.
by apply: sup_over_ge0 => // t; exact: KL_ge0.
Qed.

Theorem R_score_lower_bound : C mu B L1 p - (sqrt (2 * k))%:E <= R_score mu B L1 p q.
Proof. by rewrite lee_subl_addr//; exact: C_le_of_bound (@corollary_1_l1 Y labels). Qed.

Theorem overfitting_floor : R_score mu B L1 p q = 0 -> (c ^ 2 / 2 <= k)%coqR.
Proof.
move=> s0; have [c0 ck] := c_le_of_bound (@corollary_1_l1 Y labels) s0; have k0 := k_ge0.
have := pow_incr _ _ 2 (conj c0 ck); rewrite pow2_sqrt; lra.
Qed.

Theorem overfitting_floor_exp : R_score mu B L1 p q = 0 -> (- ln (1 - c ^ 2 / 4) <= k)%coqR.
Proof.
move=> s0; have [c0 ck] := c_le_of_bound (@corollary_1_l1_exp Y labels) s0; have k0 := k_ge0.
have e1 := concave.exp_neg_le1 k k0; have e0 := exp_pos (- k)%coqR.
have := pow_incr _ _ 2 (conj c0 ck); rewrite Rpow_mult_distr pow2_sqrt; last lra.
move=> h; suff : (ln (exp (- k)) <= ln (1 - c ^ 2 / 4))%coqR by rewrite ln_exp; lra.
by apply: Rcomplements.ln_le => //; lra.
Qed.
End Floor.
