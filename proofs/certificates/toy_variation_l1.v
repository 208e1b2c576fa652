(** C for l1, epsilon = 1, of the law and the model below: within 0.00000001 of 0.2442246461.
    A component is Component mass mean variance, a logit Quadratic a b c for a x^2 + b x + c;
    h and m are the log-odds of class 1 under the law and under the second argument of the divergence. *)
From Score Require Import certificates.
Open Scope R_scope.

Definition law : mixture :=
  [[Component (5/6) (-1) 4];
   [Component (1/6) 1 1]].

Definition h : log_odds := LogOdds (Quadratic (-0.375) 1.25 ((-0.375) + ln 0.16 / 2))
  [] [].
Definition m : log_odds := LogOdds (Quadratic (-0.375) 1.25 ((-0.375) + ln 0.16 / 2))
  [] [].

Lemma law_two : two_classes law.
Proof. two_classes. Qed.
Lemma h_odds x : at_log_odds (posterior law x) (log_odds_at h x).
Proof. posterior_odds law h law_two. Qed.
Lemma m_odds x : at_log_odds ((posterior law) x) (log_odds_at m x).
Proof. exact (h_odds x). Qed.

(** Monotone between these points, up to the slack. *)
Definition slack : R := 0.00000000004.
Definition g : R -> R := log_odds_at m.
Lemma piece_0 : near_monotone g slack (-15) 1.6666666666667.
Proof. rises (is_derive_log_odds m) 0.000000000002. Qed.
Lemma piece_1 : near_monotone g slack 1.6666666666667 15.
Proof. falls (is_derive_log_odds m) 0.000000000003. Qed.
Lemma node_0 : Rabs (g 1.6666666666667 - (-0.249624065207)) <= slack.
Proof. node. Qed.

(** The integrals over the cells. *)
Notation cells := (madry_cells law two_l1 h m 1 slack).
Lemma cell_0 : cells (-14) 0.0840066274138 0.11465717652 0.000000001.
Proof.
pose proof piece_0.
madry_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_1 : cells 0.0840066274138 0.6666666666667 0.04165320357 0.000000001.
Proof.
pose proof piece_0.
madry_cell (@nil (R * R)) Lower.
Qed.
Lemma cell_2 : cells 0.6666666666667 1.6666666667227 0.05022194171 0.000000001.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
madry_cell [(1.6666666666667, (-0.249624065207))] Lower.
Qed.
Lemma cell_3 : cells 1.6666666667227 2.6666666666667 0.02449672397 0.000000001.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
madry_cell [(1.6666666666667, (-0.249624065207))] Upper.
Qed.
Lemma cell_4 : cells 2.6666666666667 3.2493267064667 0.00768384889 0.000000001.
Proof.
pose proof piece_1.
madry_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_5 : cells 3.2493267064667 14 0.00551175146 0.000000001.
Proof.
pose proof piece_1.
madry_cell (@nil (R * R)) Lower.
Qed.

Theorem certificate :
  exists r, C law (l1 two) 1 r /\ Rabs (r - 0.2442246461) <= 0.00000001.
Proof.
certify (madry_risk law two_l1 h m 1 14 3 law_two h_odds) (posterior law) m_odds
  (cut cell_0 (cut cell_1 (cut cell_2 (cut cell_3 (cut cell_4 cell_5))))).
Qed.
