(** * Theorem 1 with a relaxed triangle inequality

    [D] is nonnegative, symmetric and D(a, c) <= c0 (D(a, b) + D(b, c)) for a constant c0 >= 0; the
    perturbation sets are any nonempty sets, the law any measure, the values possibly infinite. Then
    ([theorem_1_relaxed])
      R_SCORE <= c0 (R_Madry + C),  R_Madry <= c0 (R_SCORE + C),  C <= c0 (R_SCORE + R_Madry).

    Each holds for the suprema at every x ([score_at_le], [madry_at_le], [variation_at_le]): the
    triangle inequality through the third distribution among p(x), p(t) and q(t).
    Deviation from the paper: c0 = 1 there (theorem_1.v). *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Score Require Import risks.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.

Section Relaxed.
Context d (X : measurableType d) (R : realType) (mu : {measure set X -> \bar R}) (P : Type).
Variables (B : X -> set X) (D : P -> P -> \bar R) (p q : X -> P) (c0 : R).
Hypothesis B_nonempty : forall x, B x !=set0.
Hypothesis D_ge0 : forall a b, 0 <= D a b.
Hypothesis D_sym : forall a b, D a b = D b a.
Hypothesis c0_ge0 : (0 <= c0)%R.
Hypothesis D_triangle : forall a b c, D a c <= c0%:E * (D a b + D b c).

Notation madry := (madry_at B D p q).
Notation score := (score_at B D p q).
Notation variation := (variation_at B D p).

(** Through [b], with bounds [u] and [v] of the two sides. *)
Lemma triangle_le a b c u v : D a b <= u -> D b c <= v -> D a c <= c0%:E * (u + v).
Proof.
by move=> ab bc; apply: le_trans (D_triangle a b c) _; rewrite lee_wpmul2l ?lee_fin ?lee_add.
Qed.

Lemma score_at_le x : score x <= c0%:E * (madry x + variation x).
Proof.
apply: sup_over_le => t Bt; rewrite addeC; apply: (@triangle_le _ (p x)); first rewrite D_sym.
  exact: (le_sup_over (fun t => D (p x) (p t)) Bt).
exact: (le_sup_over (fun t => D (p x) (q t)) Bt).
Qed.

Lemma madry_at_le x : madry x <= c0%:E * (score x + variation x).
Proof.
apply: sup_over_le => t Bt; rewrite addeC; apply: (@triangle_le _ (p t)).
  exact: (le_sup_over (fun t => D (p x) (p t)) Bt).
exact: (le_sup_over (fun t => D (p t) (q t)) Bt).
Qed.

Lemma variation_at_le x : variation x <= c0%:E * (score x + madry x).
Proof.
apply: sup_over_le => t Bt; rewrite addeC; apply: (@triangle_le _ (q t)); last rewrite D_sym.
  exact: (le_sup_over (fun t => D (p x) (q t)) Bt).
exact: (le_sup_over (fun t => D (p t) (q t)) Bt).
Qed.

Hypothesis madry_measurable : measurable_fun setT madry.
Hypothesis score_measurable : measurable_fun setT score.
Hypothesis variation_measurable : measurable_fun setT variation.

Theorem theorem_1_relaxed :
  [/\ R_score mu B D p q <= c0%:E * (R_madry mu B D p q + C mu B D p),
      R_madry mu B D p q <= c0%:E * (R_score mu B D p q + C mu B D p)
    & C mu B D p <= c0%:E * (R_score mu B D p q + R_madry mu B D p q)].
Proof.
have m0 x : 0 <= madry x by exact: sup_over_ge0.
have s0 x : 0 <= score x by exact: sup_over_ge0.
have v0 x : 0 <= variation x by exact: sup_over_ge0.
by split; apply: integral_le_sum => //;
  [exact: score_at_le|exact: madry_at_le|exact: variation_at_le].
Qed.
End Relaxed.
