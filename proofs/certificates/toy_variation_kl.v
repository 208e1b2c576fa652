(** C for kl, epsilon = 1, of the law and the model below: within 0.00000001 of 0.0770816866.
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
Definition slack : R := 0.00000000003.
Definition g : R -> R := log_odds_at m.
Lemma piece_0 : near_monotone g slack (-16) 1.6666666666667.
Proof. rises (is_derive_log_odds m) 0.000000000001. Qed.
Lemma piece_1 : near_monotone g slack 1.6666666666667 16.
Proof. falls (is_derive_log_odds m) 0.000000000002. Qed.
Lemma node_0 : Rabs (g 1.6666666666667 - (-0.249624065207)) <= slack.
Proof. node. Qed.

(** The integrals over the cells. *)
Notation cells := (madry_cells law two_kl h m 1 slack).
Lemma cell_0 : cells (-15) (-0.6414575830389) 0.02127272834 0.000000001.
Proof.
pose proof piece_0.
madry_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_1 : cells (-0.6414575830389) 0.6666666666667 0.03527841412 0.000000001.
Proof.
pose proof piece_0.
madry_cell (@nil (R * R)) Lower.
Qed.
Lemma cell_2 : cells 0.6666666666667 1.6666666668812 0.01086628022 0.000000001.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
madry_cell [(1.6666666666667, (-0.249624065207))] Lower.
Qed.
Lemma cell_3 : cells 1.6666666668812 2.6666666666667 0.00476856068 0.000000001.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
madry_cell [(1.6666666666667, (-0.249624065207))] Upper.
Qed.
Lemma cell_4 : cells 2.6666666666667 3.9747909199976 0.00440988008 0.000000001.
Proof.
pose proof piece_1.
madry_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_5 : cells 3.9747909199976 15 0.00048582321 0.000000001.
Proof.
pose proof piece_1.
madry_cell (@nil (R * R)) Lower.
Qed.

Theorem certificate :
  exists r, C law (kl two) 1 r /\ Rabs (r - 0.0770816866) <= 0.00000001.
Proof.
certify (madry_risk law two_kl h m 1 15 3 law_two h_odds) (posterior law) m_odds
  (cut cell_0 (cut cell_1 (cut cell_2 (cut cell_3 (cut cell_4 cell_5))))).
Qed.
