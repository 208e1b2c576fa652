(** R_Standard for kl, of the law and the model below: within 0.00000001 of 0.0952048641.
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

Lemma integral : standard_integral law two_kl h m (- 15) 15 0.0952048641 0.000000005.
Proof. integrate. Qed.

Theorem certificate :
  exists r, R_standard law model (kl two) r /\ Rabs (r - 0.0952048641) <= 0.00000001.
Proof.
certify (standard_risk law two_kl h m 0 15 3 law_two h_odds) model m_odds
  integral.
Qed.
