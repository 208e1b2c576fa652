//! The figures: which table is drawn how.

use super::data::{self, Integrands, Table};
use super::plot::{
    BLUE, CLASSES, Figure, GREEN, INK, Ink, Key, MUTED, Mark, ORANGE, PURPLE, Panel, SKY, Stroke,
    VERMILLION,
};
use crate::divergence::Divergence;
use crate::risk::Risk;
use crate::score_matching::Method;

/// How a risk is drawn, everywhere.
pub(super) fn risk_ink(risk: Risk) -> Ink {
    match risk {
        Risk::Standard => MUTED,
        Risk::Madry => VERMILLION,
        Risk::Score => BLUE,
        Risk::Variation => GREEN,
    }
}

fn pairs(x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
    x.iter().copied().zip(y.iter().copied()).collect()
}

fn band(x: &[f64], low: &[f64], high: &[f64]) -> Vec<(f64, f64, f64)> {
    x.iter().zip(low).zip(high).map(|((x, low), high)| (*x, *low, *high)).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max)
}

fn ends(x: &[f64]) -> (f64, f64) {
    (x.first().copied().unwrap_or(0.0), x.last().copied().unwrap_or(1.0))
}

/// The input density at the bottom of a panel: its shape, scaled to a share of the height.
fn density(table: &Table, height: f64) -> Mark {
    let (x, density) = (table.column("x"), table.column(data::DENSITY));
    let scale = height / largest(&density).max(f64::MIN_POSITIVE);
    let high: Vec<f64> = density.iter().map(|v| v * scale).collect();
    Mark::Band(band(&x, &vec![0.0; x.len()], &high), MUTED, 0.16)
}

fn density_key() -> Key {
    Key::Area("p_d(x)".into(), MUTED, 0.16)
}

/// The posterior and the model: class 0 where there are two classes, else all.
pub fn curves(name: &str, table: &Table, classes: usize) -> Figure {
    let x = table.column("x");
    let mut marks = vec![density(table, 0.3)];
    let mut keys = vec![];
    let shown = if classes == 2 { 1 } else { classes };
    for k in 0..shown {
        // With two classes the pair is the data against the model; with more a colour is a class.
        let own = CLASSES[k % CLASSES.len()];
        let other = if classes == 2 { VERMILLION } else { own };
        marks.push(Mark::Line(pairs(&x, &table.column(&data::posterior(k))), own, Stroke::Solid));
        marks.push(Mark::Line(pairs(&x, &table.column(&data::model(k))), other, Stroke::Dashed));
        let [p, q] = [data::posterior(k), data::model(k)];
        if classes == 2 {
            keys.push(Key::Line(format!("data, {p}"), own, Stroke::Solid));
            keys.push(Key::Line(format!("model, {q}"), other, Stroke::Dashed));
        } else {
            keys.push(Key::Line(format!("y={k}"), own, Stroke::Solid));
        }
    }
    if classes > 2 {
        keys.push(Key::Line("data, p_d(y|x)".into(), INK, Stroke::Solid));
        keys.push(Key::Line("model, p_theta(y|x)".into(), INK, Stroke::Dashed));
    }
    keys.push(density_key());
    let panel = Panel {
        title: String::new(),
        x_label: "x".into(),
        y_label: "probability".into(),
        x: ends(&x),
        y: (0.0, 1.02),
        y_names: vec![],
        height: 320,
        marks,
    };
    Figure {
        description: format!(
            "{name}: the probabilities of the classes under the data and the model, against x"
        ),
        keys,
        rows: vec![vec![panel]],
    }
}

/// The law's posterior, which minimises SCORE's risk, and the model that minimises Madry's; class 0 of two.
pub fn optimum(name: &str, table: &Table, divergence: Divergence, epsilon: f64) -> Figure {
    let Figure { keys, rows, .. } = curves(name, table, 2);
    let renamed = |key: Key| match key {
        Key::Line(_, ink, Stroke::Solid) => {
            Key::Line("p_d(y=0|x), smallest R_SCORE: 0".into(), ink, Stroke::Solid)
        }
        Key::Line(_, ink, stroke) => {
            Key::Line("smallest R_Madry, p_theta(y=0|x)".into(), ink, stroke)
        }
        area @ Key::Area(..) => area,
    };
    Figure {
        description: format!(
            "{name}: the probability of class 0 under the data and under the model with the smallest Madry risk for {divergence} at epsilon \
             {epsilon}, against x"
        ),
        keys: keys.into_iter().map(renamed).collect(),
        rows,
    }
}

/// The unit of a divergence on an axis.
fn unit(divergence: Divergence) -> &'static str {
    match divergence {
        Divergence::Kl | Divergence::ReverseKl => " (nats)",
        Divergence::JensenShannon => " (root nats)",
        _ => "",
    }
}

