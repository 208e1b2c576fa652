(** * Continuous posteriors: the theorems with nothing to measure

    Elsewhere the suprema over perturbation sets are assumed measurable. Here that is proved, where the
    law's posterior and the model are continuous ([continuous_labels]) and the perturbation sets are
    the translates x + S of any set S of a normed space V ([around S]), such as balls of any norm; the
    inputs are V with its Borel sets, so that in R^d any density will do as a law.
    - [suprema_measurable]: the three suprema are measurable for a lower semicontinuous divergence
      (semicontinuous.v), KL with its infinite values among them. The reason: a supremum over
      translates is one of functions x |-> D(p(x), q(x + s)), each of which is lower semicontinuous, so
      that the sets where it exceeds a number are open. S need not be compact, nor measurable.
    - [theorem_1_continuous]: Theorem 1 for every metric of the table, with no hypothesis left but
      these and that S is not empty;
    - [corollary_1_continuous]: Corollary 1 for every pair of the table, where R_Madry^KL is finite;
      [corollary_1_l1_continuous] is the paper's.
    Perturbation sets that any continuous maps make of x are covered too ([moved]): rotations, say. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum interval.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Import RIneq R_sqrt.
From Score Require Import risks label_risks theorem_1_metrics corollary_1 semicontinuous.
From Score Require labels divergences metrics jensen_shannon kl_bounds.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Delimit Scope R_scope with coqR.
Delimit Scope ring_scope with R.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.

Section Moves.
Context (Y : Type) (labels : seq Y) (T : topologicalType) (I : Type) (S : set I) (move : I -> T -> T).
Hypothesis move_continuous : forall i, S i -> continuous (move i).
Notation simplex := (simplex labels).

Definition moved (x : borel T) : set (borel T) := [set move i x | i in S].

Lemma sup_moved x (f : borel T -> \bar real_realType) :
  sup_over moved x f = ereal_sup [set f (move i x) | i in S].
Proof. by rewrite /sup_over /moved image_comp. Qed.

Lemma continuous_labels_moved (a : T -> simplex) i : S i -> continuous_labels a ->
  continuous_labels (a \o move i).
Proof.
move=> Si ca y yl x; apply: (@continuous_comp _ _ _ (move i) (fun t => sval (a t) y : real_realType)).
  exact: move_continuous.
exact: ca.
Qed.

Variables (D : simplex -> simplex -> \bar real_realType) (p q : T -> simplex).
Hypothesis D_lsc : lower_semicontinuous D.
Hypotheses (p_continuous : continuous_labels p) (q_continuous : continuous_labels q).

Theorem suprema_measurable :
  [/\ measurable_fun setT (madry_at moved D p q), measurable_fun setT (score_at moved D p q)
    & measurable_fun setT (variation_at moved D p)].
Proof.
have along (F : T -> T -> \bar real_realType) : (forall i, S i -> elsc (fun x => F x (move i x))) ->
    measurable_fun setT (fun x : borel T => sup_over moved x (F x)).
  move=> H; apply: (@elsc_measurable _ T) => c; under eq_set do rewrite sup_moved.
  by apply: (@elsc_sup _ T _ S (fun i x => F x (move i x))).
split; apply: along => i Si.
- by apply: (D_lsc p_continuous); exact: continuous_labels_moved.
- by apply: D_lsc; exact: continuous_labels_moved.
- by apply: (D_lsc p_continuous); exact: continuous_labels_moved.
Qed.
End Moves.

Section Translates.
Context (Y : Type) (labels : seq Y) (V : normedModType real_realType) (S : set V).
Notation simplex := (simplex labels).
Notation lifted D := (@lift Y labels D).
Hypothesis S_nonempty : S !=set0.

Definition around (x : borel V) : set (borel V) := [set t : V | S (t - (x : V))%R].

Lemma aroundE : around = moved S (fun s (x : V) => x + s)%R.
Proof.
apply: funext => x; apply/seteqP; split=> [t /= St|_ /= [s Ss <-]]; rewrite /around /=.
  by exists (t - (x : V))%R => //; rewrite addrC subrK.
by rewrite addrC addKr.
Qed.

Lemma around_nonempty x : around x !=set0.
Proof. by have [s Ss] := S_nonempty; rewrite aroundE; exists ((x : V) + s)%R; exists s. Qed.

Lemma shift_continuous (s : V) : continuous (fun x : V => x + s)%R.
Proof. by move=> x; apply: continuousD; [exact: id|exact: cst_continuous]. Qed.

Context (mu : {measure set (borel V) -> \bar real_realType}) (p q : V -> simplex).
Hypotheses (mu1 : mu setT = 1) (p_continuous : continuous_labels p) (q_continuous : continuous_labels q).

Lemma measurable_around D : lower_semicontinuous D ->
  [/\ measurable_fun setT (madry_at around D p q), measurable_fun setT (score_at around D p q)
    & measurable_fun setT (variation_at around D p)].
Proof.
by move=> D_lsc; rewrite aroundE; apply: suprema_measurable => // s _; exact: shift_continuous.
Qed.

Lemma theorem_1_lsc D m : metrics.metric labels D ->
  (forall a b, labels.distribution labels a -> labels.distribution labels b -> Rle (D a b) m) ->
  lower_semicontinuous (lifted D) ->
  `|R_madry mu around (lifted D) p q - C mu around (lifted D) p| <= R_score mu around (lifted D) p q
    <= R_madry mu around (lifted D) p q + C mu around (lifted D) p.
Proof.
move=> metric Dm /measurable_around[mM mS mV].
exact: (theorem_1_metric metric Dm mu1 around_nonempty mM mS mV).
Qed.

(** ** Theorem 1 *)

Theorem theorem_1_continuous D :
  List.In D [:: divergences.l1 labels; divergences.total_variation labels; divergences.l2 labels;
    divergences.linf labels; divergences.hellinger labels; divergences.jensen_shannon labels] ->
  `|R_madry mu around (lifted D) p q - C mu around (lifted D) p| <= R_score mu around (lifted D) p q
    <= R_madry mu around (lifted D) p q + C mu around (lifted D) p.
Proof.
case=> [<-|[<-|[<-|[<-|[<-|[<-|[]]]]]]].
- exact: (theorem_1_lsc (metrics.metric_l1 _) (kl_bounds.l1_le_2 _) (@lsc_l1 _ _)).
- exact: (theorem_1_lsc (metrics.metric_total_variation _) (kl_bounds.total_variation_le_1 _)
    (@lsc_total_variation _ _)).
- exact: (theorem_1_lsc (metrics.metric_l2 _) (kl_bounds.l2_le _) (@lsc_l2 _ _)).
- exact: (theorem_1_lsc (metrics.metric_linf _) (kl_bounds.linf_le_1 _) (@lsc_linf _ _)).
- exact: (theorem_1_lsc (metrics.metric_hellinger _) (kl_bounds.hellinger_le_1 _)
    (@lsc_hellinger _ _)).
- exact: (theorem_1_lsc (jensen_shannon.metric_jensen_shannon _)
    (jensen_shannon.jensen_shannon_le_1 _) (@lsc_jensen_shannon _ _)).
Qed.

(** ** Corollary 1: what [corollary_1_bound] says, for each of its pairs *)

Notation KL := (@KL Y labels).
Hypothesis KL_finite : R_madry mu around KL p q \is a fin_num.

Theorem corollary_1_continuous D phi : corollary_1_bound KL D phi ->
  lower_semicontinuous (lifted D) ->
  `|R_score mu around (lifted D) p q - C mu around (lifted D) p|
    <= (phi (fine (R_madry mu around KL p q)))%:E.
Proof.
move=> bound /measurable_around[mM mS mV]; have [mK _ _] := measurable_around (@lsc_KL Y labels).
exact: (bound _ _ mu around p q mu1 around_nonempty mM mS mV mK KL_finite).
Qed.

Theorem corollary_1_l1_continuous :
  let L1 := lifted (divergences.l1 labels) in
  `|R_score mu around L1 p q - C mu around L1 p|
    <= (sqrt (2 * fine (R_madry mu around KL p q)))%:E.
Proof. exact: (corollary_1_continuous (@corollary_1_l1 _ _) (@lsc_l1 _ _)). Qed.
End Translates.
