(** R_SCORE for squared-error, epsilon = 0.25, of the law and the model below: within 0.000001 of 0.13466213.
    A component is Component mass mean variance, a logit Quadratic a b c for a x^2 + b x + c;
    h and m are the log-odds of class 1 under the law and under the second argument of the divergence. *)
From Score Require Import certificates.
Open Scope R_scope.

Definition law : mixture :=
  [[Component 0.5 (-1) 1];
   [Component 0.5 1 1]].
Definition model : R -> nat -> R :=
  softmax [Quadratic 0 (-1) 1; Quadratic 0 0 0].

Definition h : log_odds := LogOdds (Quadratic 0 2 0)
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
Definition slack : R := 0.000000004.
Definition g : R -> R := score_level two_squared_error h m.
Lemma piece_0 : near_monotone g slack (-7.25) (-1.7575561748568).
Proof. rises (is_derive_score_level two_squared_error h m) 0.0000000007. Qed.
Lemma piece_1 : near_monotone g slack (-1.7575561748568) 0.8837588420898.
Proof. falls (is_derive_score_level two_squared_error h m) 0.000000001. Qed.
Lemma piece_2 : near_monotone g slack 0.8837588420898 7.25.
Proof. rises (is_derive_score_level two_squared_error h m) 0.0000000006. Qed.
Lemma node_0 : Rabs (g (-1.7575561748568) - 0.0307760378) <= slack.
Proof. node. Qed.
Lemma node_1 : Rabs (g 0.8837588420898 - (-0.3831763109)) <= slack.
Proof. node. Qed.

(** The integrals over the cells. *)
Notation cells := (score_cells law two_squared_error h m 0.25 slack).
Lemma cell_0 : cells (-7) (-2.0075561748568) 0.000107642 0.00000009.
Proof.
pose proof piece_0.
score_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_1 : cells (-2.0075561748568) (-1.5075561748568) 0.000145684 0.00000009.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
score_cell [((-1.7575561748568), 0.0307760378)] (Node 0.0307760378).
Qed.
Lemma cell_2 : cells (-1.5075561748568) (-1.0708166946726) 0.000143986 0.00000009.
Proof.
pose proof piece_1.
score_cell (@nil (R * R)) Lower.
Qed.
Lemma cell_3 : cells (-1.0708166946726) 0.6337588420898 0.054439813 0.00000009.
Proof.
pose proof piece_1.
score_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_4 : cells 0.6337588420898 1.1337588420898 0.033892032 0.00000009.
Proof.
pose proof piece_1. pose proof piece_2. pose proof node_1.
score_cell [(0.8837588420898, (-0.3831763109))] (Node (-0.3831763109)).
Qed.
Lemma cell_5 : cells 1.1337588420898 7 0.045932977 0.00000009.
Proof.
pose proof piece_2.
score_cell (@nil (R * R)) Lower.
Qed.

Theorem certificate :
  exists r, R_score law model (squared_error two) 0.25 r /\ Rabs (r - 0.13466213) <= 0.000001.
Proof.
certify (score_risk law two_squared_error h m 0.25 7 5 law_two h_odds) model m_odds
  (cut cell_0 (cut cell_1 (cut cell_2 (cut cell_3 (cut cell_4 cell_5))))).
Qed.
