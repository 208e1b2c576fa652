//! Which risks are infinite, decided with exact numbers.

use super::{Risk, Which};
use crate::divergence::Divergence;
use crate::exact::Exact;
use crate::law::Law;
use crate::line::{Side, Tail};
use crate::model::Model;

/// How a law and a model grow at both ends of the line.
#[derive(Clone, Debug)]
pub(crate) struct Growth {
    law: [Vec<Tail>; 2],
    model: [Vec<Tail>; 2],
    /// Whether some class is impossible under the model.
    excludes: bool,
}

const SIDES: [Side; 2] = [Side::Left, Side::Right];

impl Growth {
    pub fn new(law: &Law, model: &Model) -> Self {
        Self {
            law: SIDES.map(|side| law.tail(side)),
            model: SIDES.map(|side| model.tail(side)),
            excludes: model.excludes_a_class(),
        }
    }

    /// Whether a risk is infinite: some class that the data has is impossible under the second argument, or a chi-squared
    /// divergence outgrows the tails of the density.
    pub fn is_infinite(&self, risk: Risk, divergence: Divergence, epsilon: &Exact) -> bool {
        let excludes = self.excludes && risk.second() == Which::Model;
        match divergence {
            Divergence::Kl => excludes,
            Divergence::ChiSquared => excludes || self.chi_squared_grows(risk, epsilon),
            _ => false,
        }
    }

    /// Whether `p_d(x) a_k^2 / b_k` fails to decay for some class k, side and point `x + shift` of the window. Its exponent is linear in
    /// the shift, so that the ends of the window decide.
    fn chi_squared_grows(&self, risk: Risk, epsilon: &Exact) -> bool {
        let shifts = match risk {
            Risk::Standard => vec![Exact::integer(0)],
            _ => vec![-epsilon, epsilon.clone()],
        };
        SIDES.into_iter().zip(self.law.iter().zip(&self.model)).any(|(side, (law, model))| {
            let second = if risk.second() == Which::Data { law } else { model };
            shifts.iter().any(|shift| {
                let shifted = |tails: &[Tail]| tails.iter().map(|t| t.shifted(shift)).collect();
                let first: Vec<Tail> = if risk == Risk::Score { shifted(law) } else { law.clone() };
                let second: Vec<Tail> = shifted(second);
                let density = Tail::largest(law, side);
                let (all_first, all_second) =
                    (Tail::largest(&first, side), Tail::largest(&second, side));
                first.iter().zip(&second).any(|(a, b)| {
                    let exponent = density.plus(2, a).plus(-2, &all_first);
                    exponent.plus(-1, b).plus(1, &all_second).stays(side)
                })
            })
        })
    }
}
