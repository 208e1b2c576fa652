//! Attacks: the maximum over a ball, approached by projected gradient ascent.

use std::borrow::Borrow;
use std::fmt;

use tch::{Device, Kind, Tensor, no_grad, with_grad};

use super::compute::upload;
use super::network::{BatchNorm, Network};
use crate::error::Error;
use crate::exact::Exact;
use crate::perturbation::{Ball, Norm};

/// What keeps a division by a vanishing norm finite.
const TINY: f64 = 1e-12;

/// Where an attack starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// At the image.
    Image,
    /// Uniformly in the ball, then cut to `[0, 1]`.
    Uniform,
    /// At the image and normal noise of this standard deviation on every pixel, which is not cut before the first step: TRADES starts so,
    /// with 0.001, because its gradient vanishes at the image itself.
    Normal(Exact),
}

/// Projected gradient ascent: `x' <- P(x' + step d)` with d the sign of the gradient for `linf` and the gradient over its norm for `l2`, example
/// by example, and P the projection to the ball and then to `[0, 1]`.
///
/// The gradient is that with respect to the images alone. Random numbers come from the generator for the CPU, whatever the device.
#[derive(Clone, Debug, PartialEq)]
pub struct Attack {
    ball: Ball,
    start: Start,
    step: Exact,
    steps: u32,
    restarts: u32,
    batch_norm: BatchNorm,
}

/// A norm in which a step goes up the gradient.
pub(super) fn attackable(norm: Norm) -> Result<Norm, Error> {
    if norm == Norm::L1 {
        let allowed = [Norm::Linf, Norm::L2].map(Norm::name);
        return Err(crate::names::unknown("norm of an attack", norm.name(), allowed));
    }
    Ok(norm)
}

impl Attack {
    /// The attack with steps of this size in the ball. One restart is one run; of several each example keeps the best.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a norm other than linf and l2, [`Error::NotPositive`] for a step that is not, [`Error::Negative`] for a
    /// deviation that is, [`Error::Empty`] without steps or restarts.
    pub fn new(
        ball: Ball,
        start: Start,
        step: Exact,
        steps: u32,
        restarts: u32,
        batch_norm: BatchNorm,
    ) -> Result<Self, Error> {
        attackable(ball.norm())?;
        if !step.is_positive() {
            return Err(Error::NotPositive { what: "step", found: step });
        }
        match &start {
            Start::Normal(deviation) if deviation.is_negative() => {
                return Err(Error::Negative { what: "deviation", found: deviation.clone() });
            }
            _ => {}
        }
        for (what, count) in [("steps of an attack", steps), ("restarts of an attack", restarts)] {
            if count == 0 {
                return Err(Error::Empty { what });
            }
        }
        Ok(Self { ball, start, step, steps, restarts, batch_norm })
    }

    /// The ball.
    #[must_use]
    pub fn ball(&self) -> &Ball {
        &self.ball
    }

    /// Where it starts.
    #[must_use]
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// The size of a step.
    #[must_use]
    pub fn step(&self) -> &Exact {
        &self.step
    }