/// The highest value worth the height of a panel: what the curves reach in the middle of the mass, with room; a curve that only
/// grows far out is cut.
fn top(table: &Table, columns: &[Vec<f64>]) -> f64 {
    let density = table.column(data::DENSITY);
    let high = largest(&density);
    let all = columns.iter().map(|column| largest(column)).fold(0.0, f64::max);
    let middle = columns.iter().map(|column| {
        let near = column.iter().zip(&density).filter(|(_, d)| **d > 0.1 * high);
        largest(&near.map(|(v, _)| *v).collect::<Vec<_>>())
    });
    let middle = middle.fold(0.0, f64::max);
    let top = if middle > 0.0 { all.min(1.4 * middle) } else { all };
    if top > 0.0 { 1.08 * top } else { 1.0 }
}

/// The integrands and their sliding maxima, with the pieces.
pub fn integrands(name: &str, data: &Integrands, divergence: Divergence, epsilon: f64) -> Figure {
    let Integrands { values, score, madry } = data;
    let x = values.column("x");
    let drawn = [Risk::Standard, Risk::Madry, Risk::Score];
    let columns = drawn.map(|risk| values.column(risk.name()));
    let height = top(values, &columns);
    let mut marks = vec![density(values, 0.25 * height)];
    for (table, risk) in [(madry, Risk::Madry), (score, Risk::Score)] {
        let inner = table.column("from");
        marks.extend(inner.into_iter().skip(1).map(|at| Mark::Rule(at, risk_ink(risk))));
    }
    for (risk, column) in drawn.into_iter().zip(&columns) {
        marks.push(Mark::Line(pairs(&x, column), risk_ink(risk), Stroke::Solid));
    }
    let mut keys = vec![
        Key::Line("D(P(x), Q(x))".into(), risk_ink(Risk::Standard), Stroke::Solid),
        Key::Line("Madry: sup D(P(x), Q(u))".into(), risk_ink(Risk::Madry), Stroke::Solid),
        Key::Line("SCORE: sup D(P(u), Q(u))".into(), risk_ink(Risk::Score), Stroke::Solid),
        density_key(),
    ];
    let places = [score, madry].map(|table| table.column("place")).concat();
    for (code, ink, name) in PLACES {
        if places.contains(&code) {
            keys.push(Key::Area(format!("sup {name}"), ink, BLOCK));
        }
    }
    let main = Panel {
        title: format!(
            "D = {divergence}, \u{3b5} = {epsilon}, u in [x \u{2212} \u{3b5}, x + \u{3b5}]"
        ),
        x_label: String::new(),
        y_label: format!("divergence{}", unit(divergence)),
        x: ends(&x),
        y: (0.0, height),
        y_names: vec![],
        height: 300,
        marks,
    };
    let strip = Panel {
        title: String::new(),
        x_label: "x".into(),
        y_label: String::new(),
        x: ends(&x),
        y: (0.0, 2.0),
        y_names: vec![(1.5, "Madry".into()), (0.5, "SCORE".into())],
        height: 96,
        marks: [blocks(madry, 1.0), blocks(score, 0.0)].concat(),
    };
    Figure {
        description: format!(
            "{name}: the integrands of the standard, Madry and SCORE risks for {divergence} at epsilon {epsilon}, against x, \
             and where in the window the maximum is"
        ),
        keys,
        rows: vec![vec![main], vec![strip]],
    }
}

/// A row of blocks: for each piece where in the window the maximum is.
fn blocks(pieces: &Table, low: f64) -> Vec<Mark> {
    let mut merged: Vec<(f64, f64, f64, f64)> = Vec::new();
    for row in pieces.rows() {
        let &[from, to, place, at] = row.as_slice() else { continue };
        match merged.last_mut() {
            Some(last) if last.2 == place && (last.3 == at || at.is_nan()) => last.1 = to,
            _ => merged.push((from, to, place, at)),
        }
    }
    let block = |(from, to, code, at): (f64, f64, f64, f64)| {
        let (_, ink, name) = PLACES.into_iter().find(|place| place.0 == code)?;
        let fixed = || format!("at {at:.3}").replace('-', "\u{2212}");
        let text = if at.is_nan() { name.to_owned() } else { fixed() };
        Some(Mark::Block([from, to, low + 0.08, low + 0.92], ink, text))
    };
    merged.into_iter().filter_map(block).collect()
}

/// How opaque the blocks are.
const BLOCK: f64 = 0.4;
/// The places in the window: the code in the tables, see [`data::place_code`], the colour and the name.
const PLACES: [(f64, Ink, &str); 5] = [
    (-1.0, SKY, "at left end"),
    (0.0, MUTED, "at fixed point"),
    (1.0, ORANGE, "at right end"),
    (2.0, PURPLE, "by search"),
    (3.0, GREEN, "at x itself"),
];

