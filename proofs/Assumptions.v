(** The axioms under each main theorem; `make check` compares the answers with axioms.txt. *)
From Score Require Import pinsker bretagnolle_huber kl_bounds metrics not_metrics.
From Score Require Import theorem_1 theorem_1_relaxed order self_consistency.
From Score Require Import kl_counterexample paradox.
From Score Require Import concave corollary_1 overfitting_floor.

Print Assumptions pinsker.pinsker.
Print Assumptions bretagnolle_huber.bretagnolle_huber.
Print Assumptions kl_bounds.total_variation_le_kl.
Print Assumptions kl_bounds.total_variation_le_exp.
Print Assumptions kl_bounds.l2_le_kl.
Print Assumptions kl_bounds.linf_le_kl.
Print Assumptions kl_bounds.hellinger_le_kl.
Print Assumptions kl_bounds.jensen_shannon_le_kl.
Print Assumptions kl_bounds.squared_error_le_kl.
Print Assumptions metrics.metric_l1.
Print Assumptions metrics.metric_total_variation.
Print Assumptions metrics.metric_l2.
Print Assumptions metrics.metric_linf.
Print Assumptions metrics.metric_hellinger.
Print Assumptions metrics.squared_error_relaxed_triangle.
Print Assumptions not_metrics.kl_not_metric.
Print Assumptions not_metrics.reverse_kl_not_metric.
Print Assumptions not_metrics.chi_squared_not_metric.
Print Assumptions not_metrics.squared_error_not_metric.
Print Assumptions theorem_1.theorem_1_sums.
Print Assumptions theorem_1.theorem_1.
Print Assumptions theorem_1_relaxed.theorem_1_relaxed.
Print Assumptions kl_counterexample.theorem_1_false_for_kl.
Print Assumptions order.R_standard_le_R_madry.
Print Assumptions order.R_standard_le_R_score.
Print Assumptions order.R_madry_le.
Print Assumptions order.R_score_le.
Print Assumptions order.C_le.
Print Assumptions order.risks_at_singletons.
Print Assumptions order.R_madry_of_law.
Print Assumptions self_consistency.R_score_eq0.
Print Assumptions self_consistency.R_score_eq0_identifies.
Print Assumptions self_consistency.R_score_of_law.
Print Assumptions paradox.paradox.
Print Assumptions theorem_1.R_score_near_C.
Print Assumptions corollary_1.corollary_1.
Print Assumptions corollary_1.corollary_1_l1.
Print Assumptions corollary_1.corollary_1_l1_exp.
Print Assumptions corollary_1.corollary_1_total_variation.
Print Assumptions corollary_1.corollary_1_total_variation_exp.
Print Assumptions corollary_1.corollary_1_l2.
Print Assumptions corollary_1.corollary_1_linf.
Print Assumptions corollary_1.corollary_1_hellinger.
Print Assumptions corollary_1.l2_risks_le_squared_error.
Print Assumptions corollary_1.squared_error_risks_le_KL.
Print Assumptions overfitting_floor.R_score_lower_bound.
Print Assumptions overfitting_floor.overfitting_floor.
Print Assumptions overfitting_floor.overfitting_floor_exp.
