(** The axioms under the main theorems, file by file: `make check` compares the answers with
    axioms.txt. Each tuple names the theorems of one file; its axioms are those of all of them. *)
From Score Require jensen_shannon theorem_1_metrics pinsker bretagnolle_huber kl_bounds
  kl_variational metrics
  not_metrics theorem_1 theorem_1_relaxed two_point_law kl_counterexample order self_consistency
  paradox convexity corollary_1 overfitting_floor semicontinuous continuous_risks score_gradient
  theorem_4 near_ties theorem_4_ties
  theorem_4_three_labels integral_expectation theorem_5 theorem_5_mixtures theorem_5_remainder
  improper gaussian gaussian_integral moderate window_sup sliding mixtures line_risks.

Definition in_pinsker := @pinsker.pinsker.
Print Assumptions in_pinsker.

Definition in_bretagnolle_huber := @bretagnolle_huber.bretagnolle_huber.
Print Assumptions in_bretagnolle_huber.

Definition in_kl_bounds := (
  @kl_bounds.l1_le_kl,
  @kl_bounds.l1_le_exp,
  @kl_bounds.total_variation_le_kl,
  @kl_bounds.total_variation_le_exp,
  @kl_bounds.l2_le_kl,
  @kl_bounds.linf_le_kl,
  @kl_bounds.hellinger_le_kl,
  @kl_bounds.jensen_shannon_le_kl,
  @kl_bounds.squared_error_le_kl).
Print Assumptions in_kl_bounds.

Definition in_kl_variational := (
  @kl_variational.affine_le_kl,
  @kl_variational.kl_le_affine,
  @kl_variational.affine_unbounded).
Print Assumptions in_kl_variational.

Definition in_metrics := (
  @metrics.metric_l1,
  @metrics.metric_total_variation,
  @metrics.metric_l2,
  @metrics.metric_linf,
  @metrics.metric_hellinger,
  @metrics.squared_error_relaxed_triangle).
Print Assumptions in_metrics.

Definition in_jensen_shannon := @jensen_shannon.metric_jensen_shannon.
Print Assumptions in_jensen_shannon.

Definition in_not_metrics := (
  @not_metrics.kl_not_metric,
  @not_metrics.reverse_kl_not_metric,
  @not_metrics.chi_squared_not_metric,
  @not_metrics.squared_error_not_metric).
Print Assumptions in_not_metrics.

Definition in_theorem_1 := (
  @theorem_1.theorem_1_sums,
  @theorem_1.theorem_1,
  @theorem_1.R_score_near_C).
Print Assumptions in_theorem_1.

Definition in_theorem_1_metrics := @theorem_1_metrics.theorem_1_metric.
Print Assumptions in_theorem_1_metrics.

Definition in_theorem_1_relaxed := @theorem_1_relaxed.theorem_1_relaxed.
Print Assumptions in_theorem_1_relaxed.

Definition in_kl_counterexample := (
  @two_point_law.uniform_probability,
  @kl_counterexample.theorem_1_false_for_kl).
Print Assumptions in_kl_counterexample.

Definition in_order := (
  @order.R_standard_le_R_madry,
  @order.R_standard_le_R_score,
  @order.R_madry_le,
  @order.R_score_le,
  @order.C_le,
  @order.risks_at_singletons,
  @order.R_madry_of_law).
Print Assumptions in_order.

Definition in_self_consistency := (
  @self_consistency.R_score_eq0,
  @self_consistency.R_score_eq0_identifies,
  @self_consistency.R_score_of_law).
Print Assumptions in_self_consistency.

Definition in_paradox := @paradox.paradox.
Print Assumptions in_paradox.

Definition in_convexity := (
  @convexity.madry_at_convex,
  @convexity.R_madry_convex,
  @convexity.R_madry_KL_convex).
Print Assumptions in_convexity.

Definition in_corollary_1 := (
  @corollary_1.corollary_1,
  @corollary_1.corollary_1_l1,
  @corollary_1.corollary_1_l1_exp,
  @corollary_1.corollary_1_total_variation,
  @corollary_1.corollary_1_total_variation_exp,
  @corollary_1.corollary_1_l2,
  @corollary_1.corollary_1_linf,
  @corollary_1.corollary_1_hellinger,
  @corollary_1.corollary_1_jensen_shannon,
  @corollary_1.l2_risks_le_squared_error,
  @corollary_1.squared_error_risks_le_KL).
Print Assumptions in_corollary_1.

Definition in_overfitting_floor := (
  @overfitting_floor.R_score_lower_bound,
  @overfitting_floor.overfitting_floor,
  @overfitting_floor.overfitting_floor_exp).
