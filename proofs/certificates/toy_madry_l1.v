(** R_Madry for l1, epsilon = 1, of the law and the model below: within 0.00000001 of 0.4860341592.
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
Definition slack : R := 0.00000000004.
Definition g : R -> R := log_odds_at m.
Lemma piece_0 : near_monotone g slack (-15) 15.
Proof. rises (is_derive_log_odds m) 0.000000000001. Qed.

(** The integrals over the cells. *)
Notation cells := (madry_cells law two_l1 h m 1 slack).
Lemma cell_0 : cells (-14) 14 0.4860341592 0.000000005.
Proof.
pose proof piece_0.
madry_cell (@nil (R * R)) Upper.
Qed.

Theorem certificate :
  exists r, R_madry law model (l1 two) 1 r /\ Rabs (r - 0.4860341592) <= 0.00000001.
Proof.
certify (madry_risk law two_l1 h m 1 14 3 law_two h_odds) model m_odds
  cell_0.
Qed.
