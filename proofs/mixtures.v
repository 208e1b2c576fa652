(** * Gaussian mixtures on the line, softmax models, and the log-odds of two labels

    A [mixture] lists its classes, a class its components: [Component mass mean variance] is
    mass N(x; mean, variance), the prior of the class times the weight in the class in [mass].
    [joint L y x] is p_d(x, y), [density] its sum over the labels, [posterior] the quotient.
    [softmax logits x y] is the model exp(logit_y(x)) / sum_k exp(logit_k(x)) with logits that are
    polynomials of degree two, [Quadratic a b c] being a x^2 + b x + c.

    With two labels the log-odds of both are of the form
      q(x) + ln(1 + sum_i exp(r_i(x))) - ln(1 + sum_j exp(s_j(x)))
    with such polynomials, [LogOdds q r s].

    Main lemmas: [posterior_log_odds], [softmax_log_odds]; [is_derive_log_odds]; [log_odds_le], their
    growth is quadratic at most; [density_tail], beyond b > 0 a density falls at least as
    exp(-k |x|). *)
From Coq Require Import Reals Lra Psatz List.
From Coquelicot Require Import Coquelicot.
From Score Require Import labels logistic two_labels.
Import ListNotations.
Open Scope R_scope.

Record component := Component { mass : R; mean : R; variance : R }.
Definition mixture := list (list component).

Definition gaussian (mean variance x : R) : R :=
  exp (- (x - mean) ^ 2 / (2 * variance)) / sqrt (2 * PI * variance).
Definition weighted (x : R) (c : component) : R := mass c * gaussian (mean c) (variance c) x.
Definition joint (L : mixture) (y : nat) (x : R) : R := sum (nth y L []) (weighted x).
Definition density (L : mixture) (x : R) : R := sum (seq 0 (length L)) (fun y => joint L y x).
Definition posterior (L : mixture) (x : R) (y : nat) : R := joint L y x / density L x.

Record quadratic := Quadratic { square : R; linear : R; constant : R }.
Definition value (x : R) (q : quadratic) : R := square q * x ^ 2 + linear q * x + constant q.
Definition slope (x : R) (q : quadratic) : R := 2 * square q * x + linear q.
Definition softmax (logits : list quadratic) (x : R) (y : nat) : R :=
  exp (value x (nth y logits (Quadratic 0 0 0))) / sum logits (fun q => exp (value x q)).

(** ** Log-odds *)

Record log_odds := LogOdds { lead : quadratic; above : list quadratic; below : list quadratic }.

Definition total (l : list quadratic) (x : R) : R := sum l (fun r => exp (value x r)).
Definition excess (l : list quadratic) (x : R) : R :=
  match l with [] => 0 | _ => ln (1 + total l x) end.
Definition excess_slope (l : list quadratic) (x : R) : R :=
  match l with
  | [] => 0
  | _ => sum l (fun r => slope x r * exp (value x r)) / (1 + total l x)
  end.
Definition log_odds_at (h : log_odds) (x : R) : R :=
  value x (lead h) + excess (above h) x - excess (below h) x.
Definition log_odds_slope (h : log_odds) (x : R) : R :=
  slope x (lead h) + excess_slope (above h) x - excess_slope (below h) x.

Lemma total_ge0 l x : 0 <= total l x.
Proof. apply sum_ge0; intros; apply Rlt_le, exp_pos. Qed.

Lemma exp_excess l x : exp (excess l x) = 1 + total l x.
Proof.
unfold excess; destruct l; [unfold total, sum; simpl; rewrite exp_0; ring|].
apply exp_ln; pose proof (total_ge0 (q :: l) x); lra.
Qed.

(** The distribution with these log-odds as certificates compute with it: without an exponential of a
    logarithm, which costs their Taylor models all digits where the logarithm is next to nothing. *)
Definition factor (l : list quadratic) (x : R) : R :=
  match l with [] => 1 | _ => 1 + total l x end.
