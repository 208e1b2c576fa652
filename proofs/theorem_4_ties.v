(** * The condition of Theorem 4 that near-ties vanish

    A random input [phi : W -> V] on a probability space, finitely many labels, and for each label
    a real function f y that is measurable along [phi] and vanishes at [phi] with probability zero.
    [tie r v] counts the labels with |f y v| < r; its mean vanishes with r ([mean_tie_vanishes]),
    as theorem_4.v asks. So the limit of Theorem 4 holds for the law of [phi]
    ([theorem_4_probability]): with f y = p_d(y|.) - p_theta(y|.),
      ( R_SCORE(eps) - R_Standard ) / eps  tends to  E || sum_y s_y df_y ||_*.
    Where almost surely one label Y(x) alone has f y x > 0 and the others have f y x < 0
    ([one_against_rest]), this is the paper's ([theorem_4_paper]): it tends to
      2 E || dp_d(Y|.) - dp_theta(Y|.) ||_*.
    theorem_4_three_labels.v has a law where that fails, as the signs are otherwise. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Import RIneq Rbasic_fun Rfunctions Lra.
From Score Require labels expectation theorem_4 self_consistency.
From Coquelicot Require Hierarchy.
From Score Require Import integral_expectation near_ties.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Delimit Scope R_scope with coqR.
Delimit Scope ring_scope with R.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.


Section Ties.
Context d (W : measurableType d) (mu : {measure set W -> \bar real_realType}).
Hypothesis mu1 : mu setT = 1.
Context (V Y : Type) (phi : W -> V) (labels : seq Y) (f : Y -> V -> R).
Hypothesis f_measurable : forall y, List.In y labels ->
  measurable_fun setT (fun w => f y (phi w) : real_realType).
Hypothesis no_ties : forall y, List.In y labels -> mu [set w | f y (phi w) = 0%coqR] = 0.

Let Ex := expectation.law_of (integral_expectation mu1) phi.
Let near (y : Y) (r : R) : set V := [set v | (Rabs (f y v) < r)%coqR].
Let near_indicator y r : V -> R := (\1_(near y r) : V -> real_realType).

Definition tie (r : R) (v : V) : R := labels.sum labels (fun y => near_indicator y r v).

Lemma near_indicator_ge0 y r v : (0 <= near_indicator y r v)%coqR.
Proof. by apply/RleP; rewrite /near_indicator indicE ler0n. Qed.

Lemma tie_ge0 r v : (0 <= tie r v)%coqR.
Proof. by apply: labels.sum_ge0 => y _; exact: near_indicator_ge0. Qed.

Lemma tie_ge1 r v y : List.In y labels -> (Rabs (f y v) < r)%coqR -> (1 <= tie r v)%coqR.
Proof.
move=> yl close; apply: Rle_trans (labels.term_le_sum labels _ y _ yl); last first.
  by move=> z _; exact: near_indicator_ge0.
by apply/RleP; rewrite /near_indicator indicE mem_set.
Qed.

Lemma near_mean y r : List.In y labels -> expectation.L Ex (near_indicator y r) /\
  expectation.E Ex (near_indicator y r) = fine (mu [set w | (Rabs (f y (phi w)) < r)%coqR]).
Proof.
move=> yl; apply: (@indicator_mean _ _ mu mu1 [set w | (Rabs (f y (phi w)) < r)%coqR]).
have := measurableC (far_measurable (f_measurable yl) r).
by congr measurable; apply/seteqP; split=> w /=; [move=> /negP; rewrite -ltNge => /RltP|
  move=> /RltP; rewrite ltNge => /negP].
Qed.

Lemma near_indicator_le y r r' v : (r <= r')%coqR ->
  (near_indicator y r v <= near_indicator y r' v)%coqR.
Proof.
move=> rr'; apply/RleP; rewrite /near_indicator !indicE ler_nat.
case: (boolP (v \in near y r)) => //; rewrite inE /near /= => close.
by rewrite mem_set//=; exact: Rlt_le_trans close rr'.
Qed.

Lemma near_mean_vanishes y (e : R) : List.In y labels -> (0 < e)%coqR -> exists2 r0 : R, (0 < r0)%coqR &
  forall r, (r <= r0)%coqR -> (expectation.E Ex (near_indicator y r) < e)%coqR.
Proof.
move=> yl /RltP e0.
have [r0 /RltP r00 small] := near_tie_vanishes mu1 (f_measurable yl) (no_ties yl) e0.
exists r0 => // r rr0; apply: (Rle_lt_trans _ (expectation.E Ex (near_indicator y r0))).
  apply: expectation.E_le; [exact: (near_mean r yl).1|exact: (near_mean r0 yl).1|].
  by move=> v; exact: near_indicator_le.
have same : [set w | (`|f y (phi w)| < r0)%R] = [set w | (Rabs (f y (phi w)) < r0)%coqR].
  by apply/seteqP; split=> w /= /RltP.
rewrite same in small; rewrite (near_mean r0 yl).2; apply/RltP; rewrite -lte_fin fineK//.
by rewrite ge0_fin_numE//; exact: lt_trans small (ltey _).
Qed.

Lemma sum_L_and_mean_vanishes (ls : list Y) : (forall y, List.In y ls -> List.In y labels) ->
  (forall r, expectation.L Ex (fun v => labels.sum ls (fun y => near_indicator y r v))) /\
  forall e, (0 < e)%coqR -> exists2 r0 : R, (0 < r0)%coqR & forall r, (r <= r0)%coqR ->
    (expectation.E Ex (fun v => labels.sum ls (fun y => near_indicator y r v)) < e)%coqR.
Proof.
elim: ls => [|y ls IH] sub; first split=> [r|e e0].
- exact: (expectation.L_const Ex 0%coqR).
- by exists 1%coqR => [|r _]; [lra|rewrite (expectation.E_const Ex 0%coqR)].
have yl : List.In y labels by apply: sub; left.
have [IHL IHE] : _ /\ _ := IH (fun z zl => sub z (or_intror zl)).
have split_sum r : (fun v => labels.sum (y :: ls) (fun y => near_indicator y r v)) =
    (fun v => 1 * near_indicator y r v
      + 1 * labels.sum ls (fun y => near_indicator y r v))%coqR.
  by apply: funext => v; rewrite /labels.sum /= !Rmult_1_l.
split=> [r|e e0].
  by rewrite split_sum; apply: expectation.L_linear => //; exact: (near_mean r yl).1.
have e2 : (0 < e / 2)%coqR by lra.
have [r1 r10 H1] := near_mean_vanishes yl e2; have [r2 r20 H2] := IHE _ e2.
exists (Rmin r1 r2) => [|r rm]; first exact: Rmin_glb_lt.
rewrite split_sum expectation.E_linear//; last exact: (near_mean r yl).1.
have := H1 r (Rle_trans _ _ _ rm (Rmin_l _ _)); have := H2 r (Rle_trans _ _ _ rm (Rmin_r _ _)).
lra.
Qed.

Lemma tie_L r : expectation.L Ex (tie r).
Proof. exact: (sum_L_and_mean_vanishes (fun y yl => yl)).1. Qed.

Theorem mean_tie_vanishes (e : R) : (0 < e)%coqR ->
  exists2 r0 : R, (0 < r0)%coqR & forall r, (r <= r0)%coqR -> (expectation.E Ex (tie r) < e)%coqR.
Proof. exact: (sum_L_and_mean_vanishes (fun y yl => yl)).2. Qed.
End Ties.

(** ** Theorem 4 for a random input on a probability space *)

Section Probability.
Import Hierarchy.AbelianGroup.Exports Hierarchy.Ring.Exports Hierarchy.ModuleSpace.Exports.
Context d (W : measurableType d) (mu : {measure set W -> \bar real_realType}).
Hypothesis mu1 : mu setT = 1.
Local Close Scope ereal_scope.
Local Close Scope ring_scope.
Local Open Scope R_scope.
Context (V : ModuleSpace Hierarchy.R_Ring) (Y : Type) (phi : W -> V) (N : V -> R).
Variables (labels : seq Y) (f : Y -> V -> R) (df : Y -> V -> V -> R) (M G : R).
Hypothesis N_scal : forall c h, N (Hierarchy.scal c h) <= Rabs c * N h.
Hypothesis N_ge0 : forall h, 0 <= N h.
Hypothesis df_scal : forall y x c h, List.In y labels ->
  df y x (Hierarchy.scal c h) = c * df y x h.
Hypothesis df_bound : forall y x h, List.In y labels -> Rabs (df y x h) <= G * N h.
Hypothesis remainder : forall y x h, List.In y labels ->
  Rabs (f y (Hierarchy.plus x h) - f y x - df y x h) <= M / 2 * N h ^ 2.
Hypotheses (M_ge0 : 0 <= M) (G_ge0 : 0 <= G).
Hypothesis f_measurable : forall y, List.In y labels ->
  measurable_fun setT (fun w => f y (phi w) : real_realType).
Notation Ex := (expectation.law_of (integral_expectation mu1) phi).
Notation total := (theorem_4.total labels f).
Variables (score : R -> V -> R) (dual : V -> R).
Hypothesis score_sup : forall eps x, 0 < eps -> expectation.is_sup (fun h => N h <= eps)
  (fun h => total (Hierarchy.plus x h)) (score eps x).
Hypothesis dual_sup : forall x,
  expectation.is_sup (fun h => N h <= 1) (theorem_4.sign_slope labels f df x) (dual x).
Hypothesis score_L : forall eps, 0 < eps -> expectation.L Ex (score eps).
Hypotheses (total_L : expectation.L Ex total) (dual_L : expectation.L Ex dual).

Let quotient eps := (expectation.E Ex (score eps) - expectation.E Ex total) / eps.

Theorem theorem_4_probability :
  (forall y, List.In y labels -> mu [set w | f y (phi w) = 0] = 0%E) ->
  Hierarchy.filterlim quotient (Hierarchy.at_right 0)
    (@Hierarchy.locally Hierarchy.R_UniformSpace (expectation.E Ex dual)).
Proof.
move=> no_ties.
exact: (@theorem_4.theorem_4 V N N_scal N_ge0 Y labels f df M G df_scal df_bound remainder M_ge0
  G_ge0 (tie labels f) score dual (tie_ge0 labels f) (@tie_ge1 _ _ labels f) score_sup dual_sup Ex
  score_L total_L dual_L (tie_L mu1 f_measurable no_ties)
  (mean_tie_vanishes mu1 f_measurable no_ties)).
Qed.

(** ** The paper's form *)

(** The label [top x], the most probable one, is the only one with f y x > 0. *)
Variable top : V -> Y.
Definition one_against_rest (x : V) : Prop := [/\ List.In (top x) labels, 0 < f (top x) x
  & forall y, List.In y labels -> y <> top x -> f y x < 0].

Variable top_dual : V -> R.
Hypothesis labels_distinct : List.NoDup labels.
Hypothesis f_sum : forall x, labels.sum labels (fun y => f y x) = 0.
Hypothesis top_dual_sup : forall x, expectation.is_sup (fun h => N h <= 1) (df (top x) x) (top_dual x).
Hypothesis top_dual_L : expectation.L Ex top_dual.

Lemma no_ties_one_against_rest : {ae mu, forall w, one_against_rest (phi w)} ->
  forall y, List.In y labels -> mu [set w | f y (phi w) = 0] = 0%E.
Proof.
move=> [A [mA A0 sub]] y yl; apply: measure_negligible; last first.
  exists A; split=> // w /= fy; apply: sub => -[_ top_pos rest].
  have [E|E] := pselect (y = top (phi w)); first by move: fy top_pos; rewrite E; lra.
  by have := rest y yl E; lra.
have := f_measurable yl measurableT (measurable_set1 (0 : real_realType)); rewrite setTI.
by congr measurable; apply/seteqP; split.
Qed.

Theorem theorem_4_paper : {ae mu, forall w, one_against_rest (phi w)} ->
  Hierarchy.filterlim quotient (Hierarchy.at_right 0)
    (@Hierarchy.locally Hierarchy.R_UniformSpace (2 * expectation.E Ex top_dual)).
Proof.
move=> one; suff <- : expectation.E Ex dual = 2 * expectation.E Ex top_dual.
  exact: theorem_4_probability (no_ties_one_against_rest one).
have L2 := expectation.L_linear Ex 2 0 _ _ top_dual_L top_dual_L.
transitivity (expectation.E Ex (fun x => 2 * top_dual x + 0 * top_dual x)).
  congr fine; apply: ae_eq_integral => //; [exact: dual_L.1|exact: L2.1|].
  move: one; apply: self_consistency.ae_imply => w [top_in top_pos rest] _ /=; congr EFin.
  rewrite (@theorem_4.dual_one_against_rest V N N_scal N_ge0 Y labels f df M df_scal remainder M_ge0
    f_sum _ _ _ _ labels_distinct top_in top_pos rest (dual_sup _) (top_dual_sup _)); lra.
by rewrite expectation.E_linear//; lra.
Qed.
End Probability.
