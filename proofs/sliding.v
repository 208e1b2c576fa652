(** * The supremum over a sliding window, from monotone pieces

    A function f(u) = v(g(u)) where v has one valley, and g is monotone between the listed nodes, up
    to a slack d: on a window the supremum of f is, up to 8 d, the largest of its values at the two
    ends and at the nodes inside.
    - [near_monotone g d p q]: on [p, q] g rises, or falls, up to d ([rising_of_derive] and
      [falling_of_derive]: the derivative has that sign up to k, and k (q - p) <= d);
    - [chain p nodes q]: g is so between any two neighbours of p, the nodes and q; a node (c, t) is a
      point c with |g(c) - t| <= d;
    - [largest]: the largest number of a list, without a decision, for coq-interval;
    - [cells a b v w]: [a, b] is cut into cells whose windows have the same nodes inside, and the
      integrals of density times largest candidate over them sum to v, up to w.

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

(** ** The largest of a list *)

Definition max2 (a b : R) : R := (a + b + Rabs (a - b)) / 2.
Fixpoint largest (l : list R) : R :=
  match l with
  | [] => 0
  | a :: l' => match l' with [] => a | _ => max2 a (largest l') end
  end.

Lemma max2_Rmax a b : max2 a b = Rmax a b.
Proof. unfold max2, Rmax, Rabs; destruct (Rle_dec a b), (Rcase_abs (a - b)); lra. Qed.

Lemma le_largest l a : In a l -> a <= largest l.
Proof.
induction l as [|b l IH]; intros []; destruct l as [|c l]; subst; try (simpl; lra); try contradiction;
  change (largest (?x :: c :: l)) with (max2 x (largest (c :: l))); rewrite max2_Rmax.
- apply Rmax_l.
- eapply Rle_trans; [apply IH; auto|apply Rmax_r].
Qed.

Lemma largest_le l m : l <> [] -> (forall a, In a l -> a <= m) -> largest l <= m.
Proof.
intros N H; induction l as [|b l IH]; [congruence|]; destruct l as [|c l]; [apply H; simpl; auto|].
change (largest (b :: c :: l)) with (max2 b (largest (c :: l))); rewrite max2_Rmax.
apply Rmax_lub; [apply H; simpl; auto|].
apply IH; [congruence|]; intros a Ha; apply H; simpl in *; tauto.
Qed.

Lemma largest_continuous (l : list (R -> R)) x : (forall f, In f l -> continuous f x) ->
  continuous (fun x => largest (map (fun f => f x) l)) x.
Proof.
induction l as [|f l IH]; intros H; [apply continuous_const|].
destruct l as [|g l]; [apply H; simpl; auto|].
change (continuous (fun x => max2 (f x) (largest (map (fun f => f x) (g :: l)))) x).
assert (F : continuous f x) by (apply H; simpl; auto).
assert (G : continuous (fun x => largest (map (fun f => f x) (g :: l))) x).
{ apply IH; intros k Hk; apply H; simpl in *; tauto. }
unfold max2, Rdiv; apply (continuous_scal_l (V := R_NormedModule)
  (fun x => f x + largest (map (fun f => f x) (g :: l)) +
    Rabs (f x - largest (map (fun f => f x) (g :: l)))) (/ 2)).
apply (continuous_plus (fun x => f x + largest (map (fun f => f x) (g :: l)))).
- apply (continuous_plus f); auto.
- apply (continuous_comp (fun x => f x - largest (map (fun f => f x) (g :: l))) Rabs);
    [apply (continuous_minus f); auto|apply continuous_Rabs].
Qed.

(** ** One window *)

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

Definition candidates (e x : R) (nodes : list (R * R)) : list R :=
  v (g (x - e)) :: v (g (x + e)) :: map (fun n => v (snd n)) nodes.

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

Lemma chain_sup e x nodes m : 0 <= e -> chain (x - e) nodes (x + e) ->
  is_sup (fun u => Rabs (u - x) <= e) (fun u => v (g u)) m ->
  Rabs (m - largest (candidates e x nodes)) <= 8 * d.
Proof.
intros He H S.
assert (d0 : 0 <= d).
{ destruct nodes as [|[c t] nodes]; simpl in H; [|destruct H as [[Hc _] [H _]]];
    destruct H as [H|H]; pose proof (H (x - e) (x - e)); lra. }
assert (U : m <= largest (candidates e x nodes) + 8 * d).
{ apply (sup_le _ _ _ _ S); intros u Hu; apply Rabs_le_between in Hu.
  apply (chain_le nodes (x - e) (x + e)); auto; [lra| | |].
  - apply Rle_trans with (largest (candidates e x nodes)); [apply le_largest; simpl; auto|lra].
  - apply le_largest; simpl; auto.
  - intros n Hn; apply le_largest; simpl; do 2 right; apply (in_map (fun n => v (snd n))), Hn. }
assert (W : largest (candidates e x nodes) <= m + 4 * d).
{ apply largest_le; [discriminate|]; intros a [<-|[<-|Ha]].
  - pose proof (le_sup _ _ _ (x - e) S); assert (Rabs (x - e - x) <= e); [apply Rabs_le|]; lra.
  - pose proof (le_sup _ _ _ (x + e) S); assert (Rabs (x + e - x) <= e); [apply Rabs_le|]; lra.
  - apply in_map_iff in Ha as [n [<- Hn]]; destruct (chain_nodes nodes _ _ H n Hn) as [B V].
    pose proof (le_sup _ _ _ (fst n) S); assert (Rabs (fst n - x) <= e); [apply Rabs_le|]; lra. }
apply Rabs_le; lra.
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
| cell a b nodes i w : a <= b ->
    (forall x, a <= x <= b -> chain range g d (x - e) nodes (x + e)) ->
    Rabs (RInt (fun x => density x * largest (candidates g (v x) e x nodes)) a b - i) <= w ->
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

Lemma candidates_continuous nodes x :
  continuous (fun x => largest (candidates g (v x) e x nodes)) x.
Proof.
apply (continuous_ext (fun x => largest (map (fun f => f x)
  ((fun x => v x (g (x - e))) :: (fun x => v x (g (x + e))) ::
   map (fun n x => v x (snd n)) nodes)))).
- intros y; unfold candidates; simpl map; rewrite map_map; reflexivity.
- apply largest_continuous; intros f [<-|[<-|Hf]]; [apply v_g_continuous..|].
  apply in_map_iff in Hf as [n [<- _]]; apply v_continuous.
Qed.

Variable s : R -> R.
Hypothesis s_sup : forall x, is_sup (fun u => Rabs (u - x) <= e) (fun u => v x (g u)) (s x).
Hypothesis s_continuous : forall x, continuous s x.

Lemma cells_sup a b i w : cells a b i w -> a <= b /\
  Rabs (RInt (fun x => density x * s x) a b - i) <= w + top * (8 * d) * (b - a).
Proof.
intros H; induction H as [a b nodes i w Hab Hc Hi|a b c i j w z _ [I1 I2] _ [J1 J2]].
- split; auto; apply Rabs_le_between in Hi.
  assert (N : Rabs (RInt (fun x => density x * s x) a b -
    RInt (fun x => density x * largest (candidates g (v x) e x nodes)) a b)
    <= top * (8 * d) * (b - a)).
  { apply RInt_near; auto.
    - intros x; apply (continuous_mult density s); auto.
    - intros x; apply (continuous_mult density); auto; apply candidates_continuous.
    - intros x Hx; rewrite <- Rmult_minus_distr_l, Rabs_mult.
      pose proof (density_bounds x); rewrite (Rabs_pos_eq (density x)) by lra.
      pose proof (chain_sup range g d g_range (v x) (v_valley x) (v_lipschitz x) e x nodes (s x)
        e_ge0 (Hc x Hx) (s_sup x)).
      apply Rmult_le_compat; try lra; apply Rabs_pos. }
  apply Rabs_le_between in N; apply Rabs_le; lra.
- split; [lra|]; rewrite (RInt_cut _ a b c)
    by (intros x; apply (continuous_mult density s); auto).
  apply Rabs_le_between in I2; apply Rabs_le_between in J2; apply Rabs_le; lra.
Qed.
End Cells.
