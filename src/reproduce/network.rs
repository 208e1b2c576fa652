//! The slides' network: tanh, 1-100-100-2, with its gradient by backpropagation.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::error::Error;
use crate::exact::Exact;
use crate::model::{Activation, Layer, Mlp};

/// The widths of the layers.
const WIDTHS: [usize; 4] = [1, 100, 100, 2];

/// The parameters of the network in one row: layer by layer the weights by rows, then the bias.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    parameters: Vec<f64>,
}

/// What a pass forward keeps for the pass backward: the inputs of each layer, a row for each x.
#[derive(Debug)]
pub struct Pass {
    inputs: Vec<Array2<f64>>,
    /// `h_0 - h_1` for each x: the log odds of class 0.
    pub log_odds: Vec<f64>,
}

impl Network {
    /// The network with these parameters.
    pub fn new(parameters: Vec<f64>) -> Self {
        Self { parameters }
    }

    /// Weights and biases uniform in `[-1/sqrt(in), 1/sqrt(in)]`, which is what the paper's framework does; the same for a seed.
    pub fn random(seed: u64) -> Self {
        let mut state = seed;
        let mut parameters = Vec::new();
        for (inputs, outputs) in layers() {
            let bound = (inputs as f64).sqrt().recip();
            let count = outputs * (inputs + 1);
            parameters.extend((0..count).map(|_| bound * (2.0 * uniform(&mut state) - 1.0)));
        }
        Self { parameters }
    }

    /// The parameters.
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    fn layer(&self, n: usize) -> (ArrayView2<'_, f64>, ArrayView1<'_, f64>) {
        let (from, inputs, outputs) = place(n);
        let middle = from + inputs * outputs;
        let weights = &self.parameters[from..middle];
        let bias = &self.parameters[middle..middle + outputs];
        let weights = ArrayView2::from_shape((outputs, inputs), weights);
        (weights.expect("the shape that was cut out"), bias.into())
    }

    /// The log odds at several points.
    pub fn forward(&self, x: &[f64]) -> Pass {
        let mut h = Array1::from(x.to_vec()).insert_axis(Axis(1));
        let mut inputs = Vec::new();
        for n in 0..WIDTHS.len() - 1 {
            let (weights, bias) = self.layer(n);
            let mut next = h.dot(&weights.t());
            next += &bias;
            if n + 2 < WIDTHS.len() {
                next.mapv_inplace(f64::tanh);
            }
            inputs.push(std::mem::replace(&mut h, next));
        }
        let log_odds = h.rows().into_iter().map(|row| row[0] - row[1]).collect();
        Pass { inputs, log_odds }
    }

    /// The gradient by the parameters of `sum_x slopes_x (h_0 - h_1)(x)`.
    pub fn backward(&self, pass: &Pass, slopes: &[f64]) -> Vec<f64> {
        let mut gradient = vec![0.0; self.parameters.len()];
        let signed = |(x, k): (usize, usize)| if k == 0 { slopes[x] } else { -slopes[x] };
        let mut above = Array2::from_shape_fn((slopes.len(), 2), signed);
        for n in (0..WIDTHS.len() - 1).rev() {
            let (from, inputs, outputs) = place(n);
            let input = &pass.inputs[n];
            let weights = above.t().dot(input);
            let middle = from + inputs * outputs;
            for (slot, value) in gradient[from..middle].iter_mut().zip(weights.iter()) {
                *slot = *value;
            }
            let bias = above.sum_axis(Axis(0));
            gradient[middle..middle + outputs]
                .copy_from_slice(bias.as_slice().expect("a fresh row"));
            if n > 0 {
                let mut below = above.dot(&self.layer(n).0);
                below.zip_mut_with(input, |slope, h| *slope *= 1.0 - h * h);
                above = below;
            }
        }
        gradient
    }

    /// The network as a model of the workbench, number by number.
    ///
    /// # Errors
    /// [`Error::NotFinite`] where training has diverged.
    pub fn model(&self) -> Result<Mlp, Error> {
        let exact = |&x: &f64| Exact::from_f64(x).ok_or(Error::NotFinite { found: x });
        let layers = (0..WIDTHS.len() - 1).map(|n| {
            let (weights, bias) = self.layer(n);
            let row = |row: ArrayView1<f64>| row.iter().map(exact).collect::<Result<_, Error>>();
            let rows = weights.rows().into_iter().map(row).collect::<Result<_, Error>>()?;
            Layer::new(rows, bias.iter().map(exact).collect::<Result<_, Error>>()?)
        });
        Mlp::new(Activation::Tanh, layers.collect::<Result<_, Error>>()?)
    }
}

fn layers() -> impl Iterator<Item = (usize, usize)> {
    WIDTHS.windows(2).map(|pair| (pair[0], pair[1]))
}

/// Where the parameters of layer `n` begin, its inputs and its outputs.
fn place(n: usize) -> (usize, usize, usize) {
    let from = layers().take(n).map(|(inputs, outputs)| outputs * (inputs + 1)).sum();
    (from, WIDTHS[n], WIDTHS[n + 1])
}

/// The next uniform number in [0, 1) of the generator `SplitMix64` (Steele, Lea and Flood 2014): six lines that give the same numbers on every
/// machine and in every version, which no generator of a library promises for its default.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z >> 11) as f64 / 2f64.powi(53)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    #[test]
    fn the_network_is_the_workbenchs_own() {
        let network = Network::random(7);
        let line = Model::Mlp(network.model().unwrap()).line(&0.0).unwrap();
        let x = [-4.0, -0.3, 0.0, 1.7];
        for (x, found) in x.iter().zip(network.forward(&x).log_odds) {
            let logits = line.logits(x);
            let expected = logits.entries()[0] - logits.entries()[1];
            assert!((found - expected).abs() < 1e-13, "{found} {expected}");
        }
    }

    #[test]
    fn the_gradient_agrees_with_differences() {
        let network = Network::random(3);
        let (x, slopes) = ([-2.0, 0.4, 1.1], [0.3, -1.2, 0.7]);
        let value = |network: &Network| -> f64 {
            network.forward(&x).log_odds.iter().zip(slopes).map(|(h, s)| h * s).sum()
        };
        let gradient = network.backward(&network.forward(&x), &slopes);
        for i in [0, 57, 150, 210, 5_000, 10_250, 10_299, 10_300, 10_450, 10_500, 10_501] {
            let moved = |by: f64| {
                let mut parameters = network.parameters.clone();
                parameters[i] += by;
                value(&Network { parameters })
            };
            let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((gradient[i] - difference).abs() < 1e-8, "{i}: {} {difference}", gradient[i]);
        }
        assert_eq!(gradient.len(), 10_502);
    }
}
