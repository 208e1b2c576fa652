(** C for total-variation, epsilon = 0.5, of the law and the model below: within 0.000001 of 0.04526654.
    A component is Component mass mean variance, a logit Quadratic a b c for a x^2 + b x + c;
    h and m are the log-odds of class 1 under the law and under the second argument of the divergence. *)
From Score Require Import certificates.
Open Scope R_scope.

Definition law : mixture :=
  [[Component (5/6) (-1) 4];
   [Component (1/12) 1 1; Component (1/12) 3 2]].

Definition h : log_odds := LogOdds (Quadratic (-0.375) 1.25 ((-0.375) + ln 0.04 / 2))
  [Quadratic 0.25 0.5 ((-1.75) + ln 0.5 / 2)] [].
Definition m : log_odds := LogOdds (Quadratic (-0.375) 1.25 ((-0.375) + ln 0.04 / 2))
  [Quadratic 0.25 0.5 ((-1.75) + ln 0.5 / 2)] [].

Lemma law_two : two_classes law.
Proof. two_classes. Qed.
Lemma h_odds x : at_log_odds (posterior law x) (log_odds_at h x).
Proof. posterior_odds law h law_two. Qed.
Lemma m_odds x : at_log_odds ((posterior law) x) (log_odds_at m x).
Proof. exact (h_odds x). Qed.

(** Monotone between these points, up to the slack. *)
Definition slack : R := 0.000000004.
Definition g : R -> R := log_odds_at m.
Lemma piece_0 : near_monotone g slack (-13.5) 6.9999811833031.
Proof. rises (is_derive_log_odds m) 0.0000000001. Qed.
Lemma piece_1 : near_monotone g slack 6.9999811833031 13.5.
Proof. falls (is_derive_log_odds m) 0.0000000006. Qed.
Lemma node_0 : Rabs (g 6.9999811833031 - 2.0439896733) <= slack.
Proof. node. Qed.

(** The integrals over the cells. *)
Notation cells := (madry_cells law two_total_variation h m 0.5 slack).
Lemma cell_0 : cells (-13) 0.4483901865716 0.020711385 0.00000008.
Proof.
pose proof piece_0.
madry_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_1 : cells 0.4483901865716 1.8448539850367 0.013982579 0.00000008.
Proof.
pose proof piece_0.
madry_cell (@nil (R * R)) Lower.
Qed.
Lemma cell_2 : cells 1.8448539850367 3.2758214862389 0.007171108 0.00000008.
Proof.
pose proof piece_0.
madry_cell (@nil (R * R)) Upper.
Qed.
Lemma cell_3 : cells 3.2758214862389 6.4999811833031 0.00339646 0.00000008.
Proof.
pose proof piece_0.
madry_cell (@nil (R * R)) Lower.
Qed.
Lemma cell_4 : cells 6.4999811833031 7.0000032242556 0.000002897 0.00000008.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
madry_cell [(6.9999811833031, 2.0439896733)] Lower.
Qed.
Lemma cell_5 : cells 7.0000032242556 7.4999811833031 0.000000906 0.00000008.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
madry_cell [(6.9999811833031, 2.0439896733)] Upper.
Qed.
Lemma cell_6 : cells 7.4999811833031 13 0.000001202 0.00000008.
Proof.
pose proof piece_1.
madry_cell (@nil (R * R)) Upper.
Qed.

Theorem certificate :
  exists r, C law (total_variation two) 0.5 r /\ Rabs (r - 0.04526654) <= 0.000001.
Proof.
certify (madry_risk law two_total_variation h m 0.5 13 2 law_two h_odds) (posterior law) m_odds
  (cut cell_0 (cut cell_1 (cut cell_2 (cut cell_3 (cut cell_4 (cut cell_5 cell_6)))))).
Qed.