Definition argument_at (h : log_odds) (x : R) : argument :=
  let up := exp (value x (lead h)) * (factor (above h) x / factor (below h) x) in
  let down := exp (- value x (lead h)) * (factor (below h) x / factor (above h) x) in
  Argument (1 / (1 + up)) (1 / (1 + down)) (ln (1 + up)) (ln (1 + down)).

Lemma argument_at_number h x : argument_at h x = number (log_odds_at h x).
Proof.
assert (F : forall l, factor l x = exp (excess l x)).
{ intros l; rewrite exp_excess; destruct l; [unfold total, sum; simpl; ring|reflexivity]. }
unfold argument_at, number, logistic, softplus, log_odds_at; rewrite !F, !Ropp_involutive.
set (v := value x (lead h)); set (a := excess (above h) x); set (b := excess (below h) x).
assert (Up : exp v * (exp a / exp b) = exp (v + a - b)).
{ unfold Rminus, Rdiv; rewrite !exp_plus, exp_Ropp; ring. }
assert (Down : exp (- v) * (exp b / exp a) = exp (- (v + a - b))).
{ replace (- (v + a - b)) with (- v + (b + - a)) by ring; unfold Rdiv.
  rewrite !exp_plus, (exp_Ropp a); ring. }
rewrite Up, Down; reflexivity.
Qed.

Lemma is_derive_value q x : is_derive (fun x => value x q) x (slope x q).
Proof. unfold value, slope; auto_derive; auto; ring. Qed.

Lemma is_derive_excess l x : is_derive (excess l) x (excess_slope l x).
Proof.
destruct l as [|q l]; [apply (is_derive_const (V := R_NormedModule))|].
assert (T : is_derive (total (q :: l)) x (sum (q :: l) (fun r => slope x r * exp (value x r)))).
{ apply (is_derive_sum (q :: l) (fun x r => exp (value x r))); intros r _.
  apply (is_derive_along exp exp); [intros; apply is_derive_exp|apply is_derive_value]. }
pose proof (total_ge0 (q :: l) x) as P; unfold excess, excess_slope, Rdiv.
apply (is_derive_comp ln (fun x => 1 + total (q :: l) x)).
- apply is_derive_Reals, derivable_pt_lim_ln; lra.
- rewrite <- (Rplus_0_l (sum (q :: l) _)).
  apply (is_derive_plus (fun _ => 1)); [apply (is_derive_const (V := R_NormedModule))|exact T].
Qed.

Lemma is_derive_log_odds h x : is_derive (log_odds_at h) x (log_odds_slope h x).
Proof.
apply (is_derive_minus (fun x => value x (lead h) + excess (above h) x) (excess (below h)));
  [|apply is_derive_excess].
apply (is_derive_plus (fun x => value x (lead h)) (excess (above h)));
  [apply is_derive_value|apply is_derive_excess].
Qed.

Lemma log_odds_continuous h x : continuous (log_odds_at h) x.
Proof. apply (ex_derive_continuous (log_odds_at h)); eexists; apply is_derive_log_odds. Qed.

(** ** The growth of log-odds *)

Definition size (y : R) (q : quadratic) : R :=
  Rabs (square q) * y ^ 2 + Rabs (linear q) * y + Rabs (constant q).
Definition log_odds_size (h : log_odds) (y : R) : R :=
  size y (lead h) + sum (above h ++ below h) (fun q => size y q + 1).

Lemma size_ge0 y q : 0 <= y -> 0 <= size y q.
Proof.
intros; unfold size; pose proof (Rabs_pos (square q)); pose proof (Rabs_pos (linear q)).
pose proof (Rabs_pos (constant q)); nra.
Qed.

Lemma value_le_size x q : Rabs (value x q) <= size (Rabs x) q.
Proof.
unfold value, size; eapply Rle_trans; [apply Rabs_triang|].
eapply Rle_trans; [apply Rplus_le_compat_r, Rabs_triang|].
rewrite !Rabs_mult, <- RPow_abs; apply Rle_refl.
Qed.

