(** * Theorem 1: the self-consistent risk between the robust risk and the law's variation

    For a nonnegative symmetric [D] with the triangle inequality, any nonempty perturbation sets,
    any measure, extended-real values:
    - [theorem_1_sums]: each of R_SCORE, R_Madry and C is at most the sum of the other two;
    - [theorem_1]: where R_Madry and C are finite, |R_Madry - C| <= R_SCORE <= R_Madry + C;
    - [R_score_near_C]: where C is finite, |R_SCORE - C| <= R_Madry, the form that Corollary 1 uses.

    Deviations from the paper: [D] need not separate points, and [D] and the risks may be infinite
    (the absolute value needs two finite). Measurability of the suprema is a hypothesis. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Score Require Import risks theorem_1_relaxed.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.

Section Theorem1.
Context d (X : measurableType d) (R : realType) (mu : {measure set X -> \bar R}) (P : Type).
Variables (B : X -> set X) (D : P -> P -> \bar R) (p q : X -> P).
Hypothesis B_nonempty : forall x, B x !=set0.
Hypothesis D_ge0 : forall a b, 0 <= D a b.
Hypothesis D_sym : forall a b, D a b = D b a.
Hypothesis D_triangle : forall a b c, D a c <= D a b + D b c.
Hypothesis madry_measurable : measurable_fun setT (madry_at B D p q).
Hypothesis score_measurable : measurable_fun setT (score_at B D p q).
Hypothesis variation_measurable : measurable_fun setT (variation_at B D p).

Notation madry := (R_madry mu B D p q).
Notation score := (R_score mu B D p q).
Notation variation := (C mu B D p).

Theorem theorem_1_sums :
  [/\ score <= madry + variation, madry <= score + variation & variation <= score + madry].
Proof.
have tri a b c : D a c <= 1%:E * (D a b + D b c) by rewrite mul1e.
by have := theorem_1_relaxed mu B_nonempty D_ge0 D_sym ler01 tri madry_measurable
  score_measurable variation_measurable; rewrite !mul1e.
Qed.

Theorem theorem_1 : madry \is a fin_num -> variation \is a fin_num ->
  `|madry - variation| <= score <= madry + variation.
Proof.
move=> mfin vfin; have [sle mle vle] := theorem_1_sums; rewrite sle andbT.
move: mle vle sle; rewrite -(fineK mfin) -(fineK vfin) -EFinB -EFinD.
case: score => [s||]; rewrite ?leey ?leeNy_eq //= -!EFinD !lee_fin => mle vle _.
by rewrite ler_norml (ler_subl_addr (fine madry)) mle andbT ler_subr_addr addrC ler_subl_addl.
Qed.

Theorem R_score_near_C : variation \is a fin_num -> `|score - variation| <= madry.
Proof.
move=> vfin; have [sle mle vle] := theorem_1_sums; move: sle mle vle.
have s0 : 0 <= score by apply: integral_ge0 => x _; exact: sup_over_ge0.
have m0 : 0 <= madry by apply: integral_ge0 => x _; exact: sup_over_ge0.
rewrite -(fineK vfin); case: madry m0 => [m||] // _; rewrite ?leey//.
case: score s0 => [s||] // _; rewrite -?EFinB -?EFinD !lee_fin => sle _ vle.
by rewrite ler_norml (ler_subl_addr s) sle andbT ler_subr_addr addrC ler_subl_addr.
Qed.
End Theorem1.