Print Assumptions in_overfitting_floor.

Definition in_semicontinuous := (
  @semicontinuous.elsc_measurable,
  @semicontinuous.lsc_KL,
  @semicontinuous.lsc_l1,
  @semicontinuous.lsc_total_variation,
  @semicontinuous.lsc_l2,
  @semicontinuous.lsc_linf,
  @semicontinuous.lsc_hellinger,
  @semicontinuous.lsc_jensen_shannon,
  @semicontinuous.lsc_squared_error).
Print Assumptions in_semicontinuous.

Definition in_continuous_risks := (
  @continuous_risks.suprema_measurable,
  @continuous_risks.theorem_1_continuous,
  @continuous_risks.corollary_1_continuous,
  @continuous_risks.corollary_1_l1_continuous).
Print Assumptions in_continuous_risks.

Definition in_score_gradient := @score_gradient.score_gradient.
Print Assumptions in_score_gradient.

Definition in_theorem_4 := (
  @theorem_4.theorem_4_two_labels,
  @theorem_4.theorem_4_signs,
  @theorem_4.theorem_4,
  @theorem_4.l1_two_labels,
  @theorem_4.slope_one_against_rest,
  @theorem_4.dual_one_against_rest).
Print Assumptions in_theorem_4.

Definition in_near_ties := @near_ties.near_tie_vanishes.
Print Assumptions in_near_ties.

Definition in_theorem_4_ties := (
  @theorem_4_ties.mean_tie_vanishes,
  @theorem_4_ties.theorem_4_probability,
  @theorem_4_ties.theorem_4_paper).
Print Assumptions in_theorem_4_ties.

Definition in_theorem_4_three_labels := (
  @theorem_4_three_labels.law_distribution,
  @theorem_4_three_labels.model_distribution,
  @theorem_4_three_labels.is_derive_slope,
  @theorem_4_three_labels.twice_the_paper_form,
  @theorem_4_three_labels.paper_form_fails).
Print Assumptions in_theorem_4_three_labels.

Definition in_integral_expectation := @integral_expectation.integral_expectation.
Print Assumptions in_integral_expectation.

Definition in_theorem_5 := (
  @theorem_5.theorem_5_window,
  @theorem_5.theorem_5,
  @theorem_5.theorem_5_labels).
Print Assumptions in_theorem_5.

Definition in_theorem_5_mixtures := (
  @theorem_5_mixtures.smooth_is_convolution,
  @theorem_5_mixtures.theorem_5_mixtures,
  @theorem_5_mixtures.theorem_5_expansion,
  @theorem_5_mixtures.theorem_5_softmax,
  @theorem_5_mixtures.theorem_5_toy).
Print Assumptions in_theorem_5_mixtures.

Definition in_theorem_5_remainder := (
  @theorem_5_remainder.theorem_5_remainder,
  @theorem_5_remainder.theorem_5_remainder_linear,
  @theorem_5_remainder.theorem_5_toy_remainder).
Print Assumptions in_theorem_5_remainder.

Definition in_improper := (
  @improper.line_integral_unique,
  @improper.line_integral_near_window,
  @improper.line_integral_of_tail).
Print Assumptions in_improper.

Definition in_gaussian := (
  @gaussian.gaussian_heat,
  @gaussian.gaussian_tails,
  @gaussian.abs_curvature_integral).
Print Assumptions in_gaussian.

Definition in_gaussian_integral := (
  @gaussian_integral.line_integral_gaussian,
  @gaussian_integral.gaussian_convolution).
Print Assumptions in_gaussian_integral.

Definition in_moderate := (
  @moderate.softmax_moderate,
  @moderate.curvature_moderate,
  @moderate.linear_curvature).
Print Assumptions in_moderate.

Definition in_window_sup := (
  @window_sup.window_sup_ex,
  @window_sup.window_sup_continuous,
  @window_sup.window_sup_near).
Print Assumptions in_window_sup.

Definition in_sliding := (
  @sliding.chain_sup,
  @sliding.cells_sup).
Print Assumptions in_sliding.

Definition in_mixtures := (
  @mixtures.posterior_log_odds,
  @mixtures.softmax_log_odds,
  @mixtures.density_tail).
Print Assumptions in_mixtures.

Definition in_line_risks := (
  @line_risks.R_standard_unique,
  @line_risks.mean_of_sup_unique,
  @line_risks.standard_risk,
  @line_risks.score_risk,
  @line_risks.madry_risk).
Print Assumptions in_line_risks.
