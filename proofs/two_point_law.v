(** * A law of two inputs and two labels, and its exact risks

    The inputs are [false] and [true] with probability 1/2 each ([uniform]), and the perturbation
    set of either is both ([everywhere]). Of two labels the first has probability 1/2 under [even],
    3/4 under [likely] and 1/4 under [unlikely]; the law is [even] at [false] and [likely] at [true]
    ([law]). It serves kl_counterexample.v and paradox.v.

    Main lemmas: [integral_uniform], [sup_everywhere] and the divergences [KL_even_likely], ... in
    terms of ln 2 and ln 3. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Import Rdefinitions RIneq Rpower Lra.
From Score Require Import risks label_risks.
From Score Require not_metrics divergences labels.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Delimit Scope R_scope with coqR.
Delimit Scope ring_scope with R.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.

Lemma half_ge0 : (0 <= Rinv 2 :> real_realType)%R.
Proof. by apply/RleP; apply: Rlt_le; apply: Rinv_0_lt_compat; exact: Rlt_0_2. Qed.

Local Open Scope ereal_scope.
Definition uniform : {measure set bool -> \bar real_realType} :=
  mscale (NngNum half_ge0) (measure_add (dirac false) (dirac true)).
Definition everywhere (x : bool) : set bool := setT.

Lemma uniform_probability : uniform setT = 1.
Proof.
transitivity ((Rinv 2)%:E * measure_add (dirac false) (dirac true) setT : \bar real_realType) => //.
rewrite measure_addE /= !diracE !in_setT -EFinD -EFinM; congr _%:E.
exact: Rinv_l (not_eq_sym (Rlt_not_eq _ _ Rlt_0_2)).
Qed.

Lemma integral_uniform (f : bool -> \bar real_realType) (u v : R) :
  f false = u%:E -> f true = v%:E -> Rle 0 u -> Rle 0 v ->
  \int[uniform]_x f x = (Rmult (Rinv 2) (Rplus u v))%:E.
Proof.
move=> fu fv /RleP u0 /RleP v0; have f0 x : 0 <= f x by case: x; rewrite ?fu ?fv lee_fin.
have mf : measurable_fun setT f by [].
rewrite ge0_integral_mscale// integral_measure_add// !integral_dirac// !indicE !in_setT.
by rewrite !mul1e fu fv.
Qed.

Lemma sup_everywhere x (f : bool -> \bar real_realType) :
  sup_over everywhere x f = maxe (f false) (f true).
Proof.
apply/eqP; rewrite eq_le le_maxl !le_sup_over// !andbT; apply: sup_over_le => -[] _;
  by rewrite le_maxr lexx ?orbT.
Qed.

Lemma maxe_l (u v : R) : Rle v u -> maxe u%:E v%:E = u%:E.
Proof. by move=> /RleP uv; apply/max_idPl; rewrite lee_fin. Qed.

Lemma maxe_r (u v : R) : Rle u v -> maxe u%:E v%:E = v%:E.
Proof. by move=> /RleP uv; apply/max_idPr; rewrite lee_fin. Qed.

Notation KL_both := (@KL bool not_metrics.both).

Section Distributions.
Import not_metrics.
Notation simplex := (simplex both).

Definition s_even : simplex := exist _ even (proj1 three_distributions).
Definition s_likely : simplex := exist _ likely (proj1 (proj2 three_distributions)).
Definition s_unlikely : simplex := exist _ unlikely (proj2 (proj2 three_distributions)).
Definition law (x : bool) : simplex := if x then s_likely else s_even.

Lemma KL_positive (a b : simplex) : (forall y, sval b y <> 0%coqR) ->
  KL a b = (divergences.kl both (sval a) (sval b))%:E.
Proof. by move=> b0; apply: KL_dominated => y _ /b0. Qed.

Lemma KL_same (a : simplex) : KL a a = 0%coqR%:E.
Proof. exact: KL_self. Qed.

Lemma KL_values :
  [/\ KL s_likely s_unlikely = (ln 3 / 2)%coqR%:E, KL s_even s_likely = (ln 2 - ln 3 / 2)%coqR%:E,
      KL s_even s_unlikely = (ln 2 - ln 3 / 2)%coqR%:E
    & KL s_likely s_even = (3 / 4 * ln 3 - ln 2)%coqR%:E].
Proof.
have [lu [el [eu le]]] := kl_values.
by split; rewrite KL_positive ?lu ?el ?eu ?le// => -[] /=; rewrite /bernoulli; lra.
Qed.
End Distributions.
