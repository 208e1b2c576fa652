(** R_SCORE for kl, epsilon = 1, of the law and the model below: within 0.00000001 of 0.2663540339.
    A component is Component mass mean variance, a logit Quadratic a b c for a x^2 + b x + c;
    h and m are the log-odds of class 1 under the law and under the second argument of the divergence. *)
From Score Require Import certificates.
Open Scope R_scope.

Definition law : mixture :=
  [[Component (5/6) (-1) 4];
   [Component (1/6) 1 1]].
Definition model : R -> nat -> R :=
  softmax [Quadratic 0 (-1) 1; Quadratic 0 0 0].

Definition h : log_odds := LogOdds (Quadratic (-0.375) 1.25 ((-0.375) + ln 0.16 / 2))
  [] [].
Definition m : log_odds := LogOdds (Quadratic 0 1 (-1))
  [] [].

Lemma law_two : two_classes law.
Proof. two_classes. Qed.
Lemma h_odds x : at_log_odds (posterior law x) (log_odds_at h x).
Proof. posterior_odds law h law_two. Qed.
Lemma m_odds x : at_log_odds (model x) (log_odds_at m x).
Proof. softmax_odds model m. Qed.

(** Monotone between these points, up to the slack. *)
Definition slack : R := 0.00000000003.
Definition g : R -> R := score_level two_kl h m.
Lemma piece_0 : near_monotone g slack (-16) (-1.6256917612173).
Proof. rises (is_derive_score_level two_kl h m) 0.000000000002. Qed.
Lemma piece_1 : near_monotone g slack (-1.6256917612173) 0.2594674238661.
Proof. falls (is_derive_score_level two_kl h m) 0.00000000001. Qed.
Lemma piece_2 : near_monotone g slack 0.2594674238661 16.
Proof. rises (is_derive_score_level two_kl h m) 0.000000000001. Qed.
Lemma node_0 : Rabs (g (-1.6256917612173) - 0.034317732049) <= slack.
Proof. node. Qed.
Lemma node_1 : Rabs (g 0.2594674238661 - 0.006482409284) <= slack.
Proof. node. Qed.

(** The integrals over the cells. *)
Notation cells := (score_cells law two_kl h m 1 slack).
Lemma cell_0 : cells (-15) (-2.6256917612173) 0.00384813447 0.000000001.
Proof.
pose proof piece_0.
score_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_1 : cells (-2.6256917612173) (-0.7405325761339) 0.01005526615 0.000000001.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
score_cell [((-1.6256917612173), 0.034317732049)] (Node 0.034317732049).
Qed.
Lemma cell_2 : cells (-0.7405325761339) (-0.6256917612173) 0.00071048076 0.000000001.
Proof.
pose proof piece_0. pose proof piece_1. pose proof piece_2. pose proof node_0. pose proof node_1.
score_cell [((-1.6256917612173), 0.034317732049); (0.2594674238661, 0.006482409284)] (Node 0.034317732049).
Qed.
Lemma cell_3 : cells (-0.6256917612173) 0.0740592143174 0.00404493441 0.000000001.
Proof.
pose proof piece_1. pose proof piece_2. pose proof node_1.
score_cell [(0.2594674238661, 0.006482409284)] Lower.
Qed.
Lemma cell_4 : cells 0.0740592143174 1.2594674238661 0.0255594989 0.000000001.
Proof.
pose proof piece_1. pose proof piece_2. pose proof node_1.
score_cell [(0.2594674238661, 0.006482409284)] Upper.
Qed.
Lemma cell_5 : cells 1.2594674238661 15 0.22213571916 0.000000001.
Proof.
pose proof piece_2.
score_cell (@nil (R * R)) Upper.
Qed.

Theorem certificate :
  exists r, R_score law model (kl two) 1 r /\ Rabs (r - 0.2663540339) <= 0.00000001.
Proof.
certify (score_risk law two_kl h m 1 15 3 law_two h_odds) model m_odds
  (cut cell_0 (cut cell_1 (cut cell_2 (cut cell_3 (cut cell_4 cell_5))))).
Qed.
