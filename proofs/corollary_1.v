(** * Corollary 1: the self-consistent risk against the robust risk in the KL form

    For a metric [D] on label distributions that is bounded by phi(KL) for a concave phi,
      |R_SCORE^D - C^D| <= phi (R_Madry^KL),
    where the law is a probability measure, the perturbation sets are nonempty and R_Madry^KL is
    finite ([corollary_1]; [corollary_1_bound KL D phi] is this statement for all such laws and
    models). The rows of the table: [corollary_1_l1] (the paper's, with Pinsker's sqrt (2 t)),
    [corollary_1_l1_exp] (Bretagnolle-Huber), and the same for the other metrics.

    [R_madry_le_concave] is the step from pointwise bounds to risks, for any pair of divergences;
    [l2_risks_le_squared_error] and [squared_error_risks_le_KL] are for training with squared error,
    which is no metric.

    Deviations from the paper: measurability of the four suprema is a hypothesis. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.classical Require Import boolp classical_sets functions mathcomp_extra.
From mathcomp.analysis Require Import reals ereal constructive_ereal signed topology normedtype.
From mathcomp.analysis Require Import Rstruct.
From mathcomp.analysis Require Import sequences measure lebesgue_measure numfun lebesgue_integral.
From Coq Require Import RIneq R_sqrt Rtrigo_def Lra.
From Score Require Import risks theorem_1_relaxed theorem_1 label_risks theorem_1_metrics.
From Score Require labels divergences metrics jensen_shannon kl_bounds concave.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Delimit Scope R_scope with coqR.
Delimit Scope ring_scope with R.
Local Open Scope classical_set_scope.
Local Open Scope ring_scope.
Local Open Scope ereal_scope.


Lemma R_madry_le_concave d (X : measurableType d) (mu : {measure set X -> \bar real_realType})
    (P : Type) (B : X -> set X) (D : P -> P -> R) (K : P -> P -> \bar real_realType) (p q : X -> P)
    (phi : R -> R) :
  let DE a b : \bar real_realType := (D a b)%:E in
  mu setT = 1 -> (forall x, B x !=set0) -> (forall a b, 0 <= DE a b) -> (forall a b, 0 <= K a b) ->
  (forall a b k, K a b = k%:E -> Rle (D a b) (phi k)) -> concave.concave_bound phi ->
  measurable_fun setT (madry_at B DE p q) -> measurable_fun setT (madry_at B K p q) ->
  R_madry mu B K p q \is a fin_num ->
  R_madry mu B DE p q <= (phi (fine (R_madry mu B K p q)))%:E.
Proof.
move=> DE mu1 B0 D0 K0 DK conc mD mK Kfin; set k := fine _.
have k0 : Rle 0 k.
  by apply/RleP; apply: fine_ge0; apply: integral_ge0 => x _; exact: sup_over_ge0.
apply: lee_adde => eta; have /RltP eta0 : (0 < eta%:num)%R by [].
have [a [b [/RleP a0 [/RltP b0 [major ab]]]]] := conc k eta%:num k0 eta0.
have b0' := ltW b0.
have pointwise x : madry_at B DE p q x <= a%:E + b%:E * madry_at B K p q x.
  apply: sup_over_le => t Bt; apply: (@le_trans _ _ (a%:E + b%:E * K (p x) (q t))); last first.
    apply: lee_add => //; apply: lee_wpmul2l; first by rewrite lee_fin.
    exact: (le_sup_over (fun t => K (p x) (q t))).
  have := K0 (p x) (q t); case E: (K (p x) (q t)) => [r||] // r0.
    rewrite -EFinM -EFinD lee_fin; apply/RleP; apply: Rle_trans (DK _ _ _ E) _.
    by apply: major; apply/RleP; rewrite -lee_fin.
  by rewrite gt0_muley ?lte_fin// addey// leey.
have mbK : measurable_fun setT (fun x => b%:E * madry_at B K p q x).
  by apply: emeasurable_funM => //; exact: measurable_fun_cst.
have bK0 x : 0 <= b%:E * madry_at B K p q x.
  by apply: mule_ge0; rewrite ?lee_fin//; exact: sup_over_ge0.
apply: (@le_trans _ _ (\int[mu]_x (a%:E + b%:E * madry_at B K p q x))).
  apply: ge0_le_integral => // [x _|x _|]; first exact: sup_over_ge0.
    by apply: adde_ge0 => //; rewrite lee_fin.
  by apply: emeasurable_funD => //; exact: measurable_fun_cst.
rewrite ge0_integralD//; last exact: measurable_fun_cst.
rewrite integral_cst// [X in _ * X]mu1 mule1 ge0_integralM_EFin//; last first.
  by move=> x _; exact: sup_over_ge0.
by rewrite -[X in _ * X]fineK// -/k -EFinM -EFinD -EFinD lee_fin; apply/RleP.
Qed.

Section Corollary1.
Context (Y : Type) (labels : seq Y).
Notation KL := (@KL Y labels).
Notation simplex := (simplex labels).

Definition corollary_1_bound (K : simplex -> simplex -> \bar real_realType)
    (D : (Y -> R) -> (Y -> R) -> R) (phi : R -> R) : Prop :=
  forall d (X : measurableType d) (mu : {measure set X -> \bar real_realType}) (B : X -> set X)
    (p q : X -> simplex),
  mu setT = 1 -> (forall x, B x !=set0) ->
  measurable_fun setT (madry_at B (@lift Y labels D) p q) ->
  measurable_fun setT (score_at B (@lift Y labels D) p q) ->
  measurable_fun setT (variation_at B (@lift Y labels D) p) ->
  measurable_fun setT (madry_at B K p q) -> R_madry mu B K p q \is a fin_num ->
  `|R_score mu B (@lift Y labels D) p q - C mu B (@lift Y labels D) p|
    <= (phi (fine (R_madry mu B K p q)))%:E.

Lemma risk_near_C (K : simplex -> simplex -> \bar real_realType) D phi m :
  metrics.metric labels D -> (forall a b, 0 <= K a b) ->
  (forall a b, labels.distribution labels a -> labels.distribution labels b -> Rle (D a b) m) ->
  (forall a b k, K a b = k%:E -> Rle (D (sval a) (sval b)) (phi k)) ->
  concave.concave_bound phi -> corollary_1_bound K D phi.
Proof.
move=> metric K0 Dm Dphi conc d X mu B p q mu1 B0 mD mS mC mK Kfin.
have Cfin := C_fin_num metric Dm mu1 B0 mC; have [D0 Dsym Dtri] := lift_metric metric.
apply: (@le_trans _ _ (R_madry mu B (@lift Y labels D) p q)).
  exact: (R_score_near_C B0 D0 Dsym Dtri mD mS mC Cfin).
exact: (R_madry_le_concave mu1 B0 D0 K0 Dphi conc mD mK Kfin).
Qed.

Theorem corollary_1 D phi m : metrics.metric labels D ->
  (forall a b, labels.distribution labels a -> labels.distribution labels b -> Rle (D a b) m) ->
  (forall a b, labels.distribution labels a -> labels.distribution labels b ->
    labels.dominated labels a b -> Rle (D a b) (phi (divergences.kl labels a b))) ->
  concave.concave_bound phi -> corollary_1_bound KL D phi.
Proof.
move=> metric Dm Dphi; apply: (risk_near_C metric (@KL_ge0 _ _) Dm) => a b k.
rewrite /KL; case: asboolP => // dom [<-]; apply: Dphi => //; exact: svalP.
Qed.

(** ** The rows of the table *)

Theorem corollary_1_l1 : corollary_1_bound KL (divergences.l1 labels) (fun t => sqrt (2 * t)).
Proof.
apply: (corollary_1 (metrics.metric_l1 labels) (kl_bounds.l1_le_2 labels)).
  exact: kl_bounds.l1_le_kl.
exact: (concave.concave_sqrt 2 _ Rlt_0_2).
Qed.

Theorem corollary_1_l1_exp :
  corollary_1_bound KL (divergences.l1 labels) (fun t => 2 * sqrt (1 - exp (- t)))%coqR.
Proof.
apply: (corollary_1 (metrics.metric_l1 labels) (kl_bounds.l1_le_2 labels)).
  exact: kl_bounds.l1_le_exp.
exact: (concave.concave_exp 2 _ Rlt_0_2).
Qed.

Lemma concave_sqrt_half : concave.concave_bound (fun t => sqrt (t / 2)).
Proof.
apply: (concave.concave_sqrt (/ 2)%coqR) => [|t]; first lra.
by congr sqrt; rewrite /Rdiv Rmult_comm.
Qed.

Theorem corollary_1_total_variation :
  corollary_1_bound KL (divergences.total_variation labels) (fun t => sqrt (t / 2)).
Proof.
apply: (corollary_1 (metrics.metric_total_variation labels)
  (kl_bounds.total_variation_le_1 labels) _ concave_sqrt_half).
exact: kl_bounds.total_variation_le_kl.
Qed.

Theorem corollary_1_total_variation_exp :
  corollary_1_bound KL (divergences.total_variation labels) (fun t => sqrt (1 - exp (- t))).
Proof.
apply: (corollary_1 (metrics.metric_total_variation labels)
  (kl_bounds.total_variation_le_1 labels)).
  exact: kl_bounds.total_variation_le_exp.
by apply: (concave.concave_exp 1 _ Rlt_0_1) => t; rewrite Rmult_1_l.
Qed.

Theorem corollary_1_l2 : corollary_1_bound KL (divergences.l2 labels) sqrt.
Proof.
apply: (corollary_1 (metrics.metric_l2 labels) (kl_bounds.l2_le labels)).
  exact: kl_bounds.l2_le_kl.
by apply: (concave.concave_sqrt 1 _ Rlt_0_1) => t; rewrite Rmult_1_l.
Qed.

Theorem corollary_1_linf : corollary_1_bound KL (divergences.linf labels) (fun t => sqrt (t / 2)).
Proof.
apply: (corollary_1 (metrics.metric_linf labels) (kl_bounds.linf_le_1 labels) _
  concave_sqrt_half).
exact: kl_bounds.linf_le_kl.
Qed.

Theorem corollary_1_hellinger :
  corollary_1_bound KL (divergences.hellinger labels) (fun t => sqrt (t / 2)).
Proof.
apply: (corollary_1 (metrics.metric_hellinger labels) (kl_bounds.hellinger_le_1 labels) _
  concave_sqrt_half).
exact: kl_bounds.hellinger_le_kl.
Qed.
Theorem corollary_1_jensen_shannon :
  corollary_1_bound KL (divergences.jensen_shannon labels) (fun t => sqrt (t / 2)).
Proof.
apply: (corollary_1 (jensen_shannon.metric_jensen_shannon labels)
  (jensen_shannon.jensen_shannon_le_1 labels) _ concave_sqrt_half).
exact: kl_bounds.jensen_shannon_le_kl.
Qed.

(** ** Squared error *)

Lemma squared_error_ge0 (a b : simplex) : 0 <= lift (divergences.squared_error labels) a b.
Proof. by rewrite lee_fin; apply/RleP; exact: divergences.squared_error_ge0. Qed.

Theorem l2_risks_le_squared_error :
  corollary_1_bound (lift (divergences.squared_error labels)) (divergences.l2 labels) sqrt.
Proof.
apply: (risk_near_C (metrics.metric_l2 labels) squared_error_ge0 (kl_bounds.l2_le labels)).
  by move=> a b k [<-]; apply: kl_bounds.le_sqrt_of_sq_le; rewrite divergences.l2_sq; lra.
by apply: (concave.concave_sqrt 1 _ Rlt_0_1) => t; rewrite Rmult_1_l.
Qed.

Theorem squared_error_risks_le_KL d (X : measurableType d)
    (mu : {measure set X -> \bar real_realType}) (B : X -> set X) (p q : X -> simplex) :
  let SE := lift (divergences.squared_error labels) in
  mu setT = 1 -> (forall x, B x !=set0) -> measurable_fun setT (madry_at B SE p q) ->
  measurable_fun setT (score_at B SE p q) -> measurable_fun setT (variation_at B SE p) ->
  measurable_fun setT (madry_at B KL p q) -> R_madry mu B KL p q \is a fin_num ->
  R_score mu B SE p q <= 2%:E * (R_madry mu B KL p q + C mu B SE p).
Proof.
move=> SE mu1 B0 mM mS mC mK Kfin.
have sym a b : SE a b = SE b a by congr _%:E; exact: metrics.squared_error_sym.
have tri a b c : SE a c <= (2%:R)%:E * (SE a b + SE b c).
  rewrite -EFinD -EFinM lee_fin; apply/RleP.
  exact: (metrics.squared_error_relaxed_triangle labels (sval a) (sval b) (sval c)).
have [le _ _] := theorem_1_relaxed mu B0 squared_error_ge0 sym (ler0n _ 2) tri mM mS mC.
apply: (le_trans le); apply: lee_wpmul2l; first by rewrite lee_fin ler0n.
apply: lee_add => //; rewrite -(fineK Kfin).
apply: (R_madry_le_concave mu1 B0 squared_error_ge0 (@KL_ge0 _ _) _ concave.concave_id mM mK Kfin).
move=> a b k; rewrite /KL; case: asboolP => // dom [<-].
by apply: kl_bounds.squared_error_le_kl => //; exact: svalP.
Qed.
End Corollary1.
