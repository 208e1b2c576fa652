(** R_Madry for l1, epsilon = 0.5, of the law and the model below: within 0.000001 of 0.24573597.
    A component is Component mass mean variance, a logit Quadratic a b c for a x^2 + b x + c;
    h and m are the log-odds of class 1 under the law and under the second argument of the divergence. *)
From Score Require Import certificates.
Open Scope R_scope.

Definition law : mixture :=
  [[Component (5/6) (-1) 4];
   [Component (1/12) 1 1; Component (1/12) 3 2]].
Definition other : mixture :=
  [[Component (5/6) (-1) 4];
   [Component (1/6) 1 1]].
Lemma other_two : two_classes other.
Proof. two_classes. Qed.
Definition model : R -> nat -> R := posterior other.

Definition h : log_odds := LogOdds (Quadratic (-0.375) 1.25 ((-0.375) + ln 0.04 / 2))
  [Quadratic 0.25 0.5 ((-1.75) + ln 0.5 / 2)] [].
Definition m : log_odds := LogOdds (Quadratic (-0.375) 1.25 ((-0.375) + ln 0.16 / 2))
  [] [].

Lemma law_two : two_classes law.
Proof. two_classes. Qed.
Lemma h_odds x : at_log_odds (posterior law x) (log_odds_at h x).
Proof. posterior_odds law h law_two. Qed.
Lemma m_odds x : at_log_odds (model x) (log_odds_at m x).
Proof. unfold model; posterior_odds other m other_two. Qed.

(** Monotone between these points, up to the slack. *)
Definition slack : R := 0.000000004.
Definition g : R -> R := log_odds_at m.
Lemma piece_0 : near_monotone g slack (-13.5) 1.6666666666667.
Proof. rises (is_derive_log_odds m) 0.0000000002. Qed.
Lemma piece_1 : near_monotone g slack 1.6666666666667 13.5.
Proof. falls (is_derive_log_odds m) 0.0000000003. Qed.
Lemma node_0 : Rabs (g 1.6666666666667 - (-0.2496240652)) <= slack.
Proof. node. Qed.

(** The integrals over the cells. *)
Notation cells := (madry_cells law two_l1 h m 0.5 slack).
Lemma cell_0 : cells (-13) 1.1666666666667 0.128016687 0.0000001.
Proof.
pose proof piece_0.
madry_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_1 : cells 1.1666666666667 1.94741964104 0.013577815 0.0000001.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
madry_cell [(1.6666666666667, (-0.2496240652))] (Node (-0.2496240652)).
Qed.
Lemma cell_2 : cells 1.94741964104 2.1666666666667 0.002191929 0.0000001.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
madry_cell [(1.6666666666667, (-0.2496240652))] Upper.
Qed.
Lemma cell_3 : cells 2.1666666666667 13 0.101949544 0.0000001.
Proof.
pose proof piece_1.
madry_cell (@nil (R * R)) Upper.
Qed.

Theorem certificate :
  exists r, R_madry law model (l1 two) 0.5 r /\ Rabs (r - 0.24573597) <= 0.000001.
Proof.
certify (madry_risk law two_l1 h m 0.5 13 2 law_two h_odds) model m_odds
  (cut cell_0 (cut cell_1 (cut cell_2 cell_3))).
Qed.
