(** The axioms under each main theorem; `make check` compares the answers with axioms.txt. *)
From Score Require Import pinsker bretagnolle_huber kl_bounds.

Print Assumptions pinsker.pinsker.
Print Assumptions bretagnolle_huber.bretagnolle_huber.
Print Assumptions kl_bounds.total_variation_le_kl.
Print Assumptions kl_bounds.total_variation_le_exp.
Print Assumptions kl_bounds.l2_le_kl.
Print Assumptions kl_bounds.linf_le_kl.
Print Assumptions kl_bounds.hellinger_le_kl.
Print Assumptions kl_bounds.jensen_shannon_le_kl.
Print Assumptions kl_bounds.squared_error_le_kl.
