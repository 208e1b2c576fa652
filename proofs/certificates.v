(** * Tactics for certificates

    A certificate is a generated file that states one risk of one law and one model as a theorem. It
    has the law, the model and their log-odds h and m, the monotone pieces of the function under the
    supremum, and the integral over each cell; the tactics here fill in the proofs.
    - [two_classes]: a mixture has two classes, and its masses and variances are positive;
    - [posterior_odds], [softmax_odds]: the log-odds of a mixture or of a model are as stated;
    - [rises], [falls]: the function is monotone between two nodes;
    - [score_cell nodes choice], [madry_cell nodes choice]: a cell, the choice that is the largest
      there, and its integral; [integrate] for the standard risk;
    - [certify]: the theorem. *)
From Coq Require Export Reals List.
From Coq Require Import Lra.
From Coquelicot Require Export Coquelicot.
From Interval Require Import Tactic.
From Score Require Export divergences two_labels mixtures sliding line_risks.
From Score Require Import labels logistic.
Export ListNotations.
Open Scope R_scope.

(** Unfolds everything down to elementary functions of the input. *)
Ltac elementary :=
  cbv - [R RInt R_CompleteNormedModule Rplus Rmult Ropp Rinv Rminus Rdiv pow IZR PI exp ln sqrt Rabs Rle Rlt].

Ltac two_classes := split; [reflexivity|]; repeat constructor; try discriminate; cbn; lra.

(** Equality of log-odds: of numbers, up to the argument of one logarithm. *)
Ltac same_number :=
  lazymatch goal with
  | |- ?a + ln ?u / 2 = ?b + ln ?v / 2 => replace u with v by lra; lra
  | |- ?a + ln ?u / 2 = ?b => replace u with 1 by lra; rewrite ln_1; lra
  | |- _ => lra
  end.
Ltac same_odds :=
  cbv beta iota delta [law_log_odds softmax_odds minus ratio map mass mean variance square linear constant];
  repeat match goal with
  | |- LogOdds _ _ _ = LogOdds _ _ _ => f_equal
  | |- cons _ _ = cons _ _ => f_equal
  | |- @nil _ = @nil _ => reflexivity
  | |- Quadratic _ _ _ = Quadratic _ _ _ => f_equal
  | |- @eq R _ _ => same_number
  end.
Ltac posterior_odds law h law_two :=
  let E := fresh in
  assert (E : law_log_odds law = h) by (unfold law, h; same_odds);
  rewrite <- E; apply posterior_log_odds, law_two.
Ltac softmax_odds model h :=
  let E := fresh in
  unfold model;
  lazymatch goal with |- at_log_odds (softmax ?l _) _ =>
    assert (E : softmax_odds l = h) by (unfold h; same_odds) end;
  rewrite <- E; apply softmax_log_odds.

(** ** Monotone pieces *)

(** By floats, and where they are too coarse with more digits. *)
Ltac by_bisection x :=
  first [interval with (i_bisect x, i_autodiff x, i_depth 40)
        |interval with (i_bisect x, i_autodiff x, i_depth 40, i_prec 100)].
Ltac slope_sign := let x := fresh "x" in intros x ?; elementary; by_bisection x.
Ltac rises slope k :=
  apply (rising_of_derive _ _ _ k _ _ slope); [elementary; lra|elementary; lra|slope_sign].
Ltac falls slope k :=
  apply (falling_of_derive _ _ _ k _ _ slope); [elementary; lra|elementary; lra|slope_sign].
(** ** Cells *)

Arguments cut {range g d e v density top a b c i j w z}.

Ltac in_chain :=
  lazymatch goal with
  | |- _ <= _ <= _ => lra
  | |- _ /\ _ => split; in_chain
  | |- near_monotone _ _ _ _ =>
      match goal with H : near_monotone _ _ ?a ?b |- near_monotone _ _ ?p ?q =>
        apply (near_monotone_sub _ _ a b p q H); lra end
  | |- Rabs _ <= _ => assumption
  | _ => first [exact I|elementary; lra]
  end.
Ltac integrate := elementary; integral with (i_fuel 1000, i_degree 8).
Ltac none_larger :=
  let x := fresh "x" in intros x ?; unfold no_larger; cbn [List.map snd];
  repeat first [apply List.Forall_nil|apply List.Forall_cons]; cbv beta;
  lazymatch goal with
  | |- _ * (?a - ?a) <= _ => rewrite Rminus_eq_0, Rmult_0_r; elementary; interval
  | |- _ => elementary; by_bisection x
  end.
Ltac cell_by lemma nodes which :=
  apply (lemma _ _ _ _ _ _ _ _ nodes which);
  [lra|intros ? ?; cbn [chain]; in_chain|cbn [among map snd List.In]; auto 20|none_larger|integrate].
Ltac score_cell nodes which := cell_by score_cell nodes which.
Ltac madry_cell nodes which := cell_by madry_cell nodes which.
Ltac node := elementary; interval.

(** ** Theorems *)

Lemma within_of_bounds r v w lower upper : lower <= r <= upper -> v - w <= lower -> upper <= v + w ->
  Rabs (r - v) <= w.
Proof. intros; apply Rabs_le; lra. Qed.

Ltac fall := elementary; repeat first [apply List.Forall_nil|apply List.Forall_cons]; interval.
Ltac certify risk Q m_odds integral :=
  let r := fresh "r" in let H := fresh "H" in let B := fresh "B" in
  edestruct (risk ltac:(lra) ltac:(lra) ltac:(lra) ltac:(fall) Q m_odds) as [r [H B]];
    [exact integral|exists r; split; [exact H|]];
  apply (within_of_bounds _ _ _ _ _ B); elementary; interval.
