(** * The condition of Theorem 4 that near-ties vanish

    A random input [phi : W -> V] on a probability space, finitely many labels, and for each label a
    real function f y that is measurable along [phi] and vanishes at [phi] with probability zero.
    [tie r v] counts the labels with |f y v| < r: it is what theorem_4.v asks of its function
    ([tie_ge0], [tie_ge1], [tie_L]), and its mean vanishes with r ([mean_tie_vanishes]). So Theorem
    4 holds with [tie] for the mean of the input's law, [law_of (integral_expectation mu1) phi]. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Import RIneq Rbasic_fun Lra.
From Score Require labels expectation.
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
Hypothesis f_measurable : forall y, measurable_fun setT (fun w => f y (phi w) : real_realType).
Hypothesis no_ties : forall y, mu [set w | f y (phi w) = 0%coqR] = 0.

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

Lemma near_mean y r : expectation.L Ex (near_indicator y r) /\
  expectation.E Ex (near_indicator y r) = fine (mu [set w | (Rabs (f y (phi w)) < r)%coqR]).
Proof.
apply: (@indicator_mean _ _ mu mu1 [set w | (Rabs (f y (phi w)) < r)%coqR]).
have := measurableC (far_measurable (f_measurable y) r).
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

Lemma near_mean_vanishes y (e : R) : (0 < e)%coqR -> exists2 r0 : R, (0 < r0)%coqR &
  forall r, (r <= r0)%coqR -> (expectation.E Ex (near_indicator y r) < e)%coqR.
Proof.
move=> /RltP e0; have [r0 /RltP r00 small] := near_tie_vanishes mu1 (f_measurable y) (no_ties y) e0.
exists r0 => // r rr0; apply: (Rle_lt_trans _ (expectation.E Ex (near_indicator y r0))).
  apply: expectation.E_le; [exact: (near_mean y r).1|exact: (near_mean y r0).1|].
  by move=> v; exact: near_indicator_le.
have same : [set w | (`|f y (phi w)| < r0)%R] = [set w | (Rabs (f y (phi w)) < r0)%coqR].
  by apply/seteqP; split=> w /= /RltP.
rewrite same in small; rewrite (near_mean y r0).2; apply/RltP; rewrite -lte_fin fineK//.
by rewrite ge0_fin_numE//; exact: lt_trans small (ltey _).
Qed.

Lemma sum_L_and_mean_vanishes (ls : list Y) :
  (forall r, expectation.L Ex (fun v => labels.sum ls (fun y => near_indicator y r v))) /\
  forall e, (0 < e)%coqR -> exists2 r0 : R, (0 < r0)%coqR & forall r, (r <= r0)%coqR ->
    (expectation.E Ex (fun v => labels.sum ls (fun y => near_indicator y r v)) < e)%coqR.
Proof.
elim: ls => [|y ls [IHL IHE]]; first split=> [r|e e0].
- exact: (expectation.L_const Ex 0%coqR).
- by exists 1%coqR => [|r _]; [lra|rewrite (expectation.E_const Ex 0%coqR)].
have split_sum r : (fun v => labels.sum (y :: ls) (fun y => near_indicator y r v)) =
    (fun v => 1 * near_indicator y r v
      + 1 * labels.sum ls (fun y => near_indicator y r v))%coqR.
  by apply: funext => v; rewrite /labels.sum /= !Rmult_1_l.
split=> [r|e e0].
  by rewrite split_sum; apply: expectation.L_linear => //; exact: (near_mean y r).1.
have e2 : (0 < e / 2)%coqR by lra.
have [r1 r10 H1] := near_mean_vanishes y e2; have [r2 r20 H2] := IHE _ e2.
exists (Rmin r1 r2) => [|r rm]; first exact: Rmin_glb_lt.
rewrite split_sum expectation.E_linear//; last exact: (near_mean y r).1.
have := H1 r (Rle_trans _ _ _ rm (Rmin_l _ _)); have := H2 r (Rle_trans _ _ _ rm (Rmin_r _ _)).
lra.
Qed.

Lemma tie_L r : expectation.L Ex (tie r).
Proof. exact: (sum_L_and_mean_vanishes labels).1. Qed.

Theorem mean_tie_vanishes (e : R) : (0 < e)%coqR ->
  exists2 r0 : R, (0 < r0)%coqR & forall r, (r <= r0)%coqR -> (expectation.E Ex (tie r) < e)%coqR.
Proof. exact: (sum_L_and_mean_vanishes labels).2. Qed.
End Ties.
