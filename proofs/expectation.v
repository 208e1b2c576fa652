(** * Expectations and suprema over the reals

    [expectation X]: a class [L] of functions X -> R that contains the constants and is closed under
    linear combinations, with a functional [E] on it that is linear, monotone and has E c = c: the
    integrable functions of a probability law with their integral (integral_expectation.v). It
    carries the statements that mix limits in the reals with means (theorem_4.v).

    [law_of Ex X]: the expectation of functions of a random input [X].

    [is_sup S f s]: the real number [s] is the supremum of [f] over the set [S].

    Main lemma: [E_abs_le], the mean of a function within r + c e(x) of another is within r + c E e
    of the other's. *)
From Coq Require Import Reals Lra.
Open Scope R_scope.

Record expectation (X : Type) := {
  L : (X -> R) -> Prop;
  E : (X -> R) -> R;
  L_const : forall c, L (fun _ => c);
  L_linear : forall a b f g, L f -> L g -> L (fun x => a * f x + b * g x);
  E_const : forall c, E (fun _ => c) = c;
  E_linear : forall a b f g, L f -> L g -> E (fun x => a * f x + b * g x) = a * E f + b * E g;
  E_le : forall f g, L f -> L g -> (forall x, f x <= g x) -> E f <= E g }.
Arguments L {X}. Arguments E {X}. Arguments L_const {X}. Arguments L_linear {X}.
Arguments E_const {X}. Arguments E_linear {X}. Arguments E_le {X}.

Section Expectation.
Context {X : Type} (Ex : expectation X).

Lemma E_le_combination r c f g e : L Ex f -> L Ex g -> L Ex e ->
  (forall x, f x <= g x + (r + c * e x)) -> E Ex f <= E Ex g + (r + c * E Ex e).
Proof.
intros Lf Lg Le H.
pose proof (L_linear Ex 1 c _ _ (L_const Ex r) Le) as Lr.
pose proof (E_le Ex f (fun x => 1 * g x + 1 * (1 * r + c * e x)) Lf
  (L_linear Ex 1 1 _ _ Lg Lr)) as I.
rewrite (E_linear Ex 1 1 g _ Lg Lr), (E_linear Ex 1 c _ e (L_const Ex r) Le), E_const in I.
enough (E Ex f <= 1 * E Ex g + 1 * (1 * r + c * E Ex e)) by lra.
apply I; intros x; pose proof (H x); lra.
Qed.

Lemma E_abs_le r c f g e : L Ex f -> L Ex g -> L Ex e ->
  (forall x, Rabs (f x - g x) <= r + c * e x) -> Rabs (E Ex f - E Ex g) <= r + c * E Ex e.
Proof.
intros Lf Lg Le H.
assert (U : E Ex f <= E Ex g + (r + c * E Ex e)).
{ apply E_le_combination; auto; intros x; pose proof (Rle_abs (f x - g x)); pose proof (H x); lra. }
assert (W : E Ex g <= E Ex f + (r + c * E Ex e)).
{ apply E_le_combination; auto; intros x; pose proof (Rle_abs (- (f x - g x))).
  rewrite Rabs_Ropp in *; pose proof (H x); lra. }
apply Rabs_le; lra.
Qed.
End Expectation.

(** The expectation of functions of a random input [X : W -> V]. *)
Definition law_of {W V : Type} (Ex : expectation W) (X : W -> V) : expectation V := {|
  L := fun f => L Ex (fun w => f (X w));
  E := fun f => E Ex (fun w => f (X w));
  L_const := L_const Ex;
  L_linear := fun a b f g => L_linear Ex a b _ _;
  E_const := E_const Ex;
  E_linear := fun a b f g => E_linear Ex a b _ _;
  E_le := fun f g Lf Lg H => E_le Ex _ _ Lf Lg (fun w => H (X w)) |}.

Definition is_sup {T : Type} (S : T -> Prop) (f : T -> R) (s : R) : Prop :=
  is_lub (fun r => exists t, S t /\ r = f t) s.

Lemma le_sup {T} (S : T -> Prop) f s t : is_sup S f s -> S t -> f t <= s.
Proof. intros [H _] St; apply H; exists t; auto. Qed.

Lemma sup_le {T} (S : T -> Prop) f s m : is_sup S f s -> (forall t, S t -> f t <= m) -> s <= m.
Proof. intros [_ H] Hm; apply H; intros r [t [St ->]]; auto. Qed.
