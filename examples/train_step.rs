//! Times steps of training: the project's rows in the table of `make train-peers`. Prints seconds, one step a line.
//!
//! ```text
//! cargo run --release --features train --example train_step -- wrn-10-1 "trades(squared-error, squared-error, 4)" 64 5
//! ```
//!
//! A step is ten steps of attack in the linf ball of radius 8/255, the loss, its gradient and plain gradient descent, on random images and
//! one thread.

#[cfg(feature = "train")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::time::Instant;

    use score_workbench::perturbation::{Ball, Norm};
    use score_workbench::train::{
        Architecture, Attack, BatchNorm, Loss, Network, Normalisation, Start,
    };
    use tch::{Device, Kind, Tensor, no_grad};

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let default =
        ["small-cnn", "trades(squared-error, squared-error, 4)", "16", "2"].map(String::from);
    let [network, objective, batch, steps] = if arguments.is_empty() {
        default
    } else {
        arguments.try_into().map_err(|_| "give network, objective, batch and steps")?
    };

    tch::set_num_threads(1);
    let architecture: Architecture = network.parse()?;
    let [channels, height, width] = architecture.input();
    let normalisation = Normalisation::none(usize::try_from(channels)?);
    let network = Network::new(architecture, 10, &normalisation, Device::Cpu)?;
    let ball = Ball::new(Norm::Linf, "8/255".parse()?)?;
    let attack = Attack::new(ball, Start::Uniform, "2/255".parse()?, 10, 1, BatchNorm::Batch)?;
    let loss = Loss::new(objective.parse()?, Some(attack), None)?;
    let batch: i64 = batch.parse()?;
    let images = Tensor::rand([batch, channels, height, width], (Kind::Float, Device::Cpu));
    let labels = Tensor::arange(batch, (Kind::Int64, Device::Cpu)).remainder(10);

    let steps: usize = steps.parse()?;
    for step in 0..=steps {
        let start = Instant::now();
        network.zero_gradients();
        loss.backward(&network, &images, &labels, BatchNorm::Track { momentum: 0.01 })?;
        for named in network.parameters() {
            let mut weight = named.tensor().shallow_clone();
            let _ = no_grad(|| weight.f_sub_(&weight.grad().f_mul_scalar(0.1)?))?;
        }
        // The first step warms up.
        if step > 0 {
            println!("{}", start.elapsed().as_secs_f64());
        }
    }
    Ok(())
}

#[cfg(not(feature = "train"))]
fn main() {
    println!("steps of training need the feature `train`");
}
