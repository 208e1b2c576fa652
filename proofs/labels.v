(** * Finite label sets: sums and probability distributions

    [labels : list Y] lists the labels, and every function of the label is a map [Y -> R]; values
    outside the list play no role.
    - [sum labels f] is the sum of [f y] over the listed labels;
    - [norm2 labels f] is the Euclidean norm, the square root of the sum of [f y ^ 2];
    - [distribution labels p] says that [p] is nonnegative on the labels and sums to one;
    - [dominated labels p q] says that [q y = 0] forces [p y = 0] (absolute continuity).

    Main lemmas: [cauchy_schwarz], [minkowski], [is_derive_sum]. *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

Section Labels.
Context {Y : Type} (labels : list Y).

Definition sum (f : Y -> R) : R := fold_right (fun y s => f y + s) 0 labels.
Definition norm2 (f : Y -> R) : R := sqrt (sum (fun y => f y ^ 2)).
Definition distribution (p : Y -> R) : Prop := (forall y, In y labels -> 0 <= p y) /\ sum p = 1.
Definition dominated (p q : Y -> R) : Prop := forall y, In y labels -> q y = 0 -> p y = 0.

Lemma sum_le f g : (forall y, In y labels -> f y <= g y) -> sum f <= sum g.
Proof.
unfold sum; induction labels as [|z l IH]; simpl; intros H; [lra|].
pose proof (H z (or_introl eq_refl)); pose proof (IH (fun y hy => H y (or_intror hy))); lra.
Qed.

Lemma sum_ext f g : (forall y, In y labels -> f y = g y) -> sum f = sum g.
Proof. intros H; apply Rle_antisym; apply sum_le; intros y Hy; rewrite (H y Hy); lra. Qed.

Lemma sum_plus f g : sum (fun y => f y + g y) = sum f + sum g.
Proof. unfold sum; induction labels as [|z l IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma sum_minus f g : sum (fun y => f y - g y) = sum f - sum g.
Proof. unfold sum; induction labels as [|z l IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma sum_scal c f : sum (fun y => c * f y) = c * sum f.
Proof. unfold sum; induction labels as [|z l IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma sum_ge0 f : (forall y, In y labels -> 0 <= f y) -> 0 <= sum f.
Proof.
intros H; replace 0 with (sum (fun y => 0 * f y)) by (rewrite sum_scal; ring).
apply sum_le; intros y Hy; rewrite Rmult_0_l; auto.
Qed.

Lemma term_le_sum f y : (forall z, In z labels -> 0 <= f z) -> In y labels -> f y <= sum f.
Proof.
unfold sum; induction labels as [|z l IH]; simpl; intros H Hy; [contradiction|].
assert (T : 0 <= fold_right (fun y s => f y + s) 0 l).
{ clear - H; induction l as [|w l IH]; simpl; [lra|].
  pose proof (H w (or_intror (or_introl eq_refl))).
  assert (0 <= fold_right (fun y s => f y + s) 0 l); [|lra].
  apply IH; simpl; intuition. }
destruct Hy as [->|Hy]; [lra|].
pose proof (H z (or_introl eq_refl)); pose proof (IH (fun w hw => H w (or_intror hw)) Hy); lra.
Qed.

Lemma sum_eq0 f : (forall y, In y labels -> 0 <= f y) -> sum f = 0 ->
  forall y, In y labels -> f y = 0.
Proof. intros H S y Hy; pose proof (term_le_sum f y H Hy); pose proof (H y Hy); lra. Qed.

Lemma sum_single f z : NoDup labels -> In z labels ->
  (forall y, In y labels -> y <> z -> f y = 0) -> sum f = f z.
Proof.
unfold sum; induction labels as [|w l IH]; simpl; intros D Hz H; [contradiction|].
inversion_clear D as [|? ? W D'].
destruct Hz as [E|Hz].
- subst w; enough (fold_right (fun y s => f y + s) 0 l = 0) by lra.
  assert (Z : forall y, In y l -> f y = 0) by (intros y Hy; apply H; [auto|intros ->; auto]).
  clear - Z; induction l as [|w l IH]; simpl in *; auto.
  rewrite (Z w), IH by auto; ring.
- rewrite (H w), IH by (auto; intros ->; auto); ring.
Qed.

Lemma sum_abs_le f c : (forall y, In y labels -> Rabs (f y) <= c) ->
  Rabs (sum f) <= INR (length labels) * c.
Proof.
intros H; apply Rabs_le; assert (B : forall y, In y labels -> - c <= f y <= c).
{ intros y Hy; pose proof (H y Hy); apply Rabs_le_between; auto. }
assert (S : sum (fun _ => c) = INR (length labels) * c).
{ unfold sum; clear; induction labels as [|z l IH]; [simpl; ring|].
  change (length (z :: l)) with (S (length l)); rewrite S_INR; simpl; rewrite IH; ring. }
pose proof (sum_le (fun _ => -1 * c) f) as W; rewrite sum_scal, S in W.
pose proof (sum_le f (fun _ => c)) as U; rewrite S in U.
split; [enough (-1 * (INR (length labels) * c) <= sum f) by lra; apply W|apply U];
  intros y Hy; pose proof (B y Hy); lra.
Qed.

Lemma sum_sq_ge0 f : 0 <= sum (fun y => f y ^ 2).
Proof. apply sum_ge0; intros; apply pow2_ge_0. Qed.

Lemma cauchy_schwarz f g :
  sum (fun y => f y * g y) ^ 2 <= sum (fun y => f y ^ 2) * sum (fun y => g y ^ 2).
Proof.
set (A := sum (fun y => f y ^ 2)); set (G := sum (fun y => f y * g y)).
set (C := sum (fun y => g y ^ 2)); assert (C0 : 0 <= C) by apply sum_sq_ge0.
assert (H : 0 <= C * (C * A - G ^ 2)).
{ replace (C * (C * A - G ^ 2)) with (sum (fun y => (C * f y - G * g y) ^ 2));
    [apply sum_sq_ge0|].
  rewrite (sum_ext _ (fun y => C ^ 2 * f y ^ 2 - 2 * C * G * (f y * g y) + G ^ 2 * g y ^ 2))
    by (intros; ring).
  rewrite sum_plus, sum_minus, !sum_scal; fold A G C; ring. }
destruct (Req_dec C 0) as [C00|Cpos]; [|nra].
assert (G = 0); [|nra].
assert (Z := sum_eq0 (fun y => g y ^ 2) (fun y _ => pow2_ge_0 (g y)) C00).
unfold G; rewrite (sum_ext _ (fun y => 0 * f y)); [rewrite sum_scal; ring|].
intros y Hy; pose proof (Z y Hy); replace (g y) with 0 by nra; ring.
Qed.

Lemma norm2_ge0 f : 0 <= norm2 f.
Proof. apply sqrt_pos. Qed.

Lemma norm2_sq f : norm2 f ^ 2 = sum (fun y => f y ^ 2).
Proof. apply pow2_sqrt, sum_sq_ge0. Qed.

Lemma minkowski f g : norm2 (fun y => f y + g y) <= norm2 f + norm2 g.
Proof.
pose proof (norm2_ge0 f); pose proof (norm2_ge0 g).
apply Rsqr_incr_0; [|apply norm2_ge0|lra]; rewrite !Rsqr_pow2, norm2_sq.
rewrite (sum_ext _ (fun y => f y ^ 2 + g y ^ 2 + 2 * (f y * g y))) by (intros; ring).
rewrite !sum_plus, sum_scal, <- !norm2_sq.
assert (sum (fun y => f y * g y) <= norm2 f * norm2 g); [|lra].
apply Rsqr_incr_0_var; [|nra]; rewrite !Rsqr_pow2, Rpow_mult_distr, !norm2_sq.
apply cauchy_schwarz.
Qed.

Lemma is_derive_sum (f : R -> Y -> R) (l : Y -> R) s :
  (forall y, In y labels -> is_derive (fun t => f t y) s (l y)) ->
  is_derive (fun t => sum (f t)) s (sum l).
Proof.
unfold sum; induction labels as [|y ls IH]; simpl; intros H.
- apply (is_derive_const (0 : R_NormedModule)).
- apply (is_derive_plus (fun t => f t y)); [apply H; auto|apply IH; intros; apply H; auto].
Qed.
End Labels.
