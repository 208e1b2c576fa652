(** * The supremum over a sliding window, from monotone pieces

    A function f(u) = v(g(u)) where v has one valley, and g is monotone between the listed nodes, up
    to a slack d: on a window the supremum of f is, up to 9 d, its value at one of the two ends or at
    a node inside, namely where the others are no larger, up to d. Means are wanted, so that this is
    asked of the values times the density.
    - [near_monotone g d p q]: on [p, q] g rises, or falls, up to d ([rising_of_derive] and
      [falling_of_derive]: the derivative has that sign up to k, and k (q - p) <= d);
    - [chain p nodes q]: g is so between any two neighbours of p, the nodes and q; a node (c, t) is a
      point c with |g(c) - t| <= d;
    - [choice], [chosen]: an end or a node, and the value there;
    - [cells a b i w]: [a, b] is cut into cells whose windows have the same nodes inside and one
      choice that is the largest, and the integrals of density times choice over them sum to i, up to w.

    Main lemmas: [chain_sup]; [cells_sup], from cells to the integral of density times supremum. *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Coquelicot.
From Score Require Import expectation improper window_sup two_labels.
Import ListNotations.
Open Scope R_scope.

Definition near_monotone (g : R -> R) (d p q : R) : Prop :=
  (forall s t, p <= s -> s <= t -> t <= q -> g s <= g t + d) \/
  (forall s t, p <= s -> s <= t -> t <= q -> g t <= g s + d).

Lemma near_monotone_sub g d a b p q : near_monotone g d a b -> a <= p -> q <= b ->
  near_monotone g d p q.
Proof. intros [H|H] Hp Hq; [left|right]; intros; apply H; lra. Qed.

Lemma rising_of_derive (g dg : R -> R) d k a b : (forall x, is_derive g x (dg x)) -> 0 <= k ->
  k * (b - a) <= d -> (forall x, a <= x <= b -> - k <= dg x) -> near_monotone g d a b.
Proof.
intros G k0 D H; left; intros s t Hs Hst Ht.
assert (I : g s + k * s <= g t + k * t); [|nra].
apply (increasing_of_derive (fun x => g x + k * x) (fun x => dg x + k) a b); auto.
- intros x; apply (is_derive_plus g (fun x => k * x)); auto; auto_derive; auto; ring.
- intros x Hx; pose proof (H x Hx); lra.
Qed.

Lemma falling_of_derive (g dg : R -> R) d k a b : (forall x, is_derive g x (dg x)) -> 0 <= k ->
  k * (b - a) <= d -> (forall x, a <= x <= b -> dg x <= k) -> near_monotone g d a b.
Proof.
intros G k0 D H.
destruct (rising_of_derive (fun x => - g x) (fun x => - dg x) d k a b) as [I|I]; auto.
- intros x; apply (is_derive_opp g), G.
- intros x Hx; pose proof (H x Hx); lra.
- right; intros s t Hs Hst Ht; pose proof (I s t Hs Hst Ht); lra.
- left; intros s t Hs Hst Ht; pose proof (I s t Hs Hst Ht); lra.
Qed.

(** ** One window *)

(** The value at the lower end of a window, at the upper end, or at a node. *)
Inductive choice := Lower | Upper | Node (t : R).
Definition among (nodes : list (R * R)) (c : choice) : Prop :=
  match c with Node t => In t (map snd nodes) | _ => True end.
(** None is larger, up to d where weighted by r. *)
Definition no_larger (r : R) (f : choice -> R) (d : R) (nodes : list (R * R)) (c : choice) : Prop :=
  List.Forall (fun other => r * (f other - f c) <= d)
    (Lower :: Upper :: map (fun n => Node (snd n)) nodes).

Section Chain.
Variables (range : R -> Prop) (g : R -> R) (d : R).
Hypothesis g_range : forall u, range (g u).

Fixpoint chain (p : R) (nodes : list (R * R)) (q : R) : Prop :=
  match nodes with
  | [] => near_monotone g d p q
  | (c, t) :: nodes => (p <= c <= q /\ Rabs (g c - t) <= d /\ range t) /\
      near_monotone g d p c /\ chain c nodes q
  end.

Variable v : R -> R.
Hypothesis v_valley : valley range v.
Hypothesis v_lipschitz : lipschitz range v.

Definition chosen (e x : R) (c : choice) : R :=
  match c with Lower => v (g (x - e)) | Upper => v (g (x + e)) | Node t => v t end.
Lemma v_near s t : range s -> range t -> Rabs (s - t) <= d -> v s <= v t + 4 * d.
Proof.
intros Hs Ht H; pose proof (v_lipschitz s t Hs Ht); pose proof (Rle_abs (v s - v t)); lra.
Qed.

Lemma near_monotone_le p u q : near_monotone g d p q -> p <= u <= q ->
  v (g u) <= Rmax (v (g p)) (v (g q)) + 4 * d.
Proof.
intros H Hu; pose proof (Rmax_l (v (g p)) (v (g q))); pose proof (Rmax_r (v (g p)) (v (g q))).
pose proof (v_near (g u) (g p)) as P; pose proof (v_near (g u) (g q)) as Q.
assert (C : forall s t, (s = g p /\ t = g q) \/ (s = g q /\ t = g p) -> s <= g u + d ->
  g u <= t + d -> v (g u) <= Rmax (v (g p)) (v (g q)) + 4 * d).
{ intros s t E Hs Ht.
  assert (d0 : 0 <= d) by (destruct H as [H|H]; pose proof (H p p); lra).
  destruct (Rle_dec s (g u)) as [A|A]; [destruct (Rle_dec (g u) t) as [B|B]|].
  - pose proof (v_valley s (g u) t) as W.
    destruct E as [[-> ->]|[-> ->]]; [|rewrite Rmax_comm]; assert (V := W ltac:(auto) ltac:(auto)
      ltac:(auto) ltac:(lra)); lra.
  - destruct E as [[-> ->]|[-> ->]]; [pose proof (Q ltac:(auto) ltac:(auto) ltac:(apply Rabs_le; lra))
      |pose proof (P ltac:(auto) ltac:(auto) ltac:(apply Rabs_le; lra))]; lra.
  - destruct E as [[-> ->]|[-> ->]]; [pose proof (P ltac:(auto) ltac:(auto) ltac:(apply Rabs_le; lra))
      |pose proof (Q ltac:(auto) ltac:(auto) ltac:(apply Rabs_le; lra))]; lra. }
destruct H as [H|H].
- apply (C (g p) (g q)); auto; apply H; lra.
- apply (C (g q) (g p)); auto; apply H; lra.
Qed.

Lemma chain_le nodes : forall p q u m, chain p nodes q -> p <= u <= q -> v (g p) <= m + 4 * d ->
  v (g q) <= m -> (forall n, In n nodes -> v (snd n) <= m) -> v (g u) <= m + 8 * d.
Proof.
induction nodes as [|[c t] nodes IH]; intros p q u m H Hu Hp Hq Hm.
- simpl in H; pose proof (near_monotone_le p u q H Hu) as B.
  assert (d0 : 0 <= d) by (destruct H as [H|H]; pose proof (H p p); lra).
  assert (Rmax (v (g p)) (v (g q)) <= m + 4 * d) by (apply Rmax_lub; lra); lra.
- destruct H as [[Hc [Ht Rt]] [H H']]; pose proof (Hm (c, t) (or_introl eq_refl)) as T; simpl in T.
  assert (V : v (g c) <= m + 4 * d) by (pose proof (v_near (g c) t ltac:(auto) Rt Ht); lra).
  destruct (Rle_dec u c) as [Huc|Huc].
  + pose proof (near_monotone_le p u c H ltac:(lra)) as B.
    assert (Rmax (v (g p)) (v (g c)) <= m + 4 * d) by (apply Rmax_lub; lra); lra.
  + apply (IH c q); auto; [lra|]; intros n Hn; apply Hm; simpl; auto.
Qed.

Lemma chain_nodes nodes : forall p q, chain p nodes q -> forall n, In n nodes ->
  p <= fst n <= q /\ v (snd n) <= v (g (fst n)) + 4 * d.
Proof.
induction nodes as [|[c t] nodes IH]; intros p q H n []; destruct H as [[Hc [Ht Rt]] [H H']].
- subst; simpl; split; [lra|]; apply v_near; auto; rewrite Rabs_minus_sym; auto.
- destruct (IH c q H' n); auto; split; [lra|auto].
Qed.

Lemma chain_slack p nodes q : chain p nodes q -> p <= q -> 0 <= d.
Proof.
intros H pq; destruct nodes as [|[z t] nodes]; simpl in H; [|destruct H as [[Hz _] [H _]]];
  destruct H as [H|H]; pose proof (H p p); lra.
Qed.

Lemma chain_sup e x nodes c m r k : 0 <= e -> 0 <= r -> r * d <= k ->
  chain (x - e) nodes (x + e) -> among nodes c -> no_larger r (chosen e x) k nodes c ->
  is_sup (fun u => Rabs (u - x) <= e) (fun u => v (g u)) m ->
  Rabs (r * m - r * chosen e x c) <= 9 * k.
Proof.
intros He r0 Hk H A B S; rewrite <- Rmult_minus_distr_l.
assert (d0 : 0 <= d) by (apply (chain_slack _ _ _ H); lra).
assert (k0 : 0 <= k) by nra.
assert (W : chosen e x c <= m + 4 * d).
{ destruct c as [| |t]; cbn [chosen].
  - pose proof (le_sup _ _ _ (x - e) S); assert (Rabs (x - e - x) <= e); [apply Rabs_le|]; lra.
  - pose proof (le_sup _ _ _ (x + e) S); assert (Rabs (x + e - x) <= e); [apply Rabs_le|]; lra.
  - apply in_map_iff in A as [n [<- Hn]]; destruct (chain_nodes nodes _ _ H n Hn) as [_ V].
    pose proof (le_sup _ _ _ (fst n) S); assert (Rabs (fst n - x) <= e); [|lra].
    destruct (chain_nodes nodes _ _ H n Hn); apply Rabs_le; lra. }
apply Rabs_le; split; [nra|].
destruct (Rle_lt_or_eq_dec 0 r r0) as [r_pos|<-]; [|lra].
assert (U : m <= chosen e x c + k / r + 8 * d).
{ assert (Le : forall other, r * (chosen e x other - chosen e x c) <= k ->
    chosen e x other <= chosen e x c + k / r).
  { intros other I; apply Rmult_le_reg_l with r; auto.
    replace (r * (chosen e x c + k / r)) with (r * chosen e x c + k) by (field; lra); lra. }
  inversion_clear B as [|? ? Lo B']; inversion_clear B' as [|? ? Up Ns].
  apply Le in Lo; apply Le in Up; cbn [chosen] in Lo, Up.
  apply (sup_le _ _ _ _ S); intros u Hu; apply Rabs_le_between in Hu.
  apply (chain_le nodes (x - e) (x + e)); auto; try lra.
  intros n Hn.
  apply (Le (Node (snd n)) (proj1 (Forall_forall _ _) Ns _ (in_map (fun n => Node (snd n)) _ _ Hn))). }
assert (r * (m - chosen e x c) <= r * (k / r + 8 * d)) by (apply Rmult_le_compat_l; lra).
replace (r * (k / r + 8 * d)) with (k + 8 * (r * d)) in H0 by (field; lra); lra.
Qed.
End Chain.

(** ** All windows *)

Section Cells.
Variables (range : R -> Prop) (g : R -> R) (d e : R) (v : R -> R -> R) (density : R -> R) (top : R).
Hypothesis g_range : forall u, range (g u).
Hypothesis v_valley : forall x, valley range (v x).
Hypothesis v_lipschitz : forall x, lipschitz range (v x).
Hypothesis v_continuous : forall t x, continuous (fun x => v x t) x.
Hypothesis v_g_continuous : forall c x, continuous (fun x => v x (g (x + c))) x.
Hypothesis density_continuous : forall x, continuous density x.
Hypothesis density_bounds : forall x, 0 <= density x <= top.
Hypothesis e_ge0 : 0 <= e.

Inductive cells : R -> R -> R -> R -> Prop :=
| cell a b nodes c (f : R -> R) i w : a <= b ->
    (forall x, a <= x <= b -> chain range g d (x - e) nodes (x + e)) -> among nodes c ->
    (forall x, a <= x <= b -> no_larger (density x) (chosen g (v x) e x) (top * d) nodes c) ->
    (forall x, f x = density x * chosen g (v x) e x c) -> Rabs (RInt f a b - i) <= w ->
    cells a b i w
| cut a b c i j w z : cells a b i w -> cells b c j z -> cells a c (i + j) (w + z).

Lemma RInt_near (f f' : R -> R) a b r : (forall x, continuous f x) -> (forall x, continuous f' x) ->
  a <= b -> (forall x, a <= x <= b -> Rabs (f x - f' x) <= r) ->
  Rabs (RInt f a b - RInt f' a b) <= r * (b - a).
Proof.
intros F F' Hab H; assert (I := ex_RInt_of_continuous f a b F).
assert (I' := ex_RInt_of_continuous f' a b F').
change (RInt f a b - RInt f' a b) with (minus (RInt f a b) (RInt f' a b)).
rewrite <- (RInt_minus (V := R_CompleteNormedModule)) by auto; rewrite Rmult_comm.
apply (norm_RInt_le_const (V := R_CompleteNormedModule) (fun x => minus (f x) (f' x)) a b); auto.
apply (RInt_correct (V := R_CompleteNormedModule)).
apply (ex_RInt_minus (V := R_NormedModule)); auto.
Qed.

Lemma chosen_continuous c x : continuous (fun x => chosen g (v x) e x c) x.
Proof.
destruct c as [| |t]; [apply (v_g_continuous (- e))|apply v_g_continuous|apply v_continuous].
Qed.

Variable s : R -> R.
Hypothesis s_sup : forall x, is_sup (fun u => Rabs (u - x) <= e) (fun u => v x (g u)) (s x).
Hypothesis s_continuous : forall x, continuous s x.

Lemma cells_sup a b i w : cells a b i w -> a <= b /\
  Rabs (RInt (fun x => density x * s x) a b - i) <= w + top * (9 * d) * (b - a).
Proof.
intros H; induction H as [a b nodes c f i w Hab Hc Ha Hl Hf Hi|a b c i j w z _ [I1 I2] _ [J1 J2]].
- split; auto; rewrite (RInt_ext _ (fun x => density x * chosen g (v x) e x c)) in Hi by auto.
  apply Rabs_le_between in Hi.
  assert (N : Rabs (RInt (fun x => density x * s x) a b -
    RInt (fun x => density x * chosen g (v x) e x c) a b) <= top * (9 * d) * (b - a)).
  { apply RInt_near; auto.
    - intros x; apply (continuous_mult density s); auto.
    - intros x; apply (continuous_mult density); auto; apply chosen_continuous.
    - intros x Hx; pose proof (density_bounds x) as B.
      assert (d0 : 0 <= d) by (apply (chain_slack range g d _ _ _ (Hc x Hx)); lra).
      replace (top * (9 * d)) with (9 * (top * d)) by ring.
      apply (chain_sup range g d g_range (v x) (v_valley x) (v_lipschitz x) e x nodes c); auto; nra. }
  apply Rabs_le_between in N; apply Rabs_le; lra.
- split; [lra|]; rewrite (RInt_cut _ a b c)
    by (intros x; apply (continuous_mult density s); auto).
  apply Rabs_le_between in I2; apply Rabs_le_between in J2; apply Rabs_le; lra.
Qed.
End Cells.
