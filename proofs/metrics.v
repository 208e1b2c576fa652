(** * The divergences that are metrics, and squared error's relaxed triangle inequality

    [metric labels D]: on distributions [D] is nonnegative, vanishes exactly where the two agree on
    every label, is symmetric and satisfies the triangle inequality.
    - [metric_l1], [metric_total_variation], [metric_l2], [metric_linf], [metric_hellinger];
    - [squared_error_relaxed_triangle]: D(a, c) <= 2 (D(a, b) + D(b, c)), the constant c0 = 2.
    The square root of Jensen and Shannon's divergence is in jensen_shannon.v; those that are no
    metrics are in not_metrics.v. *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Rcomplements.
From Score Require Import labels divergences.
Open Scope R_scope.

Record metric {Y : Type} (labels : list Y) (D : (Y -> R) -> (Y -> R) -> R) : Prop := {
  metric_ge0 : forall a b, distribution labels a -> distribution labels b -> 0 <= D a b;
  metric_eq0 : forall a b, distribution labels a -> distribution labels b ->
    D a b = 0 <-> (forall y, In y labels -> a y = b y);
  metric_sym : forall a b, distribution labels a -> distribution labels b -> D a b = D b a;
  metric_triangle : forall a b c,
    distribution labels a -> distribution labels b -> distribution labels c ->
    D a c <= D a b + D b c }.

Section Metrics.
Context {Y : Type} (labels : list Y).
Implicit Types a b c f g : Y -> R.

(** A positive multiple of a metric is one. *)
Lemma metric_scale D k : 0 < k -> metric labels D -> metric labels (fun a b => D a b * k).
Proof.
intros k0 [ge0 eq0 sym tri]; split; intros.
- apply Rmult_le_pos; [auto|lra].
- rewrite <- eq0 by auto; split; [intros E; apply Rmult_integral in E; lra|intros ->; ring].
- rewrite (sym a b); auto.
- rewrite <- Rmult_plus_distr_r; apply Rmult_le_compat_r; [lra|auto].
Qed.

Theorem metric_l1 : metric labels (l1 labels).
Proof.
split; intros.
- apply l1_ge0.
- split; [intros E y Hy|intros E].
  + pose proof (sum_eq0 labels _ (fun y _ => Rabs_pos (a y - b y)) E y Hy) as Z.
    apply Rabs_eq_0 in Z; lra.
  + unfold l1; rewrite (sum_ext _ _ (fun y => 0 * a y)); [rewrite sum_scal; ring|].
    intros y Hy; rewrite E, Rminus_eq_0, Rabs_R0 by auto; ring.
- apply sum_ext; intros; apply Rabs_minus_sym.
- unfold l1; rewrite <- sum_plus; apply sum_le; intros y _.
  replace (a y - c y) with (a y - b y + (b y - c y)) by ring; apply Rabs_triang.
Qed.

Theorem metric_total_variation : metric labels (total_variation labels).
Proof. apply metric_scale; [lra|apply metric_l1]. Qed.

Lemma norm2_eq0 f : norm2 labels f = 0 <-> (forall y, In y labels -> f y = 0).
Proof.
split.
- intros E y Hy; apply sqrt_eq_0 in E; [|apply sum_sq_ge0].
  pose proof (sum_eq0 labels _ (fun z _ => pow2_ge_0 (f z)) E y Hy) as Z; cbv beta in Z; nra.
- intros E; unfold norm2; rewrite (sum_ext _ _ (fun y => 0 * f y)).
  + rewrite sum_scal, Rmult_0_l; apply sqrt_0.
  + intros y Hy; rewrite E by auto; ring.
Qed.

(** The Euclidean distance between the images under an injection [phi] of the nonnegative reals. *)
Lemma metric_norm2 (phi : R -> R) : (forall x y, 0 <= x -> 0 <= y -> phi x = phi y -> x = y) ->
  metric labels (fun a b => norm2 labels (fun y => phi (a y) - phi (b y))).
Proof.
intros inj; split; intros.
- apply norm2_ge0.
- rewrite norm2_eq0; split; intros E y Hy; specialize (E y Hy).
  + apply inj; [apply H; auto|apply H0; auto|lra].
  + rewrite E; ring.
- unfold norm2; f_equal; apply sum_ext; intros; ring.
- eapply Rle_trans; [|apply minkowski]; right; unfold norm2; f_equal; apply sum_ext; intros; ring.
Qed.

Theorem metric_l2 : metric labels (l2 labels).
Proof. apply (metric_norm2 (fun x => x)); auto. Qed.

Theorem metric_hellinger : metric labels (hellinger labels).
Proof.
apply metric_scale; [apply Rinv_0_lt_compat, sqrt_lt_R0; lra|].
apply metric_norm2; apply sqrt_inj.
Qed.

Theorem metric_linf : metric labels (linf labels).
Proof.
assert (sym : forall a b, linf labels a b <= linf labels b a).
{ intros; apply linf_le; [apply linf_ge0|]; intros; rewrite Rabs_minus_sym.
  apply gap_le_linf; auto. }
split; intros.
- apply linf_ge0.
- split; [intros E y Hy|intros E].
  + pose proof (gap_le_linf labels a b y Hy); apply Rminus_diag_uniq, Rabs_eq_0.
    pose proof (Rabs_pos (a y - b y)); lra.
  + apply Rle_antisym; [|apply linf_ge0]; apply linf_le; [lra|].
    intros y Hy; rewrite E, Rminus_eq_0, Rabs_R0 by auto; lra.
- apply Rle_antisym; auto.
- pose proof (linf_ge0 labels a b); pose proof (linf_ge0 labels b c).
  apply linf_le; [lra|]; intros y Hy.
  pose proof (gap_le_linf labels a b y Hy); pose proof (gap_le_linf labels b c y Hy).
  replace (a y - c y) with (a y - b y + (b y - c y)) by ring.
  pose proof (Rabs_triang (a y - b y) (b y - c y)); lra.
Qed.

Lemma squared_error_sym a b : squared_error labels a b = squared_error labels b a.
Proof. apply sum_ext; intros; ring. Qed.

Theorem squared_error_relaxed_triangle a b c :
  squared_error labels a c <= 2 * (squared_error labels a b + squared_error labels b c).
Proof.
unfold squared_error; rewrite <- sum_plus, <- sum_scal; apply sum_le; intros y _.
pose proof (pow2_ge_0 (a y - b y - (b y - c y))); lra.
Qed.
End Metrics.
