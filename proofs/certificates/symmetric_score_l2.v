(** R_SCORE for l2, epsilon = 0.1, of the law and the model below: within 0.000001 of 0.42236059.
    A component is Component mass mean variance, a logit Quadratic a b c for a x^2 + b x + c;
    h and m are the log-odds of class 1 under the law and under the second argument of the divergence. *)
From Score Require Import certificates.
Open Scope R_scope.

Definition law : mixture :=
  [[Component 0.5 (-1) 1];
   [Component 0.5 1 1]].
Definition model : R -> nat -> R :=
  softmax [Quadratic 0.375 (-1.25) 1.2912907318741550651835272117680110714501; Quadratic 0 0 0].

Definition h : log_odds := LogOdds (Quadratic 0 2 0)
  [] [].
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
Definition g : R -> R := score_level two_l2 h m.
Lemma piece_0 : near_monotone g slack (-7.1) 7.1.
Proof. falls (is_derive_score_level two_l2 h m) 0.0000000002. Qed.

(** The integrals over the cells. *)
Notation cells := (score_cells law two_l2 h m 0.1 slack).
Lemma cell_0 : cells (-7) 7 0.42236059 0.0000005.
Proof.
pose proof piece_0.
score_cell (@nil (R * R)) Upper.
Qed.

Theorem certificate :
  exists r, R_score law model (l2 two) 0.1 r /\ Rabs (r - 0.42236059) <= 0.000001.
Proof.
certify (score_risk law two_l2 h m 0.1 7 5 law_two h_odds) model m_odds
  cell_0.
Qed.
