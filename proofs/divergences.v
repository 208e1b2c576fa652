(** * The divergences between label distributions

    The table of divergences [D a b] of the project, on functions [Y -> R] of finitely many labels.
    [kl a b] is the real-valued sum; it is the Kullback-Leibler divergence when [a] is dominated by
    [b] (the extended value, infinite elsewhere, is [KL] in label_risks.v). With Coq's conventions
    [0 * ln _ = 0].

    Main lemmas: [kl_ge0] (Gibbs), [kl_self], [jensen_shannon_sq], and for differences of two
    distributions (zero-sum vectors) [linf_le_half_l1] and [squared_error_le_half_l1_sq]. *)
From Coq Require Import Reals Lra Psatz List.
From Score Require Import labels.
Open Scope R_scope.

Section Divergences.
Context {Y : Type} (labels : list Y).
Notation sum := (sum labels).
Notation norm2 := (norm2 labels).
Notation distribution := (distribution labels).
Notation dominated := (dominated labels).
Implicit Types a b : Y -> R.

Definition kl_term (p q : R) : R := p * ln (p / q).
Definition kl a b : R := sum (fun y => kl_term (a y) (b y)).
Definition reverse_kl a b : R := kl b a.
Definition l1 a b : R := sum (fun y => Rabs (a y - b y)).
Definition total_variation a b : R := l1 a b / 2.
Definition l2 a b : R := norm2 (fun y => a y - b y).
Definition linf a b : R := fold_right (fun y m => Rmax (Rabs (a y - b y)) m) 0 labels.
Definition hellinger a b : R := norm2 (fun y => sqrt (a y) - sqrt (b y)) / sqrt 2.
Definition midpoint a b : Y -> R := fun y => (a y + b y) / 2.
Definition jensen_shannon a b : R :=
  sqrt (kl a (midpoint a b) / 2 + kl b (midpoint a b) / 2).
Definition squared_error a b : R := sum (fun y => (a y - b y) ^ 2).
Definition chi_squared a b : R := sum (fun y => (a y - b y) ^ 2 / b y).

(** ** Kullback-Leibler *)

Lemma ln_le_minus1 t : 0 < t -> ln t <= t - 1.
Proof.
intros Ht; pose proof (exp_ineq1_le (ln t)) as E; rewrite exp_ln in E; lra.
Qed.

Lemma ln_ratio x y : 0 < x -> 0 < y -> ln (x / y) = ln x - ln y.
Proof.
intros; unfold Rdiv; rewrite ln_mult, ln_Rinv by (auto; apply Rinv_0_lt_compat; auto); ring.
Qed.

Lemma kl_term_ge p q : 0 <= p -> 0 <= q -> (q = 0 -> p = 0) -> p - q <= kl_term p q.
Proof.
unfold kl_term; intros Hp Hq Hd; destruct (Req_dec p 0) as [->|p0]; [lra|].
assert (q0 : 0 < q) by (destruct (Req_dec q 0); [tauto|lra]).
assert (L : ln (q / p) <= q / p - 1) by (apply ln_le_minus1, Rdiv_lt_0_compat; lra).
rewrite ln_ratio in * by lra; assert (p * (q / p) = q) by (field; lra); nra.
Qed.

Lemma kl_ge0 a b : distribution a -> distribution b -> dominated a b -> 0 <= kl a b.
Proof.
intros [a0 a1] [b0 b1] H; replace 0 with (sum (fun y => a y - b y)) by (rewrite sum_minus; lra).
apply sum_le; intros y Hy; apply kl_term_ge; auto.
Qed.

Lemma kl_self a : kl a a = 0.
Proof.
unfold kl; rewrite (sum_ext _ _ (fun y => 0 * a y)); [rewrite sum_scal; ring|].
intros y _; unfold kl_term; destruct (Req_dec (a y) 0) as [->|H]; [ring|].
unfold Rdiv; rewrite Rinv_r, ln_1 by auto; ring.
Qed.

(** ** Differences of two distributions *)

Lemma l1_ge0 a b : 0 <= l1 a b.
Proof. apply sum_ge0; intros; apply Rabs_pos. Qed.

Lemma squared_error_ge0 a b : 0 <= squared_error a b.
Proof. apply sum_sq_ge0. Qed.

