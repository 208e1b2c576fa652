(** * The integral of a probability measure is an expectation

    [integral_expectation mu mu1]: for a measure [mu] with mu(X) = 1 ([mu1]), the functions
    integrable under [mu] with the Lebesgue integral of mathcomp-analysis form an expectation in the
    sense of expectation.v, so that theorem_4.v holds for the means of every probability law. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Import RIneq Lra.
From Score Require expectation.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Delimit Scope R_scope with coqR.
Delimit Scope ring_scope with R.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.

Section IntegralExpectation.
Context d (X : measurableType d) (mu : {measure set X -> \bar real_realType}).
Hypothesis mu1 : mu setT = 1.
Implicit Types f g : X -> real_realType.

Let integrable f := mu.-integrable setT (EFin \o f).
Let mean f : R := fine (\int[mu]_x (f x)%:E).

Let integrable_const (c : real_realType) : integrable (fun _ => c).
Proof.
split; first exact: (@measurable_fun_cst _ _ _ _ _ c%:E).
rewrite (eq_integral (cst `|c|%:E))// integral_cst// [X in _ * X]mu1 mule1; exact: ltey.
Qed.

Let integrable_linear (a b : real_realType) f g : integrable f -> integrable g ->
  integrable (fun x => a * f x + b * g x)%R.
Proof.
move=> If Ig; have := integrableD measurableT (integrablerM measurableT a If)
  (integrablerM measurableT b Ig).
by apply: eq_integrable => // x _ /=; rewrite EFinD !EFinM.
Qed.

Let mean_const (c : real_realType) : mean (fun _ => c) = c.
Proof. by rewrite /mean integral_cst// [X in _ * X]mu1 mule1. Qed.

Let mean_linear (a b : real_realType) f g : integrable f -> integrable g ->
  mean (fun x => a * f x + b * g x)%R = (a * mean f + b * mean g)%R.
Proof.
move=> If Ig; rewrite /mean.
rewrite (eq_integral (fun x => a%:E * (f x)%:E + b%:E * (g x)%:E)); last first.
  by move=> x _; rewrite EFinD !EFinM.
have [Ff Fg] : \int[mu]_x (f x)%:E \is a fin_num /\ \int[mu]_x (g x)%:E \is a fin_num.
  by split; exact: integral_fune_fin_num.
rewrite integralD//; [|exact: integrablerM|exact: integrablerM].
by rewrite !integralM// -(fineK Ff) -(fineK Fg).
Qed.

Let mean_le f g : integrable f -> integrable g -> (forall x, (f x <= g x)%coqR) ->
  (mean f <= mean g)%coqR.
Proof.
move=> If Ig fg; apply/RleP; rewrite -subr_ge0.
have <- : mean (fun x => 1 * g x + -1 * f x)%R = (mean g - mean f)%R.
  by rewrite (mean_linear 1%R (-1)%R Ig If) mul1r mulN1r.
apply: fine_ge0; apply: integral_ge0 => x _.
by rewrite lee_fin mul1r mulN1r subr_ge0; apply/RleP.
Qed.

Definition integral_expectation : expectation.expectation X :=
  @expectation.Build_expectation X integrable mean integrable_const integrable_linear mean_const
    mean_linear mean_le.

Lemma indicator_mean (A : set X) : measurable A ->
  expectation.L integral_expectation (\1_A : X -> real_realType) /\
  expectation.E integral_expectation (\1_A : X -> real_realType) = fine (mu A).
Proof.
move=> mA; have int1 : \int[mu]_x (\1_A x)%:E = mu A by rewrite integral_indic// setIT.
have fin : mu A < +oo.
  apply: (@le_lt_trans _ _ (mu setT)); last by rewrite [X in X < _]mu1 ltey.
  by apply: le_measure; rewrite ?inE.
split=> /=; last by rewrite /mean int1.
split; first by apply/EFin_measurable_fun; exact: measurable_fun_indic.
by rewrite (eq_integral (fun x => (\1_A x)%:E)) ?int1// => x _ /=; rewrite ger0_norm.
Qed.
End IntegralExpectation.