Lemma excess_bounds l x : 0 <= excess l x <= sum l (fun q => size (Rabs x) q + 1).
Proof.
assert (P : forall l, 0 <= ln (1 + total l x) <= sum l (fun q => size (Rabs x) q + 1)).
{ clear l; induction l as [|q l IH]; [unfold total, sum; simpl; rewrite Rplus_0_r, ln_1; lra|].
  pose proof (total_ge0 l x) as T; pose proof (exp_pos (value x q)) as E.
  change (total (q :: l) x) with (exp (value x q) + total l x).
  change (sum (q :: l) _) with (size (Rabs x) q + 1 + sum l (fun q => size (Rabs x) q + 1)).
  pose proof (softplus_le (value x q)) as S; unfold softplus in S.
  pose proof (value_le_size x q) as V.
  assert (M : Rmax (value x q) 0 <= size (Rabs x) q).
  { apply Rmax_lub; [eapply Rle_trans; [apply Rle_abs|exact V]|].
    apply size_ge0, Rabs_pos. }
  split; [rewrite <- ln_1; apply ln_le; lra|].
  apply Rle_trans with (ln ((1 + exp (value x q)) * (1 + total l x))); [apply ln_le; nra|].
  rewrite ln_mult by lra; lra. }
destruct l; [unfold sum; simpl; lra|apply P].
Qed.

