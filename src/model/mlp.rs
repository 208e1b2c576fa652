//! Multilayer perceptrons: `Q(x) = softmax(W_L a(.. a(W_1 x + b_1) ..) + b_L)` with an activation
//! `a` per coordinate.

use std::fmt;
use std::str::FromStr;

use super::{check_length, check_rows};
use crate::error::Error;
use crate::exact::Exact;
use crate::line::{Envelope, Landmark, Parabola, Side, Tail};
use crate::names;
use crate::real::{Interval, Real, Row};
use crate::simplex::Dense;

/// The function between the layers of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `tanh t`.
    Tanh,
    /// `t / (1 + e^-t)`.
    Silu,
    /// `ln(1 + e^t)`.
    Softplus,
    /// `1 / (1 + e^-t)`.
    Sigmoid,
    /// `max(t, 0)`; at a tie `t`.
    Relu,
}

impl Activation {
    /// Every activation.
    pub const ALL: [Self; 5] = [Self::Tanh, Self::Silu, Self::Softplus, Self::Sigmoid, Self::Relu];

    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tanh => "tanh",
            Self::Silu => "silu",
            Self::Softplus => "softplus",
            Self::Sigmoid => "sigmoid",
            Self::Relu => "relu",
        }
    }

    /// The activation at `t`.
    pub fn apply<R: Real>(self, t: &R) -> R {
        match self {
            Self::Tanh => t.tanh(),
            Self::Silu => t.clone() * t.logistic(),
            Self::Softplus => t.softplus(),
            Self::Sigmoid => t.logistic(),
            Self::Relu => t.max(&t.int(0)),
        }
    }

    /// The bound of the activation of something with the bound `t`.
    fn growth(self, t: Growth) -> Growth {
        match self {
            Self::Tanh | Self::Sigmoid => Growth { value: Interval::ONE, slope: Interval::ZERO },
            Self::Silu | Self::Relu => t,
            Self::Softplus => Growth { value: t.value + Interval::point(2.0).ln(), ..t },
        }
    }

    /// The slope at infinity, outward, of the activation of something with this slope.
    fn slope_at_infinity(self, slope: Exact) -> Exact {
        match self {
            Self::Silu | Self::Softplus | Self::Relu if slope.is_positive() => slope,
            _ => Exact::integer(0),
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Activation {
    type Err = Error;

    /// # Errors
    /// [`Error::Unknown`] with the names that exist.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|activation| activation.name() == name)
            .ok_or_else(|| names::unknown("activation", name, Self::ALL.map(Self::name)))
    }
}

/// A bound `value + slope t` of an absolute value, t being the distance from a point.
#[derive(Clone, Copy, Debug)]
struct Growth {
    value: Interval,
    slope: Interval,
}

/// An affine map `W h + b` with `W` of shape out x in and `b` of length out.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    weights: Vec<Vec<Exact>>,
    bias: Vec<Exact>,
}

impl Layer {
    /// The layer with these weights by rows and this bias.
    ///
    /// # Errors
    /// [`Error::Empty`] for a layer without outputs or without inputs, [`Error::Shape`] for rows
    /// that differ in length and for a bias that does not fit.
    pub fn new(weights: Vec<Vec<Exact>>, bias: Vec<Exact>) -> Result<Self, Error> {
        let inputs = weights.first().map_or(0, Vec::len);
        if inputs == 0 {
            return Err(Error::Empty { what: "weights" });
        }
        check_rows("weights", &weights, inputs, "the first row")?;
        check_length("bias", bias.len(), weights.len(), "the rows of the weights")?;
        Ok(Self { weights, bias })
    }

    /// The weights, out rows of length in.
    #[must_use]
    pub fn weights(&self) -> &[Vec<Exact>] {
        &self.weights
    }

    /// The bias, of length out.
    #[must_use]
    pub fn bias(&self) -> &[Exact] {
        &self.bias
    }

    fn inputs(&self) -> usize {
        self.weights[0].len()
    }

    fn outputs(&self) -> usize {
        self.weights.len()
    }
}

/// A fully connected network; the activation stands between its layers, not after the last, whose
/// outputs are the logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Mlp {
    activation: Activation,
    layers: Vec<Layer>,
}

impl Mlp {
    /// The network with these layers.
    ///
    /// # Errors
    /// [`Error::Empty`] without layers, [`Error::Shape`] for a layer that does not take what the
    /// one before it gives, [`Error::TooFewClasses`] for fewer than two outputs.
    pub fn new(activation: Activation, layers: Vec<Layer>) -> Result<Self, Error> {
        let Some(last) = layers.last() else {
            return Err(Error::Empty { what: "layers" });
        };
        if last.outputs() < 2 {
            return Err(Error::TooFewClasses { found: last.outputs() });
        }
        for pair in layers.windows(2) {
            let (found, expected) = (pair[1].inputs(), pair[0].outputs());
            check_length("inputs", found, expected, "the outputs of the layer before")?;
        }
        Ok(Self { activation, layers })
    }

