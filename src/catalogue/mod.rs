//! Placeholder until the catalogue lands.
use crate::error::Error;
use crate::exact::Exact;
use crate::law::*;
use crate::model::*;
pub fn law(_name: &str) -> Result<Law, Error> {
    let normal = |mean, variance| {
        Component::new(
            Exact::integer(1),
            vec![Exact::integer(mean)],
            Covariance::Isotropic(Exact::integer(variance)),
        )
    };
    Ok(Law::GaussianMixture(GaussianMixture::new(vec![
        Class::new("5/6".parse()?, vec![normal(-1, 4)?])?,
        Class::new("1/6".parse()?, vec![normal(1, 1)?])?,
    ])?))
}
pub fn model(_name: &str) -> Result<Model, Error> {
    Ok(Model::Linear(Linear::new(
        vec![vec![Exact::integer(-1)], vec![Exact::integer(0)]],
        vec![Exact::integer(1), Exact::integer(0)],
    )?))
}