Lemma l2_sq a b : l2 a b ^ 2 = squared_error a b.
Proof. apply norm2_sq. Qed.

Lemma gap_le_half_l1 a b y : distribution a -> distribution b -> In y labels ->
  Rabs (a y - b y) <= l1 a b / 2.
Proof.
intros [_ a1] [_ b1] Hy.
assert (P : Rabs (a y - b y) + (a y - b y) <= l1 a b).
{ replace (l1 a b) with (sum (fun z => Rabs (a z - b z) + (a z - b z)))
    by (rewrite sum_plus, sum_minus; unfold l1; lra).
  apply (term_le_sum _ (fun z => Rabs (a z - b z) + (a z - b z))); auto.
  intros z _; pose proof (Rle_abs (- (a z - b z))); rewrite Rabs_Ropp in *; lra. }
assert (N : Rabs (a y - b y) - (a y - b y) <= l1 a b).
{ replace (l1 a b) with (sum (fun z => Rabs (a z - b z) - (a z - b z)))
    by (rewrite !sum_minus; unfold l1; lra).
  apply (term_le_sum _ (fun z => Rabs (a z - b z) - (a z - b z))); auto.
  intros z _; pose proof (Rle_abs (a z - b z)); lra. }
unfold Rabs in *; destruct (Rcase_abs (a y - b y)); lra.
Qed.

Lemma gap_le_linf a b y : In y labels -> Rabs (a y - b y) <= linf a b.
Proof.
unfold linf; induction labels as [|z l IH]; simpl; intros []; subst;
  [apply Rmax_l|eapply Rle_trans; [auto|apply Rmax_r]].
Qed.

Lemma linf_le a b m : 0 <= m -> (forall y, In y labels -> Rabs (a y - b y) <= m) -> linf a b <= m.
Proof.
unfold linf; intros m0; induction labels as [|z l IH]; simpl; intros H; [exact m0|].
apply Rmax_lub; auto.
Qed.

Lemma linf_ge0 a b : 0 <= linf a b.
Proof.
unfold linf; induction labels as [|z l IH]; simpl; [lra|].
eapply Rle_trans; [exact IH|apply Rmax_r].
Qed.

Lemma linf_le_half_l1 a b : distribution a -> distribution b -> linf a b <= l1 a b / 2.
Proof.
intros; apply linf_le; [pose proof (l1_ge0 a b); lra|]; intros; apply gap_le_half_l1; auto.
Qed.

Lemma squared_error_le_half_l1_sq a b : distribution a -> distribution b ->
  squared_error a b <= l1 a b ^ 2 / 2.
Proof.
intros; replace (l1 a b ^ 2 / 2) with (sum (fun y => l1 a b / 2 * Rabs (a y - b y)))
  by (rewrite sum_scal; fold (l1 a b); field).
apply sum_le; intros y Hy; rewrite <- pow2_abs; simpl; rewrite Rmult_1_r.
apply Rmult_le_compat_r; [apply Rabs_pos|apply gap_le_half_l1; auto].
Qed.

(** ** Jensen-Shannon *)

Lemma midpoint_distribution a b : distribution a -> distribution b -> distribution (midpoint a b).
Proof.
unfold midpoint; intros [a0 a1] [b0 b1]; split.
- intros y Hy; pose proof (a0 y Hy); pose proof (b0 y Hy); lra.
- rewrite (sum_ext _ _ (fun y => / 2 * (a y + b y))) by (intros; field).
  rewrite sum_scal, sum_plus; lra.
Qed.

Lemma dominated_midpoint a b : distribution a -> distribution b ->
  dominated a (midpoint a b) /\ dominated b (midpoint a b).
Proof.
unfold midpoint; intros [a0 _] [b0 _]; split; intros y Hy Z;
  pose proof (a0 y Hy); pose proof (b0 y Hy); lra.
Qed.

Lemma jensen_shannon_sq a b : distribution a -> distribution b ->
  jensen_shannon a b ^ 2 = kl a (midpoint a b) / 2 + kl b (midpoint a b) / 2.
Proof.
intros Ha Hb; apply pow2_sqrt; pose proof (midpoint_distribution a b Ha Hb).
destruct (dominated_midpoint a b Ha Hb).
pose proof (kl_ge0 a (midpoint a b)); pose proof (kl_ge0 b (midpoint a b)); intuition lra.
Qed.
End Divergences.