    /// How many steps it takes.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// How often it runs.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.restarts
    }

    /// What the network's batch normalisation does meanwhile.
    #[must_use]
    pub fn batch_norm(&self) -> BatchNorm {
        self.batch_norm
    }

    /// Images of the ball around `images` at which `value` is large: `value` takes logits `[N, K]` to what is maximised, `[N]`.
    ///
    /// It starts from what [`draw`](Self::draw) has drawn: nothing here is random, and nothing comes from the host.
    ///
    /// # Errors
    /// [`Error::Batch`] for images of another shape or type, [`Error::Torch`], and what `value` returns.
    pub fn run<T: Borrow<Tensor>>(
        &self,
        network: &Network,
        images: &Tensor,
        drawn: &[T],
        value: impl Fn(&Tensor) -> Result<Tensor, Error>,
    ) -> Result<Tensor, Error> {
        let _frozen = network.frozen()?;
        self.climb(images, drawn, |images| value(&network.logits(images, self.batch_norm)?))
    }

    /// The same where `value` takes images to what is maximised, `[N]`.
    ///
    /// # Errors
    /// [`Error::Torch`], and what `value` returns.
    pub fn climb<T: Borrow<Tensor>>(
        &self,
        images: &Tensor,
        drawn: &[T],
        value: impl Fn(&Tensor) -> Result<Tensor, Error>,
    ) -> Result<Tensor, Error> {
        let images = &images.f_detach()?;
        let mut best: Option<(Tensor, Tensor)> = None;
        for restart in 0..self.restarts {
            let moved = drawn.get(restart as usize).map(T::borrow);
            let attacked = self.once(self.first(images, moved)?, images, &value)?;
            if self.restarts == 1 {
                return Ok(attacked);
            }
            let reached = no_grad(|| value(&attacked))?;
            best = Some(match best {
                None => (attacked, reached),
                Some((best, most)) => {
                    let better = reached.f_gt_tensor(&most)?;
                    let rows = better.f_view([-1, 1, 1, 1])?;
                    (attacked.f_where_self(&rows, &best)?, reached.f_where_self(&better, &most)?)
                }
            });
        }
        best.map(|(attacked, _)| attacked).ok_or(Error::Empty { what: "restarts of an attack" })
    }

    fn once(
        &self,
        mut attacked: Tensor,
        images: &Tensor,
        value: impl Fn(&Tensor) -> Result<Tensor, Error>,
    ) -> Result<Tensor, Error> {
        for _ in 0..self.steps {
            attacked = attacked.f_set_requires_grad(true)?;
            let reached = with_grad(|| Ok::<_, Error>(value(&attacked)?.f_sum(None)?))?;
            let gradient =
                Tensor::f_run_backward(&[reached], &[&attacked], false, false)?.remove(0);
            attacked = no_grad(|| self.step_along(images, &attacked, &gradient))?;
        }
        Ok(attacked)
    }

    /// For each restart, how far from the images it starts, from libtorch's generator; nothing for an attack that starts there.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn draw(&self, images: &Tensor) -> Result<Vec<Tensor>, Error> {
        if self.start == Start::Image {
            return Ok(vec![]);
        }
        (0..self.restarts).map(|_| Ok(upload(&self.noise(images)?, images.device())?)).collect()
    }

    fn noise(&self, images: &Tensor) -> Result<Tensor, Error> {
        let radius = self.ball.epsilon().to_f64();
        let shape = images.size();
        let on_cpu = (Kind::Float, Device::Cpu);
        Ok(match (&self.start, self.ball.norm()) {
            (Start::Image, _) => Tensor::f_zeros(shape.as_slice(), on_cpu)?,
            (Start::Normal(deviation), _) => {
                Tensor::f_randn(shape.as_slice(), on_cpu)?.f_mul_scalar(deviation.to_f64())?
            }
            (Start::Uniform, Norm::Linf) => {
                Tensor::f_empty(shape.as_slice(), on_cpu)?.f_uniform_(-radius, radius)?
            }
            (Start::Uniform, _) => {
                let pixels: i64 = shape[1..].iter().product();
                let direction = Tensor::f_randn(shape.as_slice(), on_cpu)?;
                let length = Tensor::f_rand([shape[0], 1, 1, 1], on_cpu)?
                    .f_pow_tensor_scalar(
                        1.0 / f64::from(u32::try_from(pixels).unwrap_or(u32::MAX)),
                    )?
                    .f_mul_scalar(radius)?;
                direction.f_div(&norms(&direction)?)?.f_mul(&length)?
            }
        })
    }

    /// Where it starts.
    fn first(&self, images: &Tensor, noise: Option<&Tensor>) -> Result<Tensor, Error> {
        let Some(noise) = noise else { return Ok(images.f_detach()?) };
        let moved = images.f_add(noise)?;
        Ok(match self.start {
            Start::Uniform => moved.f_clamp(0.0, 1.0)?,
            Start::Image | Start::Normal(_) => moved,
        })
    }

    fn step_along(
        &self,
        images: &Tensor,
        attacked: &Tensor,
        gradient: &Tensor,
    ) -> Result<Tensor, Error> {
        let (radius, step) = (self.ball.epsilon().to_f64(), self.step.to_f64());
        let attacked = attacked.f_detach()?;
        let projected = if self.ball.norm() == Norm::Linf {
            let moved = attacked.f_add(&gradient.f_sign()?.f_mul_scalar(step)?)?;
            let (least, most) = (images.f_sub_scalar(radius)?, images.f_add_scalar(radius)?);
            moved.f_clamp_tensor(Some(&least), Some(&most))?
        } else {
            let direction = gradient.f_div(&norms(gradient)?)?;
            let moved = attacked.f_add(&direction.f_mul_scalar(step)?)?.f_sub(images)?;
            let factor = norms(&moved)?.f_reciprocal()?.f_mul_scalar(radius)?.f_clamp_max(1.0)?;
            images.f_add(&moved.f_mul(&factor)?)?
        };
        Ok(projected.f_clamp(0.0, 1.0)?)
    }
}

/// The l2 norm of each example, at least [`TINY`], as `[N, 1, 1, 1]`.
fn norms(x: &Tensor) -> Result<Tensor, Error> {
    Ok(x.f_square()?
        .f_sum_dim_intlist([1_i64, 2, 3].as_slice(), true, None)?
        .f_sqrt()?
        .f_clamp_min(TINY)?)
}

/// `10 steps of 2/255 in the linf ball of radius 8/255 from a uniform start`.
impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { ball, step, steps, restarts, .. } = self;
        write!(
            f,
            "{steps} steps of {step} in the {} ball of radius {}",
            ball.norm(),
            ball.epsilon()
        )?;
        match &self.start {
            Start::Image => write!(f, " from x")?,
            Start::Uniform => write!(f, " from a uniform start")?,
            Start::Normal(deviation) => write!(f, " from x + {deviation} N(0, 1)")?,
        }
        if *restarts > 1 { write!(f, ", the best of {restarts}") } else { Ok(()) }
    }
}