Lemma sum_app {Y : Type} (l l' : list Y) f : sum (l ++ l') f = sum l f + sum l' f.
Proof. unfold sum; induction l as [|y l IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma log_odds_le h x : Rabs (log_odds_at h x) <= log_odds_size h (Rabs x).
Proof.
unfold log_odds_at, log_odds_size; rewrite sum_app.
pose proof (value_le_size x (lead h)) as V; apply Rabs_le_between in V.
pose proof (excess_bounds (above h) x); pose proof (excess_bounds (below h) x).
apply Rabs_le; lra.
Qed.

Lemma log_odds_size_le h y z : 0 <= y -> y <= z -> log_odds_size h y <= log_odds_size h z.
Proof.
intros Hy Hz; assert (S : forall q, size y q <= size z q).
{ intros q; unfold size; pose proof (Rabs_pos (square q)); pose proof (Rabs_pos (linear q)).
  assert (y ^ 2 <= z ^ 2) by (apply pow_incr; lra).
  apply Rplus_le_compat_r, Rplus_le_compat; apply Rmult_le_compat_l; auto. }
apply Rplus_le_compat; [auto|]; apply sum_le; intros q _; pose proof (S q); lra.
Qed.

(** A polynomial of degree two with nonnegative coefficients outgrows no exponential: from b to b + t
    it grows by at most exp(2 t / b). *)
Lemma size_growth q b t : 0 < b -> 0 <= t -> size (b + t) q <= size b q * exp (2 * t / b).
Proof.
intros Hb Ht; unfold size.
pose proof (Rabs_pos (square q)); pose proof (Rabs_pos (linear q)).
pose proof (Rabs_pos (constant q)).
assert (E : 1 + t / b <= exp (t / b)) by apply exp_ineq1_le.
assert (T : 0 <= t / b) by (apply Rdiv_le_0_compat; lra).
replace (2 * t / b) with (t / b + t / b) by (field; lra); rewrite exp_plus.
set (e := exp (t / b)) in *; set (r := t / b) in *.
assert (Hr : t = r * b) by (unfold r; field; lra); rewrite Hr.
replace (b + r * b) with (b * (1 + r)) by ring.
assert (E2 : (1 + r) ^ 2 <= e * e) by nra.
assert (E1 : 1 + r <= e * e) by nra.
assert (E0 : 1 <= e * e) by nra.
rewrite Rpow_mult_distr.
assert (0 <= Rabs (square q) * b ^ 2) by (apply Rmult_le_pos; [auto|apply pow2_ge_0]).
assert (0 <= Rabs (linear q) * b) by nra.
nra.
Qed.

Lemma log_odds_growth h b t : 0 < b -> 0 <= t ->
  log_odds_size h (b + t) <= log_odds_size h b * exp (2 * t / b).
Proof.
intros Hb Ht; unfold log_odds_size; rewrite Rmult_plus_distr_r.
apply Rplus_le_compat; [apply size_growth; auto|].
rewrite Rmult_comm, <- sum_scal; apply sum_le; intros q _.
pose proof (size_growth q b t Hb Ht).
assert (1 <= exp (2 * t / b)); [|lra].
rewrite <- exp_0; apply exp_monotone, Rdiv_le_0_compat; lra.
Qed.

(** ** The log-odds of a mixture and of a softmax *)

Definition positive (c : component) : Prop := 0 < mass c /\ 0 < variance c.
Definition two_classes (L : mixture) : Prop :=
  length L = 2%nat /\ List.Forall (fun class => class <> [] /\ List.Forall positive class) L.

(** The logarithm of a weighted density over another. *)
Definition ratio (c d : component) : quadratic :=
  Quadratic (1 / (2 * variance c) - 1 / (2 * variance d))
    (mean d / variance d - mean c / variance c)
    (mean c ^ 2 / (2 * variance c) - mean d ^ 2 / (2 * variance d) +
      ln (mass d ^ 2 * variance c / (mass c ^ 2 * variance d)) / 2).
Definition law_log_odds (L : mixture) : log_odds :=
  match L with
  | [c :: cs; d :: ds] => LogOdds (ratio c d) (map (ratio d) ds) (map (ratio c) cs)
  | _ => LogOdds (Quadratic 0 0 0) [] []
  end.
Definition minus (p q : quadratic) : quadratic :=
  Quadratic (square p - square q) (linear p - linear q) (constant p - constant q).
Definition softmax_odds (logits : list quadratic) : log_odds :=
  match logits with
  | [p; q] => LogOdds (minus q p) [] []
  | _ => LogOdds (Quadratic 0 0 0) [] []
  end.

Lemma gaussian_pos mean variance x : 0 < variance -> 0 < gaussian mean variance x.
Proof.
intros Hv; apply Rdiv_lt_0_compat; [apply exp_pos|apply sqrt_lt_R0].
pose proof PI_RGT_0; apply Rmult_lt_0_compat; lra.
Qed.

Lemma weighted_pos x c : positive c -> 0 < weighted x c.
Proof. intros [Hm Hv]; apply Rmult_lt_0_compat; auto; apply gaussian_pos; auto. Qed.

Lemma weighted_ratio c d x : positive c -> positive d ->
  weighted x d = weighted x c * exp (value x (ratio c d)).
Proof.
intros [mc vc] [md vd]; unfold weighted, gaussian, value, ratio; cbn [square linear constant].
pose proof PI_RGT_0.
set (v := variance c) in *; set (w := variance d) in *.
assert (S : 0 < sqrt (2 * PI)) by (apply sqrt_lt_R0; lra).
assert (Sv : 0 < sqrt v) by (apply sqrt_lt_R0; auto).
assert (Sw : 0 < sqrt w) by (apply sqrt_lt_R0; auto).
rewrite (sqrt_mult (2 * PI) v), (sqrt_mult (2 * PI) w) by lra.
assert (L : ln (mass d ^ 2 * v / (mass c ^ 2 * w)) / 2 = ln (mass d * sqrt v / (mass c * sqrt w))).
{ assert (P : 0 < mass d * sqrt v / (mass c * sqrt w))
    by (apply Rdiv_lt_0_compat; apply Rmult_lt_0_compat; auto).
  replace (mass d ^ 2 * v / (mass c ^ 2 * w)) with
    ((mass d * sqrt v / (mass c * sqrt w)) * (mass d * sqrt v / (mass c * sqrt w))).
  - rewrite ln_mult by auto; lra.
  - rewrite <- (sqrt_sqrt v) at 3 by lra; rewrite <- (sqrt_sqrt w) at 3 by lra; field; lra. }
rewrite L.
replace ((1 / (2 * v) - 1 / (2 * w)) * x ^ 2 + (mean d / w - mean c / v) * x +
  (mean c ^ 2 / (2 * v) - mean d ^ 2 / (2 * w) + ln (mass d * sqrt v / (mass c * sqrt w))))
  with (- (x - mean d) ^ 2 / (2 * w) + - (- (x - mean c) ^ 2 / (2 * v)) +
    ln (mass d * sqrt v / (mass c * sqrt w))) by (field; lra).
rewrite exp_plus, exp_ln by (apply Rdiv_lt_0_compat; apply Rmult_lt_0_compat; auto).
rewrite (exp_plus (- (x - mean d) ^ 2 / (2 * w))), (exp_Ropp (- (x - mean c) ^ 2 / (2 * v))).
pose proof (exp_pos (- (x - mean c) ^ 2 / (2 * v))); field; lra.
Qed.

Lemma class_ratio c cs x : positive c -> List.Forall positive cs ->
  sum (c :: cs) (weighted x) = weighted x c * exp (excess (map (ratio c) cs) x).
Proof.
intros Hc Hcs; rewrite exp_excess.
change (sum (c :: cs) (weighted x)) with (weighted x c + sum cs (weighted x)).
enough (sum cs (weighted x) = weighted x c * total (map (ratio c) cs) x) by lra.
induction Hcs as [|d cs Hd _ IH]; [unfold total, sum; simpl; ring|].
change (sum (d :: cs) (weighted x)) with (weighted x d + sum cs (weighted x)).
change (total (map (ratio c) (d :: cs)) x)
  with (exp (value x (ratio c d)) + total (map (ratio c) cs) x).
rewrite IH, (weighted_ratio c d) by auto; ring.
Qed.

Lemma odds_of_ratio a b h : 0 < a -> b = a * exp h ->
  at_log_odds (fun y => match y with 0%nat => a | _ => b end / (a + b)) h.
Proof.
intros Ha ->; unfold at_log_odds, logistic; rewrite exp_Ropp; pose proof (exp_pos h).
split; field; split; nra.
Qed.

Lemma at_log_odds_ext p q h : p 0%nat = q 0%nat -> p 1%nat = q 1%nat ->
  at_log_odds p h -> at_log_odds q h.
Proof. unfold at_log_odds; intros -> ->; auto. Qed.

Lemma joint_density L x : two_classes L -> density L x = joint L 0 x + joint L 1 x.
Proof. intros [E _]; unfold density; rewrite E; unfold sum; simpl; ring. Qed.

Lemma joint_odds L x : two_classes L -> 0 < joint L 0 x /\
  joint L 1 x = joint L 0 x * exp (log_odds_at (law_log_odds L) x).
Proof.
intros [E F]; destruct L as [|[|c cs] [|[|d ds] [|]]]; try discriminate;
  inversion_clear F as [|? ? [N0 F0] F']; try congruence;
  inversion_clear F' as [|? ? [N1 F1] _]; try congruence.
inversion_clear F0 as [|? ? Hc Hcs]; inversion_clear F1 as [|? ? Hd Hds].
unfold joint; simpl nth; split.
- pose proof (weighted_pos x c Hc); apply Rlt_le_trans with (1 := H).
  apply (term_le_sum (c :: cs) (weighted x)); [|simpl; auto].
  intros z Hz; apply Rlt_le, weighted_pos; destruct Hz as [<-|Hz]; auto.
  apply (proj1 (Forall_forall _ _) Hcs); auto.
- rewrite !class_ratio by auto; unfold log_odds_at; cbn [law_log_odds lead above below].
  rewrite (weighted_ratio c d) by auto.
  unfold Rminus; rewrite !exp_plus, exp_Ropp.
  pose proof (exp_pos (excess (map (ratio c) cs) x)); field; lra.
Qed.

Lemma posterior_log_odds L x : two_classes L ->
  at_log_odds (posterior L x) (log_odds_at (law_log_odds L) x).
Proof.
intros H; destruct (joint_odds L x H) as [P E].
eapply at_log_odds_ext; [| |apply (odds_of_ratio _ _ _ P E)];
  unfold posterior; rewrite joint_density by auto; reflexivity.
Qed.

Lemma softmax_log_odds p q x :
  at_log_odds (softmax [p; q] x) (log_odds_at (softmax_odds [p; q]) x).
Proof.
assert (E : exp (value x q) = exp (value x p) * exp (log_odds_at (softmax_odds [p; q]) x)).
{ rewrite <- exp_plus; f_equal; unfold log_odds_at, softmax_odds, minus, value; cbn; ring. }
eapply at_log_odds_ext; [| |apply (odds_of_ratio _ _ _ (exp_pos (value x p)) E)];
  unfold softmax, sum; simpl; rewrite Rplus_0_r; reflexivity.
Qed.

(** ** Densities *)

Lemma joint_ge0 L y x : two_classes L -> 0 <= joint L y x.
Proof.
intros [_ F]; apply sum_ge0; intros c Hc; apply Rlt_le, weighted_pos.
destruct (le_lt_dec (length L) y) as [H|H]; [rewrite nth_overflow in Hc by auto; contradiction|].
apply (proj1 (Forall_forall _ _) (proj2 (proj1 (Forall_forall _ _) F _ (nth_In L [] H)))); auto.
Qed.

Lemma density_pos L x : two_classes L -> 0 < density L x.
Proof.
intros H; rewrite joint_density by auto; pose proof (proj1 (joint_odds L x H)).
pose proof (joint_ge0 L 1 x H); lra.
Qed.

Lemma sum_continuous {Y : Type} (l : list Y) (f : R -> Y -> R) x :
  (forall y, continuous (fun x => f x y) x) -> continuous (fun x => sum l (f x)) x.
Proof.
intros H; unfold sum; induction l as [|y l IH]; simpl; [apply continuous_const|].
apply (continuous_plus (fun x => f x y)); auto.
Qed.

Lemma density_continuous L x : continuous (density L) x.
Proof.
apply sum_continuous; intros y; apply sum_continuous; intros c.
apply (ex_derive_continuous (fun x => weighted x c)); unfold weighted, gaussian.
auto_derive; auto.
Qed.

(** [peak L] is above the density. *)
Definition peak (L : mixture) : R :=
  sum (concat L) (fun c => mass c / sqrt (2 * PI * variance c)).

Lemma density_concat L x : density L x = sum (concat L) (weighted x).
Proof.
unfold density, joint.
assert (G : forall l, sum (seq 0 (length l)) (fun y => sum (nth y l []) (weighted x)) =
  sum (concat l) (weighted x)); [|apply G].
induction l as [|k l IH]; [reflexivity|].
cbn [concat length seq]; rewrite sum_app.
change (sum (0%nat :: seq 1 (length l)) ?f) with (f 0%nat + sum (seq 1 (length l)) f).
cbn [nth]; f_equal; rewrite <- IH, <- seq_shift; clear IH.
unfold sum; generalize (seq 0 (length l)); induction l0 as [|y s IH]; simpl; [reflexivity|].
rewrite IH; reflexivity.
Qed.

Lemma all_positive L : two_classes L -> List.Forall positive (concat L).
Proof.
intros [_ F]; apply Forall_forall; intros c Hc; apply in_concat in Hc as [k [Hk Hc]].
apply (proj1 (Forall_forall _ _) (proj2 (proj1 (Forall_forall _ _) F k Hk))); auto.
Qed.

Lemma density_le_peak L x : two_classes L -> density L x <= peak L.
Proof.
intros H; rewrite density_concat; apply sum_le; intros c Hc.
pose proof (proj1 (Forall_forall _ _) (all_positive L H) c Hc) as [Hm Hv].
unfold weighted, gaussian, Rdiv; rewrite <- Rmult_assoc.
assert (S : 0 < sqrt (2 * PI * variance c)).
{ apply sqrt_lt_R0; pose proof PI_RGT_0; apply Rmult_lt_0_compat; lra. }
apply Rmult_le_compat_r; [apply Rlt_le, Rinv_0_lt_compat, S|].
rewrite <- (Rmult_1_r (mass c)) at 2; apply Rmult_le_compat_l; [lra|].
rewrite <- exp_0; apply exp_monotone.
assert (0 <= (x - mean c) ^ 2 * / (2 * variance c)); [|lra].
apply Rmult_le_pos; [apply pow2_ge_0|apply Rlt_le, Rinv_0_lt_compat; lra].
Qed.

(** [falls L b k]: beyond b every component falls at least at the rate k. *)
Definition falls (b k : R) (L : mixture) : Prop :=
  List.Forall (fun c => k <= (b - Rabs (mean c)) / variance c) (concat L).

Lemma gaussian_tail mean variance b k x : 0 < variance ->
  k <= (b - Rabs mean) / variance -> 0 <= b -> b <= Rabs x ->
  gaussian mean variance x <=
  (gaussian mean variance b + gaussian mean variance (- b)) * exp (- (k * (Rabs x - b))).
Proof.
intros Hv Hk Hb Hx.
assert (Hk' : k * variance <= b - Rabs mean).
{ apply Rmult_le_compat_r with (r := variance) in Hk; [|lra].
  unfold Rdiv in Hk; rewrite Rmult_assoc, Rinv_l in Hk; lra. }
assert (S : 0 < sqrt (2 * PI * variance)).
{ apply sqrt_lt_R0; pose proof PI_RGT_0; apply Rmult_lt_0_compat; lra. }
assert (T : forall z, (x - mean) ^ 2 >= (z - mean) ^ 2 + 2 * variance * (k * (Rabs x - b)) ->
  gaussian mean variance x <= gaussian mean variance z * exp (- (k * (Rabs x - b)))).
{ intros z Hz; unfold gaussian; set (s := sqrt (2 * PI * variance)) in *.
  replace (exp (- (z - mean) ^ 2 / (2 * variance)) / s * exp (- (k * (Rabs x - b))))
    with (exp (- (z - mean) ^ 2 / (2 * variance) + - (k * (Rabs x - b))) / s)
    by (rewrite exp_plus; field; lra).
  apply Rmult_le_compat_r; [apply Rlt_le, Rinv_0_lt_compat, S|]; apply exp_monotone.
  apply Rmult_le_reg_r with (2 * variance); [lra|].
  replace ((- (z - mean) ^ 2 / (2 * variance) + - (k * (Rabs x - b))) * (2 * variance))
    with (- ((z - mean) ^ 2 + 2 * variance * (k * (Rabs x - b)))) by (field; lra).
  unfold Rdiv; rewrite Rmult_assoc, Rinv_l; lra. }
pose proof (gaussian_pos mean variance b Hv); pose proof (gaussian_pos mean variance (- b) Hv).
pose proof (exp_pos (- (k * (Rabs x - b)))).
assert (Kt : variance * (k * (Rabs x - b)) <= (Rabs x - b) * (b - Rabs mean)) by nra.
clear Hk Hk'.
pose proof (Rle_abs mean); pose proof (Rle_abs (- mean)) as Hm; rewrite Rabs_Ropp in Hm.
destruct (Rle_dec 0 x) as [Hx0|Hx0].
- rewrite (Rabs_pos_eq x) in * by auto.
  apply Rle_trans with (gaussian mean variance b * exp (- (k * (x - b)))); [|nra].
  apply T; nra.
- rewrite (Rabs_left x) in * by lra.
  apply Rle_trans with (gaussian mean variance (- b) * exp (- (k * (- x - b)))); [|nra].
  apply T; nra.
Qed.

Lemma density_tail L b k x : two_classes L -> falls b k L -> 0 <= b -> b <= Rabs x ->
  density L x <= (density L b + density L (- b)) * exp (- (k * (Rabs x - b))).
Proof.
intros H F Hb Hx; rewrite !density_concat, <- sum_plus, Rmult_comm, <- sum_scal.
apply sum_le; intros c Hc.
pose proof (proj1 (Forall_forall _ _) (all_positive L H) c Hc) as [Hm Hv].
pose proof (proj1 (Forall_forall _ _) F c Hc) as Hk.
pose proof (gaussian_tail (mean c) (variance c) b k x Hv Hk Hb Hx).
unfold weighted; nra.
Qed.
