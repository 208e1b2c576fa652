use score_workbench::{law::*, model::*, exact::Exact, risk::*, divergence::Divergence};
use std::time::Instant;
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let normal = |mean, variance| Component::new(Exact::integer(1), vec![Exact::integer(mean)], Covariance::Isotropic(Exact::integer(variance)));
    let toy = Law::GaussianMixture(GaussianMixture::new(vec![
        Class::new("5/6".parse()?, vec![normal(-1, 4)?])?,
        Class::new("1/6".parse()?, vec![normal(1, 1)?])?,
    ])?);
    let model = Model::Linear(Linear::new(vec![vec![Exact::integer(-1)], vec![Exact::integer(0)]], vec![Exact::integer(1), Exact::integer(0)])?);
    let line = Line::new(&toy, &model)?;
    let want = [(Risk::Standard, Divergence::L1, 0.207999591005560691426400417648478228567450510),
    (Risk::Standard, Divergence::Kl, 0.0952048640546570101797555858282501570018808632),
    (Risk::Score, Divergence::L1, 0.380776156641295512924698216890170485216763010),
    (Risk::Score, Divergence::Kl, 0.266354033846580063468176320175175351450733739)];
    for (r, d, w) in want {
        let e = line.risk(r, d, 1.0)?;
        println!("{r} {d} {:?} err {:e} rel {:e}", e, e.value - w, (e.value-w)/w);
        println!("{:?}", line.integrand(r, d, 1.0).pieces());
    }
    for d in Divergence::ALL { for r in Risk::ALL {
        let t = Instant::now(); let n = 1;
        let mut e = line.risk(r, d, 1.0);
        for _ in 1..n { e = line.risk(r, d, 1.0); }
        println!("{d:16} {r:10} {:?} {:?}", e, t.elapsed()/n);
    }}
    let t = Instant::now(); for _ in 0..1000 { std::hint::black_box(Line::new(&toy,&model)?); } println!("new {:?}", t.elapsed()/1000);
    Ok(())
}
