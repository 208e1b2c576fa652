(** * The divergences that are no metrics

    Two labels, and the three distributions with probability 1/2, 3/4 and 1/4 of the first. For each
    of KL, reverse KL, chi-squared and squared error the triangle inequality fails on them:
    [kl_not_metric], [reverse_kl_not_metric], [chi_squared_not_metric],
    [squared_error_not_metric]. *)
From Coq Require Import Reals Lra Psatz List.
From Score Require Import labels divergences metrics.
Import ListNotations.
Open Scope R_scope.

Definition both : list bool := [true; false].
Definition bernoulli (p : R) : bool -> R := fun y => if y then p else 1 - p.

Lemma bernoulli_distribution p : 0 <= p <= 1 -> distribution both (bernoulli p).
Proof. intros H; split; [intros [] _|unfold sum]; simpl; lra. Qed.

Definition even := bernoulli (1 / 2).
Definition likely := bernoulli (3 / 4).
Definition unlikely := bernoulli (1 / 4).

Lemma three_distributions :
  distribution both even /\ distribution both likely /\ distribution both unlikely.
Proof. repeat split; apply bernoulli_distribution; lra. Qed.

Lemma not_metric_of_triangle D a b c : distribution both a -> distribution both b ->
  distribution both c -> D a b + D b c < D a c -> ~ metric both D.
Proof. intros Ha Hb Hc H [_ _ _ tri]; pose proof (tri a b c Ha Hb Hc); lra. Qed.

(** The Kullback-Leibler divergences in terms of the logarithms of 2 and 3. *)
Lemma kl_values :
  kl both likely unlikely = ln 3 / 2 /\
  kl both even likely = ln 2 - ln 3 / 2 /\
  kl both even unlikely = ln 2 - ln 3 / 2 /\
  kl both likely even = 3 / 4 * ln 3 - ln 2.
Proof.
unfold kl, kl_term, sum, both, even, likely, unlikely, bernoulli; simpl.
assert (l4 : ln 4 = 2 * ln 2) by (replace 4 with (2 * 2) by ring; rewrite ln_mult; lra).
replace (1 - 3 / 4) with (1 / 4) by field; replace (1 - 1 / 4) with (3 / 4) by field.
replace (1 - 1 / 2) with (1 / 2) by field.
rewrite !(ln_ratio (3 / 4)), !(ln_ratio (1 / 4)), !(ln_ratio (1 / 2)), !ln_ratio, !l4, ln_1 by lra.
repeat split; field.
Qed.

(** From 2 ^ 4 < 3 ^ 3 and 3 < 2 ^ 2. *)
Lemma ln_2_3_bounds : 4 * ln 2 < 3 * ln 3 /\ ln 3 < 2 * ln 2.
Proof.
assert (L : forall x y, 0 < x -> x < y -> ln x < ln y) by (intros; apply ln_increasing; auto).
pose proof (L (2 ^ 4) (3 ^ 3)) as A; pose proof (L 3 (2 ^ 2)) as B.
rewrite !ln_pow in * by lra; simpl in *; lra.
Qed.

Lemma ln_3_pos : 0 < ln 3.
Proof. rewrite <- ln_1; apply ln_increasing; lra. Qed.

Theorem kl_not_metric : ~ metric both (kl both).
Proof.
pose proof three_distributions; pose proof ln_3_pos; pose proof kl_values.
apply (not_metric_of_triangle _ likely even unlikely); intuition lra.
Qed.

Theorem reverse_kl_not_metric : ~ metric both (reverse_kl both).
Proof.
pose proof three_distributions; pose proof ln_3_pos; pose proof kl_values.
apply (not_metric_of_triangle _ unlikely even likely); unfold reverse_kl; intuition lra.
Qed.

Ltac compare_values D :=
  pose proof three_distributions; apply (not_metric_of_triangle _ likely even unlikely);
  [intuition..|unfold D, sum, both, even, likely, unlikely, bernoulli; simpl; lra].

Theorem chi_squared_not_metric : ~ metric both (chi_squared both).
Proof. compare_values @chi_squared. Qed.

Theorem squared_error_not_metric : ~ metric both (squared_error both).
Proof. compare_values @squared_error. Qed.