    /// The activation.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// The layers, from the input to the logits.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The number of classes, K.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.layers[self.layers.len() - 1].outputs()
    }

    /// The dimension of the inputs, d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.layers[0].inputs()
    }

    /// Every unit has an asymptote, whose slope goes through the layers as values do.
    pub(super) fn tail(&self, side: Side) -> Vec<Tail> {
        let outward = Exact::integer(match side {
            Side::Left => -1,
            Side::Right => 1,
        });
        let mut slopes = vec![outward.clone()];
        for (n, layer) in self.layers.iter().enumerate() {
            let affine = layer.weights.iter().map(|row| {
                let terms: Vec<Exact> = row.iter().zip(&slopes).map(|(w, h)| w * h).collect();
                terms.iter().sum::<Exact>()
            });
            slopes = if n + 1 == self.layers.len() {
                affine.collect()
            } else {
                affine.map(|slope| self.activation.slope_at_infinity(slope)).collect()
            };
        }
        let tail = |slope: &Exact| Tail { linear: slope * &outward, ..Tail::bounded() };
        slopes.iter().map(tail).collect()
    }

    /// Every unit is at most `value + slope t` in absolute value: an activation is bounded by 1 or by its argument's absolute value and ln 2.
    pub(super) fn envelope(&self, base: Interval) -> Vec<Envelope> {
        let x = Growth { value: Interval::point(base.magnitude()), slope: Interval::ONE };
        let h = self.growth(vec![x]);
        let logit = |g: Growth| {
            let parabola = |sign: f64| Parabola {
                value: Interval::point(sign) * g.value,
                slope: Interval::point(sign) * g.slope,
                curvature: Exact::integer(0),
            };
            Envelope { upper: vec![parabola(1.0)], lower: vec![parabola(-1.0)] }
        };
        h.into_iter().map(logit).collect()
    }

    /// Bounds of the logits from bounds of the inputs.
    fn growth(&self, inputs: Vec<Growth>) -> Vec<Growth> {
        let mut h = inputs;
        for (n, layer) in self.layers.iter().enumerate() {
            let affine = |(row, bias): (&Vec<Exact>, &Exact)| {
                let size = |c: &Exact| Interval::ZERO.constant(c).abs();
                let start = Growth { value: size(bias), slope: Interval::ZERO };
                row.iter().zip(&h).fold(start, |sum, (w, h)| Growth {
                    value: sum.value + size(w) * h.value,
                    slope: sum.slope + size(w) * h.slope,
                })
            };
            let affine = layer.weights.iter().zip(&layer.bias).map(affine);
            h = if n + 1 == self.layers.len() {
                affine.collect()
            } else {
                affine.map(|t| self.activation.growth(t)).collect()
            };
        }
        h
    }

    /// `(a, b)` such that every logit is at most `a + b |x|` in absolute value.
    pub(crate) fn growth_from_origin(&self) -> (Interval, Interval) {
        let x = Growth { value: Interval::ZERO, slope: Interval::ONE };
        let logits = self.growth(vec![x; self.dimension()]);
        let larger = |a: (Interval, Interval), g: &Growth| (a.0.max(&g.value), a.1.max(&g.slope));
        logits.iter().fold((Interval::ZERO, Interval::ZERO), larger)
    }

    /// The network, compiled for the backend of `like`.
    pub(crate) fn compiled<R: Real>(&self, like: &R) -> MlpOn<R> {
        let constants = |layer: &Layer| LayerOn {
            inputs: layer.inputs(),
            weights: layer.weights.iter().flatten().map(|w| like.constant(w)).collect(),
            bias: layer.bias.iter().map(|b| like.constant(b)).collect(),
        };
        let layers = self.layers.iter().map(constants).collect();
        MlpOn { activation: self.activation, layers }
    }
}

/// A layer with its weights in one block, row by row.
#[derive(Clone, Debug)]
struct LayerOn<R> {
    inputs: usize,
    weights: Vec<R>,
    bias: Vec<R>,
}

impl<R> LayerOn<R> {
    fn rows(&self) -> impl Iterator<Item = (&[R], &R)> {
        self.weights.chunks_exact(self.inputs).zip(&self.bias)
    }
}

/// A network with its constants compiled for one backend.
#[derive(Clone, Debug)]
pub(crate) struct MlpOn<R> {
    activation: Activation,
    layers: Vec<LayerOn<R>>,
}

impl<R: Real> MlpOn<R> {
    /// The logits at an input with as many coordinates as the network has inputs.
    pub fn logits(&self, x: &[R]) -> Dense<R> {
        let mut h: Row<R> = x.iter().cloned().collect();
        for (n, layer) in self.layers.iter().enumerate() {
            let affine = layer.rows().map(|(row, bias)| {
                let terms = row.iter().zip(&h).map(|(w, h)| w.clone() * h.clone());
                terms.fold(bias.clone(), |sum, term| sum + term)
            });
            h = if n + 1 == self.layers.len() {
                affine.collect()
            } else {
                affine.map(|t| self.activation.apply(&t)).collect()
            };
        }
        Dense::new(h)
    }
}

impl MlpOn<f64> {
    /// Where the units of the first layer of a network on the line switch, `-b/w`, on the scale `1/|w|`.
    pub fn landmarks(&self) -> Vec<Landmark> {
        let switch =
            |(row, bias): (&[f64], &f64)| Landmark::checked(-bias / row[0], row[0].abs().recip());
        self.layers[0].rows().filter_map(switch).collect()
    }
}
