//! A law and a model of one's own: built in code, written as the TOML files that the command line reads, read back, and every claim
//! checked on them.

use score_workbench::claims::{CLAIMS, Problem};
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{Activation, Layer, Mlp, Model};
use score_workbench::perturbation::{Ball, Norm};

fn numbers(texts: &[&str]) -> Result<Vec<Exact>, Error> {
    texts.iter().map(|text| text.parse()).collect()
}

/// A component of a class on the line; "2/3" stays 2/3.
fn normal(weight: &str, mean: &str, variance: &str) -> Result<Component, Error> {
    Component::new(weight.parse()?, numbers(&[mean])?, Covariance::Isotropic(variance.parse()?))
}

/// A class on both sides of the other one.
fn law() -> Result<Law, Error> {
    let outer = vec![normal("2/3", "-3", "1")?, normal("1/3", "3", "0.5")?];
    let classes = vec![
        Class::new("0.6".parse()?, outer)?,
        Class::new("0.4".parse()?, vec![normal("1", "0", "1")?])?,
    ];
    Ok(Law::GaussianMixture(GaussianMixture::new(classes)?))
}

/// A network of two units, one for each side.
fn model() -> Result<Model, Error> {
    let hidden = vec![numbers(&["-2"])?, numbers(&["2"])?];
    let hidden = Layer::new(hidden, numbers(&["-3", "-3"])?)?;
    let logits = vec![numbers(&["1.5", "1.5"])?, numbers(&["0", "0"])?];
    let logits = Layer::new(logits, numbers(&["-1", "0"])?)?;
    Ok(Model::Mlp(Mlp::new(Activation::Softplus, vec![hidden, logits])?))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (law, model) = (law()?, model()?);
    let (law_text, model_text) = (law.to_toml(), model.to_toml());
    println!("law.toml\n\n{law_text}\nmodel.toml\n\n{model_text}");
    assert_eq!(Law::from_toml(&law_text, "law.toml")?, law);
    assert_eq!(Model::from_toml(&model_text, "model.toml")?, model);

    let problem = Problem::new(("law.toml", &law), ("model.toml", &model), Norm::Linf)?;
    let ball = Ball::new(Norm::Linf, "1/2".parse()?)?;
    for divergence in [Divergence::L1, Divergence::Kl] {
        println!("{divergence}, eps = {}", ball.epsilon());
        for claim in CLAIMS {
            let check = claim.check(&problem.instance(divergence, ball.clone()))?;
            let slack = check.slack.map_or(String::new(), |slack| format!("{:.3e}", slack.value()));
            println!(
                "  {:18} {:15} {slack:>10}  {}",
                claim.name,
                check.verdict,
                check.note.unwrap_or_default()
            );
        }
    }
    Ok(())
}
