(** * A law with three labels where the paper's form of Theorem 4 fails

    On the line the law gives the labels the constant probabilities 1/2, 3/10, 1/5 ([law]), and the
    model 2/5 - s, 1/5 - s, 2/5 + 2 s with s = sin(x) / 20 ([model]), distributions everywhere. The most
    probable label under the law is the first; its difference p_d - p_theta is 1/10 + s, with the
    derivative [slope]. So the paper's form predicts
      ( R_SCORE(eps) - R_Standard ) / eps  ->  2 E |slope|,
    but the limit is twice that for the means of any law of the inputs ([twice_the_paper_form]):
    the signs of the differences are +, +, - everywhere, not one against the rest. For two equally
    likely inputs 0 and 1, say, that is another number ([paper_form_fails]). *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels divergences expectation theorem_4 window_sup.
Import ListNotations.
Open Scope R_scope.

Definition three : list nat := [0; 1; 2]%nat.
Definition law (y : nat) : R := match y with 0%nat => 1 / 2 | 1%nat => 3 / 10 | _ => 1 / 5 end.
Definition model (x : R) (y : nat) : R :=
  match y with 0%nat => 2 / 5 - sin x / 20 | 1%nat => 1 / 5 - sin x / 20 | _ => 2 / 5 + sin x / 10 end.
Definition slope (x : R) : R := cos x / 20.

Lemma law_distribution : distribution three law /\ forall y, law y <= law 0%nat.
Proof.
repeat split; [intros y _|unfold sum; simpl; lra|intros y]; destruct y as [|[|]]; simpl; lra.
Qed.

Lemma model_distribution x : distribution three (model x).
Proof.
pose proof (SIN_bound x); split; [intros y _; destruct y as [|[|]]|unfold sum]; simpl; lra.
Qed.

Lemma is_derive_slope x : is_derive (fun x => law 0%nat - model x 0%nat) x (slope x).
Proof. unfold slope; simpl; auto_derive; auto; field. Qed.

(** ** The differences, and their expansion *)

Definition f (y : nat) (x : R) : R := law y - model x y.
Definition df (y : nat) (x h : R) : R := match y with 0%nat | 1%nat => slope x * h | _ => -2 * slope x * h end.

Lemma total_l1 x : total three f x = l1 three law (model x).
Proof. reflexivity. Qed.

Lemma signs x y : In y three -> 1 / 20 <= Rabs (f y x) /\
  sign (f y x) = match y with 2%nat => -1 | _ => 1 end.
Proof.
pose proof (SIN_bound x); unfold f; intros [<-|[<-|[<-|[]]]]; simpl; split;
  try (rewrite Rabs_pos_eq by lra; lra); try (rewrite Rabs_left by lra; lra);
  try (apply sign_eq_1; lra); apply sign_eq_m1; lra.
Qed.

Lemma sign_slope_is x h : sign_slope three f df x h = 4 * slope x * h.
Proof.
unfold sign_slope; rewrite (sum_ext three _ (fun y => match y with 2%nat => -1 | _ => 1 end * df y x h)).
- unfold sum; simpl; ring.
- intros y Hy; rewrite (proj2 (signs x y Hy)); reflexivity.
Qed.

Lemma cos_lipschitz x z : Rabs (cos z - cos x) <= Rabs (z - x).
Proof.
destruct (MVT_gen cos x z (fun t => - sin t)) as [c [_ ->]].
- intros t _; apply is_derive_cos.
- intros t _; apply continuity_cos.
- rewrite Rabs_mult, Rabs_Ropp; pose proof (SIN_bound c); pose proof (Rabs_pos (z - x)).
  assert (Rabs (sin c) <= 1) by (apply Rabs_le; lra); nra.
Qed.

Lemma sin_expansion x h : Rabs (sin (x + h) - sin x - cos x * h) <= h ^ 2.
Proof.
destruct (MVT_gen sin x (x + h) cos) as [c [Hc ->]].
- intros t _; apply is_derive_sin.
- intros t _; apply continuity_sin.
- replace (cos c * (x + h - x) - cos x * h) with ((cos c - cos x) * h) by ring.
  assert (Rabs (c - x) <= Rabs h).
  { revert Hc; unfold Rmin, Rmax, Rabs; destruct (Rle_dec x (x + h)), (Rcase_abs (c - x)), (Rcase_abs h); lra. }
  rewrite Rabs_mult, <- (pow2_abs h); pose proof (cos_lipschitz x c); pose proof (Rabs_pos h); nra.
Qed.

Lemma remainder y x h : Rabs (f y (plus x h) - f y x - df y x h) <= 1 / 5 / 2 * Rabs h ^ 2.
Proof.
pose proof (sin_expansion x h) as B; apply Rabs_le_between in B; rewrite pow2_abs.
change (plus x h) with (x + h); apply Rabs_le; unfold f, df, slope.
destruct y as [|[|]]; simpl; lra.
Qed.

Lemma df_bound y x h : Rabs (df y x h) <= 1 / 10 * Rabs h.
Proof.
pose proof (COS_bound x); assert (C : Rabs (cos x) <= 1) by (apply Rabs_le; lra).
pose proof (Rabs_pos h); assert (D : Rabs (slope x) <= 1 / 20).
{ unfold slope, Rdiv; rewrite Rabs_mult, (Rabs_pos_eq (/ 20)) by lra; lra. }
unfold df; destruct y as [|[|]]; rewrite !Rabs_mult; try (rewrite (Rabs_left (-2)) by lra); nra.
Qed.

(** ** Any law of the inputs *)

Section AnyLaw.
Context (Ex : expectation R) (score : R -> R -> R).
Hypothesis score_sup : forall eps x, 0 < eps ->
  is_sup (fun h => Rabs h <= eps) (fun h => l1 three law (model (x + h))) (score eps x).
Hypothesis score_L : forall eps, 0 < eps -> L Ex (score eps).
Hypothesis standard_L : L Ex (fun x => l1 three law (model x)).
Hypothesis slope_L : L Ex (fun x => Rabs (slope x)).

Theorem twice_the_paper_form :
  filterlim (fun eps => (E Ex (score eps) - E Ex (fun x => l1 three law (model x))) / eps)
    (at_right 0) (locally (2 * (2 * E Ex (fun x => Rabs (slope x))))).
Proof.
pose (tie (r _ : R) := if Rle_dec r (1 / 20) then 0 else 1).
pose (dual x := 4 * Rabs (slope x) + 0 * Rabs (slope x)).
replace (2 * (2 * E Ex (fun x => Rabs (slope x)))) with (E Ex dual)
  by (unfold dual; rewrite E_linear by auto; ring).
apply (theorem_4 (V := R_ModuleSpace) Rabs) with (labels := three) (f := f) (df := df) (M := 1 / 5)
  (G := 1 / 10) (tie := tie); try lra.
- intros c h; right; apply Rabs_mult.
- intros; apply Rabs_pos.
- intros y x c h _; unfold scal; simpl; unfold mult; simpl; unfold df; destruct y as [|[|]]; ring.
- intros; apply df_bound.
- intros; apply remainder.
- intros r x; unfold tie; destruct (Rle_dec r (1 / 20)); lra.
- intros r x y Hy H; unfold tie; destruct (Rle_dec r (1 / 20)); [|lra].
  pose proof (proj1 (signs x y Hy)); lra.
- exact score_sup.
- intros x; split.
  + intros r [h [H ->]]; rewrite sign_slope_is; unfold dual.
    pose proof (Rle_abs (slope x * h)) as A; rewrite Rabs_mult in A.
    pose proof (Rabs_pos (slope x)); nra.
  + intros b Hb; apply Hb; destruct (Rle_or_lt 0 (slope x)).
    * exists 1; rewrite sign_slope_is, Rabs_R1; unfold dual; rewrite Rabs_pos_eq by auto; split; lra.
    * exists (-1); rewrite sign_slope_is, (Rabs_left (-1)) by lra; unfold dual.
      rewrite Rabs_left by auto; split; lra.
- exact score_L.
- exact standard_L.
- unfold dual; apply L_linear; auto.
- intros r; exact (L_const Ex _).
- intros e He; exists (1 / 20); [lra|]; intros r Hr; unfold tie.
  destruct (Rle_dec r (1 / 20)); [|contradiction]; apply Rle_lt_trans with (2 := He); right; exact (E_const Ex 0).
Qed.
End AnyLaw.

(** ** Two equally likely inputs *)

Definition two_inputs : expectation R.
Proof.
refine {| L := fun _ => True; E := fun g => (g 0 + g 1) / 2 |}; auto; intros; try field.
pose proof (H1 0); pose proof (H1 1); lra.
Defined.

Lemma score_ex eps x :
  {s | is_sup (fun h => Rabs h <= Rabs eps) (fun h => l1 three law (model (x + h))) s}.
Proof.
apply completeness.
- exists (3 / 5); intros r [h [_ ->]]; pose proof (SIN_bound (x + h)); unfold l1, sum; simpl.
  rewrite (Rabs_pos_eq (1 / 2 - _)), (Rabs_pos_eq (3 / 10 - _)), (Rabs_left1 (1 / 5 - _)) by lra; lra.
- exists (l1 three law (model (x + 0))), 0; split; [rewrite Rabs_R0; apply Rabs_pos|auto].
Qed.

Theorem paper_form_fails : exists score : R -> R -> R,
  (forall eps x, 0 < eps ->
    is_sup (fun h => Rabs h <= eps) (fun h => l1 three law (model (x + h))) (score eps x)) /\
  let quotient eps :=
    (E two_inputs (score eps) - E two_inputs (fun x => l1 three law (model x))) / eps in
  let paper := 2 * E two_inputs (fun x => Rabs (slope x)) in
  filterlim quotient (at_right 0) (locally (2 * paper)) /\ 2 * paper <> paper.
Proof.
pose (score eps x := proj1_sig (score_ex eps x)); exists score.
assert (S : forall eps x, 0 < eps ->
  is_sup (fun h => Rabs h <= eps) (fun h => l1 three law (model (x + h))) (score eps x)).
{ intros eps x He; assert (B : (fun h => Rabs h <= eps) = (fun h => Rabs h <= Rabs eps))
    by (rewrite (Rabs_pos_eq eps) by lra; reflexivity).
  rewrite B; exact (proj2_sig (score_ex eps x)). }
split; [exact S|]; split; [apply twice_the_paper_form; simpl; auto|].
simpl; pose proof (Rabs_pos (slope 1)); unfold slope at 1 3; rewrite cos_0, Rabs_pos_eq by lra; lra.
Qed.
