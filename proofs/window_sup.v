(** * The supremum of a continuous function over a sliding window

    For a continuous f on the line and eps >= 0, s x is the supremum of f over |u - x| <= eps.
    - [window_sup_ex]: it exists;
    - [window_sup_continuous]: it is continuous in x;
    - [window_sup_near]: it is within delta of f v when v is in the window and no value of f there
      exceeds f v + delta;
    - [increasing_of_derive], [decreasing_of_derive]: monotonicity from the sign of the derivative,
      by which v is found. *)
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Score Require Import expectation.
Open Scope R_scope.

Lemma is_sup_ext {T : Type} (S : T -> Prop) (f g : T -> R) m : (forall t, f t = g t) ->
  is_sup S f m -> is_sup S g m.
Proof.
intros E [U L]; split.
- intros r [t [St ->]]; rewrite <- E; apply U; exists t; auto.
- intros b Hb; apply L; intros r [t [St ->]]; rewrite E; apply Hb; exists t; auto.
Qed.

Section Window.
Variables (f : R -> R) (eps : R).
Hypothesis f_continuous : forall x, continuous f x.
Hypothesis eps_ge0 : 0 <= eps.
Notation in_window x u := (Rabs (u - x) <= eps).

Lemma center_in_window x : in_window x x.
Proof. rewrite Rminus_eq_0, Rabs_R0; exact eps_ge0. Qed.

Lemma window_sup_ex x : {m | is_sup (fun u => in_window x u) f m}.
Proof.
apply completeness; [|exists (f x), x; split; [apply center_in_window|reflexivity]].
destruct (continuity_ab_maj f (x - eps) (x + eps)) as [v [Hv _]]; [lra| |].
- intros u _; apply continuity_pt_filterlim, f_continuous.
- exists (f v); intros r [u [Hu ->]]; apply Hv; apply Rabs_le_between in Hu; lra.
Qed.

Variable s : R -> R.
Hypothesis s_sup : forall x, is_sup (fun u => in_window x u) f (s x).

Lemma window_sup_near x v delta : in_window x v ->
  (forall u, in_window x u -> f u <= f v + delta) -> f v <= s x <= f v + delta.
Proof. split; [apply (le_sup _ _ _ _ (s_sup x))|apply (sup_le _ _ _ _ (s_sup x))]; auto. Qed.

Lemma window_sup_continuous x : continuous s x.
Proof.
apply continuity_pt_filterlim, continuity_pt_locally; intros e.
assert (half : 0 < e / 2) by (pose proof (cond_pos e); lra).
destruct (unifcont_normed_1d (V := R_NormedModule) f (x - eps - 1) (x + eps + 1)
  (fun u _ => f_continuous u) (mkposreal _ half)) as [d Hd].
assert (near : forall y z, Rabs (y - x) <= 1 -> Rabs (z - x) <= 1 -> Rabs (y - z) < d ->
  s y <= s z + e / 2).
{ intros y z Hy Hz Hyz; apply (sup_le _ _ _ _ (s_sup y)); intros u Hu.
  apply Rle_trans with (f (u + (z - y)) + e / 2).
  - apply Rabs_le_between in Hy; apply Rabs_le_between in Hz; apply Rabs_le_between in Hu.
    assert (B : ball_norm (V := R_NormedModule) (f (u + (z - y))) (mkposreal _ half) (f u)).
    { apply Hd; [lra..|]; change (Rabs (u - (u + (z - y))) < d).
      replace (u - (u + (z - y))) with (y - z) by ring; exact Hyz. }
    change (Rabs (f u - f (u + (z - y))) < e / 2) in B; apply Rabs_lt_between in B; lra.
  - apply Rplus_le_compat_r, (le_sup _ _ _ _ (s_sup z)).
    replace (u + (z - y) - z) with (u - y) by ring; exact Hu. }
assert (m0 : 0 < Rmin d 1) by (apply Rmin_glb_lt; [apply cond_pos|lra]).
exists (mkposreal _ m0); intros y Hy; change (Rabs (y - x) < Rmin d 1) in Hy.
assert (Hy1 : Rabs (y - x) < 1) by (eapply Rlt_le_trans; [exact Hy|apply Rmin_r]).
assert (Hyd : Rabs (y - x) < d) by (eapply Rlt_le_trans; [exact Hy|apply Rmin_l]).
assert (x0 : Rabs (x - x) <= 1) by (rewrite Rminus_eq_0, Rabs_R0; lra).
pose proof (near y x (Rlt_le _ _ Hy1) x0 Hyd).
rewrite Rabs_minus_sym in Hyd; pose proof (near x y x0 (Rlt_le _ _ Hy1) Hyd).
apply Rabs_lt_between; lra.
Qed.
End Window.

(** ** Monotone pieces *)

Lemma increasing_of_derive (f df : R -> R) a b : (forall x, is_derive f x (df x)) ->
  (forall x, a <= x <= b -> 0 <= df x) -> forall u v, a <= u -> u <= v -> v <= b -> f u <= f v.
Proof.
intros Hf Hd u v Hu Huv Hv; destruct (MVT_gen f u v df) as [c [Hc E]].
- intros x _; apply Hf.
- intros x _; apply derivable_continuous_pt; eexists; apply is_derive_Reals, Hf.
- rewrite Rmin_left, Rmax_right in Hc by lra; pose proof (Hd c); nra.
Qed.

Lemma decreasing_of_derive (f df : R -> R) a b : (forall x, is_derive f x (df x)) ->
  (forall x, a <= x <= b -> df x <= 0) -> forall u v, a <= u -> u <= v -> v <= b -> f v <= f u.
Proof.
intros Hf Hd u v Hu Huv Hv; apply Ropp_le_cancel.
apply (increasing_of_derive (fun x => - f x) (fun x => - df x) a b); auto.
- intros x; apply (is_derive_opp f), Hf.
- intros x Hx; pose proof (Hd x Hx); lra.
Qed.
