//! Times steps of training: the project's rows in the tables of `make train-peers` and `make train-peers-gpu`.
//!
//! ```text
//! cargo run --release --features train --example train_step -- wrn-10-1 "trades(squared-error, squared-error, 4)" 64 5
//! ```
//!
//! A step is ten steps of attack in the linf ball of radius 8/255, the loss, its gradient, gradient descent with Nesterov's momentum, and the average
//! of the weights. All of it depends on the seed alone, and is the same in PyTorch. Prints JSON: where it ran, seconds for all steps after the
//! first ones that warm up, and the loss of every step.

#[cfg(feature = "train")]
mod timed {
    use std::error::Error;
    use std::time::Instant;

    use clap::Parser;
    use score_workbench::perturbation::{Ball, Norm};
    use score_workbench::train::average::{Average, Rule};
    use score_workbench::train::compute::{Compute, Layout, Precision, device};
    use score_workbench::train::optimiser::{Optimiser, Sgd};
    use score_workbench::train::recorder::Recorder;
    use score_workbench::train::{
        Architecture, Attack, BatchNorm, Loss, Network, Normalisation, Start,
    };
    use tch::{Cuda, Device, Kind, Tensor};

    /// Times steps of training
    #[derive(Parser)]
    struct Arguments {
        #[arg(default_value = "small-cnn")]
        network: Architecture,
        #[arg(default_value = "trades(squared-error, squared-error, 4)")]
        objective: String,
        /// Images in a step
        #[arg(default_value_t = 16)]
        batch: i64,
        /// Steps that are timed
        #[arg(default_value_t = 2)]
        steps: usize,
        /// Steps before these; the attack is recorded in the fourth
        #[arg(long, default_value_t = 1)]
        warmup: usize,
        #[arg(long, default_value_t)]
        precision: Precision,
        /// The device's own unless said
        #[arg(long)]
        layout: Option<Layout>,
        /// Call the attack's operations one by one on a GPU too
        #[arg(long)]
        no_graph: bool,
        /// Stay on the CPU where there is a GPU
        #[arg(long)]
        cpu: bool,
        #[arg(long, default_value_t = 1)]
        threads: i32,
    }

    pub fn main() -> Result<(), Box<dyn Error>> {
        let device = device();
        let arguments = Arguments::parse();
        let device = if arguments.cpu { Device::Cpu } else { device };
        tch::set_num_threads(arguments.threads);
        let Arguments { precision, layout, .. } = arguments;
        Compute { precision, layout, ..Compute::default() }.prepare(device)?;

        tch::manual_seed(3);
        let [channels, height, width] = arguments.network.input();
        let normalisation =
            if channels == 3 { Normalisation::cifar_10() } else { Normalisation::none(1) };
        let mut network = Network::new(arguments.network, 10, &normalisation, device)?;
        network.set_precision(precision);
        network.set_layout(layout.unwrap_or(Layout::of(device)))?;
        let batch = arguments.batch;
        let images = Tensor::rand([batch, channels, height, width], (Kind::Float, Device::Cpu));
        let images = images.to_device(device);
        let labels = Tensor::arange(batch, (Kind::Int64, device)).remainder(10);

        let ball = Ball::new(Norm::Linf, "8/255".parse()?)?;
        let attack = Attack::new(ball, Start::Uniform, "2/255".parse()?, 10, 1, BatchNorm::Batch)?;
        let loss = Loss::new(arguments.objective.parse()?, Some(attack), None)?;
        let parameters = || -> Vec<(String, Tensor)> {
            let own = network.parameters();
            own.map(|named| (named.name().to_owned(), named.tensor().shallow_clone())).collect()
        };
        let sgd = Sgd { lr: 0.02, momentum: 0.9, nesterov: true, decay: 5e-4, clip: None };
        let mut optimiser = Optimiser::new(sgd, parameters(), &[])?;
        let mut average = Average::new(Rule { decay: 0.995, warmup: 0.0 }, &parameters())?;
        let mut recorder = if arguments.no_graph { Recorder::off() } else { Recorder::new() };

        let wait = || {
            if device.is_cuda() {
                Cuda::synchronize(0);
            }
        };
        let (mut began, mut losses) = (Instant::now(), vec![]);
        for step in 1..=arguments.warmup + arguments.steps {
            network.zero_gradients();
            let drawn = loss.draw(&images)?;
            let attacked = loss.attacked_by(&mut recorder, &network, &images, &labels, &drawn)?;
            let track = BatchNorm::Track { momentum: 0.01 };
            let value = loss.backward_from(&network, &images, attacked.as_ref(), &labels, track)?;
            optimiser.step([sgd.lr, sgd.momentum])?;
            average.update(&parameters(), step)?;
            losses.push(value.total);
            if step == arguments.warmup {
                wait();
                began = Instant::now();
            }
        }
        wait();
        let seconds = began.elapsed().as_secs_f64();
        if let Some(note) = recorder.note() {
            eprintln!("note: {note}");
        }
        let losses: Vec<f64> = losses.iter().map(|loss| loss.double_value(&[])).collect();
        println!("{{\"device\": \"{device:?}\", \"seconds\": {seconds}, \"losses\": {losses:?}}}");
        Ok(())
    }
}

#[cfg(feature = "train")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    timed::main()
}

#[cfg(not(feature = "train"))]
fn main() {
    println!("steps of training need the feature `train`");
}