/// The risks against epsilon with Theorem 1's band, a panel for each divergence.
pub fn risks(name: &str, tables: &[(Divergence, &Table)]) -> Figure {
    let panel = |(divergence, table): &(Divergence, &Table)| {
        let epsilon = table.column("eps");
        let (lower, upper) = (table.column(data::LOWER), table.column(data::UPPER));
        let mut marks = vec![Mark::Band(band(&epsilon, &lower, &upper), SKY, 0.25)];
        for edge in [&lower, &upper] {
            marks.push(Mark::Line(pairs(&epsilon, edge), SKY, Stroke::Thin));
        }
        for risk in Risk::ALL {
            let stroke = if risk == Risk::Variation { Stroke::Dashed } else { Stroke::Solid };
            let line = pairs(&epsilon, &table.column(risk.name()));
            marks.push(Mark::Line(line, risk_ink(risk), stroke));
        }
        let standing =
            if divergence.is_metric() { "a metric: the theorem" } else { "no metric: no theorem" };
        let height = largest(&upper);
        Panel {
            title: format!("D = {divergence}, {standing}"),
            x_label: "\u{3b5} (units of x)".into(),
            y_label: format!("risk{}", unit(*divergence)),
            x: ends(&epsilon),
            y: (0.0, if height > 0.0 { 1.05 * height } else { 1.0 }),
            y_names: vec![],
            height: 330,
            marks,
        }
    };
    let key = |risk: Risk| {
        let stroke = if risk == Risk::Variation { Stroke::Dashed } else { Stroke::Solid };
        Key::Line(risk.symbol().to_owned(), risk_ink(risk), stroke)
    };
    let mut keys: Vec<Key> = Risk::ALL.into_iter().map(key).collect();
    keys.push(Key::Area("|R_Madry \u{2212} C| to R_Madry + C".into(), SKY, 0.25));
    let names: Vec<&str> = tables.iter().map(|(divergence, _)| divergence.name()).collect();
    Figure {
        description: format!(
            "{name}: the four risks for {} against epsilon, and the band of Theorem 1 around the SCORE risk",
            names.join(" and ")
        ),
        keys,
        rows: vec![tables.iter().map(panel).collect()],
    }
}

/// The errors of sampled gradients against the size of the data sets, both as powers of ten.
pub fn gradient_errors(name: &str, table: &Table) -> Figure {
    let log =
        |column: &str| -> Vec<f64> { table.column(column).iter().map(|v| v.log10()).collect() };
    let samples = log(data::SAMPLES);
    let (signal, exact) = (log(data::SIGNAL), log(data::EXACT));
    let mut marks = vec![
        Mark::Line(pairs(&samples, &signal), INK, Stroke::Solid),
        Mark::Line(pairs(&samples, &exact), MUTED, Stroke::Solid),
    ];
    let mut keys = vec![
        Key::Line("the squared gradient itself".into(), INK, Stroke::Solid),
        Key::Line("noise of one label, exact score".into(), MUTED, Stroke::Solid),
    ];
    let mut seen = [signal, exact].concat();
    for (method, ink) in Method::ALL.into_iter().zip([BLUE, VERMILLION]) {
        let [error, standard_error, variance, _] = data::gradient_error(method);
        let (errors, off) = (table.column(&error), table.column(&standard_error));
        // Two standard errors; where nothing is left below, the band ends at the curve.
        let edge = |sign: f64| -> Vec<f64> {
            let moved = errors.iter().zip(&off).map(|(e, s)| (e + sign * 2.0 * s, *e));
            moved.map(|(edge, e)| if edge > 0.0 { edge.log10() } else { e.log10() }).collect()
        };
        let (low, high) = (edge(-1.0), edge(1.0));
        let (error, variance) = (log(&error), log(&variance));
        marks.push(Mark::Band(band(&samples, &low, &high), ink, 0.2));
        marks.push(Mark::Line(pairs(&samples, &error), ink, Stroke::Solid));
        marks.push(Mark::Line(pairs(&samples, &variance), ink, Stroke::Dashed));
        keys.push(Key::Line(format!("{method} score matching"), ink, Stroke::Solid));
        keys.push(Key::Line("its variance".into(), ink, Stroke::Dashed));
        seen.extend([low, high, variance].concat());
    }
    seen.retain(|value| value.is_finite());
    let low = seen.iter().copied().fold(f64::INFINITY, f64::min);
    let high = seen.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = if low <= high { (low, high) } else { (-1.0, 1.0) };
    let (first, last) = ends(&samples);
    let panel = Panel {
        title: String::new(),
        x_label: "log10 of the samples in a data set".into(),
        y_label: "log10 of the mean squared error".into(),
        x: if first < last { (first, last) } else { (first - 0.5, first + 0.5) },
        y: (low - 0.1, high + 0.1),
        y_names: vec![],
        height: 380,
        marks,
    };
    Figure {
        description: format!(
            "{name}: the mean squared error of the SCORE gradient with a fitted score, labels averaged out, against the number of samples \
             that the score is fitted to, for two ways of fitting it; and beside it the squared gradient itself"
        ),
        keys,
        rows: vec![vec![panel]],
    }
}
