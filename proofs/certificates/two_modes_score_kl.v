(** R_SCORE for kl, epsilon = 0.5, of the law and the model below: within 0.000001 of 0.16812913.
    A component is Component mass mean variance, a logit Quadratic a b c for a x^2 + b x + c;
    h and m are the log-odds of class 1 under the law and under the second argument of the divergence. *)
From Score Require Import certificates.
Open Scope R_scope.

Definition law : mixture :=
  [[Component (5/6) (-1) 4];
   [Component (1/12) 1 1; Component (1/12) 3 2]].
Definition model : R -> nat -> R :=
  softmax [Quadratic 0.375 (-1.25) 1.2912907318741550651835272117680110714501; Quadratic 0 0 0].

Definition h : log_odds := LogOdds (Quadratic (-0.375) 1.25 ((-0.375) + ln 0.04 / 2))
  [Quadratic 0.25 0.5 ((-1.75) + ln 0.5 / 2)] [].
Definition m : log_odds := LogOdds (Quadratic (-0.375) 1.25 (-1.2912907318741550651835272117680110714501))
  [] [].

Lemma law_two : two_classes law.
Proof. two_classes. Qed.
Lemma h_odds x : at_log_odds (posterior law x) (log_odds_at h x).
Proof. posterior_odds law h law_two. Qed.
Lemma m_odds x : at_log_odds (model x) (log_odds_at m x).
Proof. softmax_odds model m. Qed.

(** Monotone between these points, up to the slack. *)
Definition slack : R := 0.000000004.
Definition g : R -> R := score_level two_kl h m.
Lemma piece_0 : near_monotone g slack (-14.5) (-4.7567677647344).
Proof. rises (is_derive_score_level two_kl h m) 0.0000000004. Qed.
Lemma piece_1 : near_monotone g slack (-4.7567677647344) (-4.0637059847707).
Proof. falls (is_derive_score_level two_kl h m) 0.000000005. Qed.
Lemma piece_2 : near_monotone g slack (-4.0637059847707) 0.5592915564038.
Proof. rises (is_derive_score_level two_kl h m) 0.0000000008. Qed.
Lemma piece_3 : near_monotone g slack 0.5592915564038 2.0637059847707.
Proof. falls (is_derive_score_level two_kl h m) 0.000000002. Qed.
Lemma piece_4 : near_monotone g slack 2.0637059847707 10.0751592163788.
Proof. rises (is_derive_score_level two_kl h m) 0.0000000004. Qed.
Lemma piece_5 : near_monotone g slack 10.0751592163788 14.5.
Proof. falls (is_derive_score_level two_kl h m) 0.0000000009. Qed.
Lemma node_0 : Rabs (g (-4.7567677647344) - 0.0000000714) <= slack.
Proof. node. Qed.
Lemma node_1 : Rabs (g (-4.0637059847707) - 0) <= slack.
Proof. node. Qed.
Lemma node_2 : Rabs (g 0.5592915564038 - 0.0268849688) <= slack.
Proof. node. Qed.
Lemma node_3 : Rabs (g 2.0637059847707 - 0) <= slack.
Proof. node. Qed.
Lemma node_4 : Rabs (g 10.0751592163788 - 18.2078587457) <= slack.
Proof. node. Qed.

(** The integrals over the cells. *)
Notation cells := (score_cells law two_kl h m 0.5 slack).
Lemma cell_0 : cells (-14) (-5.2567677647344) 0.0000000006 0.00000004.
Proof.
pose proof piece_0.
score_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_1 : cells (-5.2567677647344) (-4.5637059847707) 0.0000000012 0.00000004.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
score_cell [((-4.7567677647344), 0.0000000714)] (Node 0.0000000714).
Qed.
Lemma cell_2 : cells (-4.5637059847707) (-4.3505314186829) 0.0000000006 0.00000004.
Proof.
pose proof piece_0. pose proof piece_1. pose proof piece_2. pose proof node_0. pose proof node_1.
score_cell [((-4.7567677647344), 0.0000000714); ((-4.0637059847707), 0)] (Node 0.0000000714).
Qed.
Lemma cell_3 : cells (-4.3505314186829) (-4.2567677647344) 0.0000000006 0.00000004.
Proof.
pose proof piece_0. pose proof piece_1. pose proof piece_2. pose proof node_0. pose proof node_1.
score_cell [((-4.7567677647344), 0.0000000714); ((-4.0637059847707), 0)] Upper.
Qed.
Lemma cell_4 : cells (-4.2567677647344) (-3.5637059847707) 0.0000001713 0.00000004.
Proof.
pose proof piece_1. pose proof piece_2. pose proof node_1.
score_cell [((-4.0637059847707), 0)] Upper.
Qed.
Lemma cell_5 : cells (-3.5637059847707) 0.0592915564038 0.0051804939 0.00000004.
Proof.
pose proof piece_2.
score_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_6 : cells 0.0592915564038 1.0592915564038 0.0042171659 0.00000004.
Proof.
pose proof piece_2. pose proof piece_3. pose proof node_2.
score_cell [(0.5592915564038, 0.0268849688)] (Node 0.0268849688).
Qed.
Lemma cell_7 : cells 1.0592915564038 1.5637059847707 0.0016459474 0.00000004.
Proof.
pose proof piece_3.
score_cell (@nil (R * R)) Lower.
Qed.
Lemma cell_8 : cells 1.5637059847707 1.9261366742988 0.0007121181 0.00000004.
Proof.
pose proof piece_3. pose proof piece_4. pose proof node_3.
score_cell [(2.0637059847707, 0)] Lower.
Qed.
Lemma cell_9 : cells 1.9261366742988 2.5637059847707 0.003764293 0.00000004.
Proof.
pose proof piece_3. pose proof piece_4. pose proof node_3.
score_cell [(2.0637059847707, 0)] Upper.
Qed.
Lemma cell_10 : cells 2.5637059847707 9.5751592163788 0.1526054696 0.00000004.
Proof.
pose proof piece_4.
score_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_11 : cells 9.5751592163788 10.5751592163788 0.0000033481 0.00000004.
Proof.
pose proof piece_4. pose proof piece_5. pose proof node_4.
score_cell [(10.0751592163788, 18.2078587457)] (Node 18.2078587457).
Qed.
Lemma cell_12 : cells 10.5751592163788 14 0.0000001161 0.00000004.
Proof.
pose proof piece_5.
score_cell (@nil (R * R)) Lower.
Qed.

Theorem certificate :
  exists r, R_score law model (kl two) 0.5 r /\ Rabs (r - 0.16812913) <= 0.000001.
Proof.
certify (score_risk law two_kl h m 0.5 14 3 law_two h_odds) model m_odds
  (cut cell_0 (cut cell_1 (cut cell_2 (cut cell_3 (cut cell_4 (cut cell_5 (cut cell_6 (cut cell_7 (cut cell_8 (cut cell_9 (cut cell_10 (cut cell_11 cell_12)))))))))))).
Qed.
