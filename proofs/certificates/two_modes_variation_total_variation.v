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
Definition slack : R := 0.000000005.
Definition g : R -> R := log_odds_at m.
Lemma piece_0 : near_monotone g slack (-13.5) 6.9999811833031.
Proof. rises (is_derive_log_odds m) 0.0000000002. Qed.
Lemma piece_1 : near_monotone g slack 6.9999811833031 13.5.
Proof. falls (is_derive_log_odds m) 0.0000000007. Qed.
Lemma node_0 : Rabs (g 6.9999811833031 - 2.043989673) <= slack.
Proof. node. Qed.

(** The integrals over the cells. *)
Notation cells := (madry_cells law two_total_variation h m 0.5 slack).
Lemma cell_0 : cells (-13) 6.4999811833031 0.045261532 0.0000001.
Proof.
pose proof piece_0.
cell (@nil (R * R)).
Qed.
Lemma cell_1 : cells 6.4999811833031 7.4999811833031 0.000003804 0.0000001.
Proof.
pose proof piece_0. pose proof piece_1. pose proof node_0.
cell [(6.9999811833031, 2.043989673)].
Qed.
Lemma cell_2 : cells 7.4999811833031 13 0.000001202 0.0000001.
Proof.
pose proof piece_1.
cell (@nil (R * R)).
Qed.

Theorem certificate :
  exists r, C law (total_variation two) 0.5 r /\ Rabs (r - 0.04526654) <= 0.000001.
Proof.
certify (madry_risk law two_total_variation h m 0.5 13 2 law_two h_odds) (posterior law) m_odds
  (cut cell_0 (cut cell_1 cell_2)).
Qed.
