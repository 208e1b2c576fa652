(** * Three labels where the paper's form of Theorem 4 fails

    Near the input 0 of the line the law gives the labels the constant probabilities 1/2, 3/10, 1/5
    ([law]) and the model 2/5 - h, 1/5 - h, 2/5 + 2 h ([model]), distributions for |h| <= 1/10. The
    most probable label under the law is the first, whose difference p_d - p_theta has the
    derivative 1, so that the paper's form predicts 2/5 + 2 eps for the supremum of the l1 distance
    at 0. The supremum is 2/5 + 4 eps ([score_at_0]), off by 2 eps to first order
    ([paper_form_fails]): the signs of the differences are +, +, -, not one against the rest. *)
From Coq Require Import Reals Lra List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels divergences expectation.
Import ListNotations.
Open Scope R_scope.

Definition three : list nat := [0; 1; 2]%nat.
Definition law (y : nat) : R := match y with 0%nat => 1 / 2 | 1%nat => 3 / 10 | _ => 1 / 5 end.
Definition model (h : R) (y : nat) : R :=
  match y with 0%nat => 2 / 5 - h | 1%nat => 1 / 5 - h | _ => 2 / 5 + 2 * h end.

Lemma law_distribution : distribution three law /\ forall y, law y <= law 0%nat.
Proof.
repeat split; [intros y _|unfold sum; simpl; lra|intros y]; destruct y as [|[|]]; simpl; lra.
Qed.

Lemma model_distribution h : Rabs h <= 1 / 10 -> distribution three (model h).
Proof.
intros H; apply Rabs_le_between in H.
split; [intros y _; destruct y as [|[|]]|unfold sum]; simpl; lra.
Qed.

Lemma l1_model h : Rabs h <= 1 / 10 -> l1 three law (model h) = 2 / 5 + 4 * h.
Proof.
intros H; apply Rabs_le_between in H; unfold l1, sum; simpl.
rewrite (Rabs_pos_eq (1 / 2 - _)), (Rabs_pos_eq (3 / 10 - _)), (Rabs_left1 (1 / 5 - _)) by lra; lra.
Qed.

Lemma score_at_0 eps : 0 < eps <= 1 / 10 ->
  is_sup (fun h => Rabs h <= eps) (fun h => l1 three law (model h)) (2 / 5 + 4 * eps).
Proof.
intros He; split.
- intros r [h [H ->]]; rewrite l1_model by lra; apply Rabs_le_between in H; lra.
- intros b Hb; apply Hb; exists eps.
  rewrite Rabs_pos_eq, l1_model by (try rewrite Rabs_pos_eq; lra).
  split; [lra|reflexivity].
Qed.

Theorem paper_form_fails eps slope : 0 < eps <= 1 / 10 ->
  is_derive (fun h => law 0%nat - model h 0%nat) 0 slope ->
  is_sup (fun h => Rabs h <= eps) (fun h => l1 three law (model h))
    (l1 three law (model 0) + 2 * eps * Rabs slope + 2 * eps).
Proof.
intros He Hs; assert (E : slope = 1).
{ rewrite <- (is_derive_unique _ _ _ Hs); apply is_derive_unique; simpl; auto_derive; auto; ring. }
rewrite E, Rabs_R1, l1_model by (rewrite Rabs_R0; lra).
replace (_ + 2 * eps) with (2 / 5 + 4 * eps) by ring; apply score_at_0; auto.
Qed.
