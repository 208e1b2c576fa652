(** * The risks, for measures and extended reals

    A law is a measure [mu] on the inputs [X] with a map [p : X -> P] to label distributions, a
    model is a map [q : X -> P], and [B x] is the perturbation set of [x]; [P] is any type and the
    divergence [D : P -> P -> \bar R] any extended-real function. With the supremum over t in B(x):
    - [R_standard mu D p q] = \int D(p x, q x);
    - [R_madry mu B D p q]  = \int sup D(p x, q t)      (integrand [madry_at]);
    - [R_score mu B D p q]  = \int sup D(p t, q t)      (integrand [score_at]);
    - [C mu B D p]          = \int sup D(p x, p t)      (integrand [variation_at]).
    Divergences are nonnegative and perturbation sets nonempty wherever an integral is compared.
    The integrands are assumed measurable where a lemma needs it, as the paper does tacitly. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.

Section Definitions.
Context d (X : measurableType d) (R : realType) (mu : {measure set X -> \bar R}) (P : Type).
Variables (B : X -> set X) (D : P -> P -> \bar R) (p q : X -> P).

Definition sup_over (x : X) (f : X -> \bar R) : \bar R := ereal_sup [set f t | t in B x].

Definition madry_at x := sup_over x (fun t => D (p x) (q t)).
Definition score_at x := sup_over x (fun t => D (p t) (q t)).
Definition variation_at x := sup_over x (fun t => D (p x) (p t)).

Definition R_standard := \int[mu]_x D (p x) (q x).
Definition R_madry := \int[mu]_x madry_at x.
Definition R_score := \int[mu]_x score_at x.
Definition C := \int[mu]_x variation_at x.
End Definitions.

Section Suprema.
Context d (X : measurableType d) (R : realType) (B : X -> set X).
Implicit Types f : X -> \bar R.

Lemma le_sup_over x f t : B x t -> f t <= sup_over B x f.
Proof. by move=> Bt; apply: ereal_sup_ub; exists t. Qed.

Lemma sup_over_le x f m : (forall t, B x t -> f t <= m) -> sup_over B x f <= m.
Proof. by move=> H; apply: ub_ereal_sup => _ [t Bt <-]; exact: H. Qed.

Lemma sup_over_ge0 x f : B x !=set0 -> (forall t, 0 <= f t) -> 0 <= sup_over B x f.
Proof. by move=> [t Bt] f0; exact: le_trans (f0 t) (le_sup_over f Bt). Qed.

Lemma sup_over_singleton x f : B x = [set x] -> sup_over B x f = f x.
Proof. by move=> Bx; rewrite /sup_over Bx image_set1 ereal_sup1. Qed.
End Suprema.

(** The integral of a nonnegative function below a multiple of a sum. *)
Lemma integral_le_sum d (X : measurableType d) (R : realType) (mu : {measure set X -> \bar R})
    (c : R) (f g h : X -> \bar R) :
  measurable_fun setT f -> measurable_fun setT g -> measurable_fun setT h -> (0 <= c)%R ->
  (forall x, 0 <= f x) -> (forall x, 0 <= g x) -> (forall x, 0 <= h x) ->
  (forall x, f x <= c%:E * (g x + h x)) ->
  \int[mu]_x f x <= c%:E * (\int[mu]_x g x + \int[mu]_x h x).
Proof.
move=> mf mg mh c0 f0 g0 h0 fgh; have gh0 x : 0 <= g x + h x by exact: adde_ge0.
have mgh : measurable_fun setT (fun x => g x + h x) by exact: emeasurable_funD.
rewrite -ge0_integralD// -ge0_integralM_EFin//.
apply: ge0_le_integral => //; first by move=> x _; rewrite mule_ge0.
by apply: emeasurable_funM => //; exact: measurable_fun_cst.
Qed.
