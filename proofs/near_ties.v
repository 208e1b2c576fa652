(** * Near-ties are improbable where ties are

    For a probability measure [mu] and a measurable real function [f] that vanishes with probability
    zero, the probability that |f| < r vanishes with r ([near_tie_vanishes]): the sets where
    |f| >= 1 / (n + 1) increase to the set where f is not zero. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum interval.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.

Section NearTies.
Context d (X : measurableType d) (R : realType) (mu : {measure set X -> \bar R}).
Hypothesis mu1 : mu setT = 1.
Variable f : X -> R.
Hypothesis f_measurable : measurable_fun setT f.
Hypothesis f_neq0 : mu [set x | f x = 0%R] = 0.

Let far (r : R) : set X := [set x | (r <= `|f x|)%R].

Lemma far_measurable r : measurable (far r).
Proof.
have mg : measurable_fun setT (fun x => `|f x|%R).
  by apply: measurable_fun_comp => //; exact: measurable_fun_normr.
have := mg measurableT `[r, +oo[%classic (measurable_itv _); rewrite setTI.
by congr (measurable _); apply/seteqP; split => x /=; rewrite in_itv /= andbT.
Qed.

Lemma measure_add_complement A : measurable A -> mu A + mu (~` A) = 1.
Proof.
by move=> mA; rewrite -measureU ?setUCr ?setICr//; exact: measurableC.
Qed.

Lemma bigcup_far : \bigcup_n far n.+1%:R^-1 = ~` [set x | f x = 0%R].
Proof.
apply/seteqP; split=> [x [n _] /=|x /= fx0]; rewrite /far /=.
  by move=> le fx0; move: le; rewrite fx0 normr0 invr_le0 leNgt ltr0Sn.
have fx_gt0 : (0 < `|f x|)%R by rewrite normr_gt0; apply/eqP.
have [n _ /(_ n (leqnn n)) /=] := near_infty_natSinv_lt (PosNum fx_gt0).
by move=> /ltW le; exists n.
Qed.

Theorem near_tie_vanishes (e : R) : (0 < e)%R ->
  exists2 r : R, (0 < r)%R & mu [set x | (`|f x| < r)%R] < e%:E.
Proof.
move=> e0; apply: contrapT => none.
have large n : e%:E <= mu (~` far n.+1%:R^-1).
  rewrite leNgt; apply/negP => small; apply: none; exists n.+1%:R^-1; first by rewrite invr_gt0.
  by rewrite (_ : [set x | _] = ~` far n.+1%:R^-1)//; apply/seteqP; split=> x /=;
    rewrite /far /= ltNge => /negP.
have mU : measurable (\bigcup_n far n.+1%:R^-1).
  by apply: bigcup_measurable => n _; exact: far_measurable.
have muU : mu (\bigcup_n far n.+1%:R^-1) = 1.
  by rewrite -(measure_add_complement mU) bigcup_far setCK f_neq0 adde0.
have cvg_far : mu \o (fun n => far n.+1%:R^-1) --> (1 : \bar R).
  rewrite -muU; apply: nondecreasing_cvg_mu => // [n|n k nk]; first exact: far_measurable.
  apply/subsetPset => x; apply: le_trans; rewrite lef_pinv ?posrE ?ltr0Sn// ler_nat.
  by rewrite ltnS.
have : 1 <= 1 - e%:E.
  rewrite -{1}(cvg_lim _ cvg_far)//; apply: lime_le; first by apply/cvg_ex; exists 1.
  apply: nearW => n /=; have total := measure_add_complement (far_measurable n.+1%:R^-1).
  by rewrite EFinN lee_subr_addr// -total lee_add2l.
by rewrite -EFinB lee_fin ler_subr_addr ger_addl leNgt e0.
Qed.
End NearTies.
