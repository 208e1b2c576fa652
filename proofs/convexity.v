(** * The robust risk is convex in the model

    A model m lies between two models q and r, with the weights l and 1 - l. If D(a, m(x)) is at most
    l D(a, q(x)) + (1 - l) D(a, r(x)), as for a mixture m of the two where b |-> D(a, b) is convex, then
    so is the robust risk:
    - [madry_at_convex]: the supremum under the mean, at every input;
    - [R_madry_convex]: R_madry m <= l R_madry q + (1 - l) R_madry r, in the extended reals;
    - [R_madry_KL_convex]: for KL, where m(x) = l q(x) + (1 - l) r(x) on every label ([mixed]). KL is
      convex in its second argument as a supremum of affine functions ([KL_convex]).
    So the most robust model of paradox.v is the solution of a convex problem: a local minimum is a
    global one, and a lower bound on the risk of all models can be certified. The suprema are assumed
    measurable; where the models are continuous, continuous_risks.v proves it. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Import RIneq Lra.
From Score Require Import risks label_risks semicontinuous.
From Score Require labels kl_variational.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Delimit Scope R_scope with coqR.
Delimit Scope ring_scope with R.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.

Section Convexity.
Context d (X : measurableType d) (R : realType) (mu : {measure set X -> \bar R}) (P : Type).
Variables (B : X -> set X) (D : P -> P -> \bar R) (p q r m : X -> P) (l : R).
Hypothesis B_nonempty : forall x, B x !=set0.
Hypothesis D_ge0 : forall a b, 0 <= D a b.
Hypothesis l_unit : (0 <= l <= 1)%R.
Hypothesis D_convex : forall a x, D a (m x) <= l%:E * D a (q x) + (1 - l)%:E * D a (r x).

Let l0 : (0 <= l)%R. Proof. by have /andP[] := l_unit. Qed.
Let l1 : (0 <= 1 - l)%R. Proof. by rewrite subr_ge0; have /andP[] := l_unit. Qed.

Lemma madry_at_ge0 s x : 0 <= madry_at B D p s x.
Proof. exact: sup_over_ge0. Qed.

Theorem madry_at_convex x : madry_at B D p m x <=
  l%:E * madry_at B D p q x + (1 - l)%:E * madry_at B D p r x.
Proof.
apply: sup_over_le => t Bt; apply: le_trans (D_convex _ _) _.
apply: lee_add; apply: lee_wpmul2l; rewrite ?lee_fin//.
- exact: (le_sup_over (fun t => D (p x) (q t))).
- exact: (le_sup_over (fun t => D (p x) (r t))).
Qed.

Theorem R_madry_convex : measurable_fun setT (madry_at B D p m) ->
  measurable_fun setT (madry_at B D p q) -> measurable_fun setT (madry_at B D p r) ->
  R_madry mu B D p m <= l%:E * R_madry mu B D p q + (1 - l)%:E * R_madry mu B D p r.
Proof.
move=> mm mq mr; rewrite /R_madry -!ge0_integralM_EFin//; try by move=> x _; exact: madry_at_ge0.
have scaled (c : R) (f : X -> \bar R) : (0 <= c)%R -> measurable_fun setT f -> (forall x, 0 <= f x) ->
    measurable_fun setT (fun x => c%:E * f x) /\ forall x, setT x -> 0 <= c%:E * f x.
  move=> c0 mf f0; split; last by move=> x _; rewrite mule_ge0.
  by apply: emeasurable_funM => //; exact: measurable_fun_cst.
have [mlq lq0] := scaled l _ l0 mq (madry_at_ge0 q).
have [mlr lr0] := scaled (1 - l)%R _ l1 mr (madry_at_ge0 r).
rewrite -ge0_integralD//; apply: ge0_le_integral => //.
- by move=> x _; exact: madry_at_ge0.
- by move=> x _; rewrite adde_ge0 ?lq0 ?lr0.
- exact: emeasurable_funD.
- by move=> x _; exact: madry_at_convex.
Qed.
End Convexity.

(** ** Kullback-Leibler *)

Section KullbackLeibler.
Context (Y : Type) (labels : seq Y).
Notation simplex := (simplex labels).
Notation KL := (@KL Y labels).
Notation affine := (kl_variational.affine labels).
Implicit Types a b c e : simplex.

Definition mixed (l : R) b c e : Prop := forall y, List.In y labels ->
  sval e y = (l * sval b y + (1 - l) * sval c y)%coqR.

Lemma affine_mixed w l a b c e : mixed l b c e -> affine w (sval a) (sval e) =
  (l * affine w (sval a) (sval b) + (1 - l) * affine w (sval a) (sval c))%coqR.
Proof.
move=> mix; rewrite /affine -!labels.sum_scal -labels.sum_plus; apply: labels.sum_ext => y yl.
by rewrite mix//; ring.
Qed.

Lemma KL_convex (l : R) a b c e : (0 <= l <= 1)%coqR -> mixed l b c e ->
  KL a e <= l%:E * KL a b + (1 - l)%coqR%:E * KL a c.
Proof.
move=> [l0 l1] mix; set u := KL a b; set v := KL a c.
have lE : 0 <= l%:E :> \bar real_realType by rewrite lee_fin; apply/RleP.
have l'E : 0 <= (1 - l)%coqR%:E :> \bar real_realType.
  by rewrite lee_fin; apply/RleP; change (0 <= 1 - l)%coqR; lra.
have s0 : 0 <= l%:E * u + (1 - l)%coqR%:E * v by rewrite adde_ge0 ?mule_ge0 ?KL_ge0.
rewrite leNgt; apply/negP => above.
have fin : l%:E * u + (1 - l)%coqR%:E * v \is a fin_num.
  by rewrite ge0_fin_numE//; apply: lt_le_trans above _; exact: leey.
move: above; rewrite -(fineK fin) => /above_KL[w w0]; rewrite (affine_mixed w a mix); apply: Rle_not_lt.
apply/RleP; rewrite -lee_fin (fineK fin) EFinD !EFinM.
by apply: lee_add; apply: lee_wpmul2l => //; exact: affine_le_KL.
Qed.

Context d (X : measurableType d) (mu : {measure set X -> \bar real_realType}) (B : X -> set X).
Hypothesis B_nonempty : forall x, B x !=set0.
Variables (p q r m : X -> simplex) (l : R).
Hypotheses (l_unit : (0 <= l <= 1)%coqR) (m_mixed : forall x, mixed l (q x) (r x) (m x)).

Theorem R_madry_KL_convex : measurable_fun setT (madry_at B KL p m) ->
  measurable_fun setT (madry_at B KL p q) -> measurable_fun setT (madry_at B KL p r) ->
  R_madry mu B KL p m
    <= l%:E * R_madry mu B KL p q + (1 - l)%coqR%:E * R_madry mu B KL p r.
Proof.
apply: R_madry_convex => //; first exact: KL_ge0.
  by apply/andP; split; apply/RleP; [have [] := l_unit|have [] := l_unit].
by move=> a x; exact: KL_convex.
Qed.
End KullbackLeibler.
