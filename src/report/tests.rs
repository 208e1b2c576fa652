use std::fs;

use super::data::{Integrands, Table};
use super::*;
use crate::catalogue::PUBLISHED;
use crate::claims::{CLAIMS, Proofs};
use crate::law::Law;
use crate::model::Model;
use crate::perturbation::Norm;
use crate::quadrature::Estimate;

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("score-report-{name}-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn problem(law: &str, model: &str) -> Problem {
    let pair = (Law::resolve(law).unwrap(), Model::resolve(model).unwrap());
    Problem::new((law, &pair.0), (model, &pair.1), Norm::default()).unwrap()
}

fn suite(problems: &[(&str, &str)]) -> Suite {
    Suite {
        problems: problems.iter().map(|(law, model)| problem(law, model)).collect(),
        divergences: vec![Divergence::Kl, Divergence::L1, Divergence::ChiSquared],
        epsilons: vec!["1/4".parse().unwrap(), "1".parse().unwrap()],
        proofs: Proofs::None,
    }
}

fn parsed(csv: &str) -> Table {
    let mut lines = csv.lines();
    let names = lines.next().unwrap().split(',').map(String::from).collect();
    let row = |line: &str| line.split(',').map(|cell| cell.parse().unwrap()).collect();
    Table::new(names, lines.map(row).collect())
}

/// The tags of HTML or SVG in balance; panics where they are not.
fn assert_balanced(text: &str) {
    const VOID: [&str; 2] = ["meta", "br"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start + 1..];
        // No attribute holds a bare `>`: they are escaped.
        let end = tag.find('>').expect("a tag ends");
        let (tag, after) = (&tag[..end], &tag[end + 1..]);
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes in <{tag}>");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "</{name}> after {}", &text[..80]);
        } else if !tag.starts_with('!') && !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
        rest = after;
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

#[test]
fn the_tables_hold_the_numbers_of_the_library() {
    for (law, model) in [("toy", "toy-linear"), ("three-classes", "three-linear")] {
        let problem = problem(law, model);
        let line = problem.line().unwrap();
        let view = data::view(line, 1.0);
        let Integrands { values, score, .. } =
            data::integrands(problem.line().unwrap(), Divergence::L1, 1.0, view);
        let own = line.integrand(Risk::Score, Divergence::L1, 1.0);
        let x = values.column("x");
        assert!(x.len() > 100 && x.windows(2).all(|pair| pair[0] < pair[1]));
        for (x, value) in x.iter().zip(values.column("score")) {
            assert_eq!(value, own.supremum(*x));
        }
        for (from, to) in score.column("from").into_iter().zip(score.column("to")) {
            assert!(own.pieces().iter().any(|piece| piece.from == from && piece.to == to));
        }
        let curves = data::curves(problem.line().unwrap(), view);
        for (i, x) in curves.column("x").into_iter().enumerate() {
            assert_eq!(curves.column(data::DENSITY)[i], line.density(x));
            for k in 0..line.classes() {
                let p = line.posterior(x).probabilities().entries()[k];
                assert_eq!(curves.column(&data::posterior(k))[i], p);
            }
        }
    }
}

#[test]
fn the_risks_against_epsilon_are_the_risks_and_the_band() {
    let problem = problem("toy", "toy-linear");
    let table = data::risks(&problem, Divergence::Kl, &[0.0, 1.0]).unwrap();
    let known = 0.266_354_033_846_58;
    assert!((table.column("score")[1] - known).abs() < 1e-13);
    assert_eq!(table.column("standard")[0], table.column("score")[0]);
    let sum = table.column("madry")[1] + table.column("variation")[1];
    assert_eq!(table.column(data::UPPER)[1], sum);
}

#[test]
fn the_pieces_of_the_toy_are_those_known() {
    let problem = problem("toy", "toy-linear");
    let view = data::view(problem.line().unwrap(), 1.0);
    let Integrands { score, .. } =
        data::integrands(problem.line().unwrap(), Divergence::L1, 1.0, view);
    assert_eq!(score.column("place"), [1.0, 0.0, 1.0]);
    assert!((score.column("at")[1] + 0.874_430_664_560_276_1).abs() < 1e-8);
    assert!((score.column("from")[2] + 0.338_469_667_749_340_9).abs() < 1e-8);
}

/// A curve of every risk is sampled densely enough that the trapezoids under it give the risk to the accuracy of a picture.
#[test]
fn the_samples_follow_the_curves() {
    let problem = problem("needle", "toy-linear");
    let view = data::view(problem.line().unwrap(), 1.0);
    let curves = data::curves(problem.line().unwrap(), view);
    let (x, density) = (curves.column("x"), curves.column(data::DENSITY));
    let trapezoids = x.windows(2).zip(density.windows(2));
    let mass: f64 = trapezoids.map(|(x, d)| 0.5 * (x[1] - x[0]) * (d[0] + d[1])).sum();
    assert!((mass - 1.0).abs() < 0.01, "{mass}");
}

#[test]
fn csv_reads_back() {
    let names = ["x", "p_theta(y=0|x)"].map(String::from).to_vec();
    let rows = vec![vec![0.1 + 0.2, f64::INFINITY], vec![-1e-300, f64::NAN]];
    let read = parsed(&Table::new(names, rows.clone()).csv());
    assert_eq!(read.rows()[0], rows[0]);
    assert_eq!(read.rows()[1][0], rows[1][0]);
    assert!(read.column("p_theta(y=0|x)")[1].is_nan());
}

#[test]
fn the_report_is_whole_and_needs_nothing_else() {
    let folder = Folder::new("whole");
    let suite =
        suite(&[("toy", "toy-linear"), ("toy", "toy-tanh"), ("three-classes", "three-linear")]);
    let findings = suite.verify(&CLAIMS, || {}).unwrap();
    // Those of one or two directions that take seconds.
    let published = &PUBLISHED[2..];
    let index = write(&folder.0, &suite, &findings, published).unwrap();
    assert_eq!(index, folder.0.join("index.html"));
    let page = fs::read_to_string(&index).unwrap();
    for outside in ["http", "src=", "<link", "url(", "@import", "<script"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let (head, body) = page.split_once("<style>").unwrap();
    let (_, body) = body.split_once("</style>").unwrap();
    assert_balanced(&format!("{head}{body}"));
    assert_eq!(page.matches("<svg").count(), 4 + 4 + 3);
    for text in ["expected failure", "prefers-color-scheme: dark", "<math", "Grades of evidence"] {
        assert!(page.contains(text), "{text}");
    }
    for claim in CLAIMS {
        assert!(page.contains(&format!("id=\"{}\"", claim.name)));
    }
    let (_, section) = page.split_once("id=\"counterexamples\"").unwrap();
    let (section, _) = section.split_once("</section>").unwrap();
    let witnesses = catalogue::witnesses();
    assert_eq!(section.matches("<tr>").count(), 1 + witnesses.len());
    // R_SCORE = 0.29476 against R_Madry + C = 0.21879 for kl, and the share.
    for text in ["0.2948", "0.2188", "\u{2212}0.07597", "\u{2212}25.8 %", "witness-theorem-1-lower"]
    {
        assert!(section.contains(text), "{text}");
    }
    let mut seen = 0;
    for entry in fs::read_dir(folder.0.join("figures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(page.contains(&name), "{name}");
        let svg = fs::read_to_string(folder.0.join("figures").join(&name)).unwrap();
        assert!(svg.contains("<polyline") && svg.contains("xmlns"), "{name}");
        assert_balanced(&svg);
        seen += 1;
    }
    assert_eq!(seen, 11);
    for entry in fs::read_dir(folder.0.join("data")).unwrap() {
        let path = entry.unwrap().path();
        let csv = fs::read_to_string(&path).unwrap();
        if path.ends_with(literature::FILE) {
            assert_literature(&csv, published);
        } else {
            assert!(!parsed(&csv).rows().is_empty());
        }
    }
}

/// A line a classifier, with the robust accuracy that is published of it.
fn assert_literature(csv: &str, entries: &[Published]) {
    let cells: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let column = |name: &str| cells[0].iter().position(|cell| *cell == name).unwrap();
    let [law, robust, published] = ["law", "robust", "robust_published"].map(column);
    assert_eq!(cells.len(), 1 + entries.len());
    for (row, entry) in cells[1..].iter().zip(entries) {
        assert_eq!(row[law], entry.law());
        let [robust, published] = [robust, published].map(|at| row[at].parse::<f64>().unwrap());
        assert!((robust - published).abs() < 1e-9, "{row:?}");
        for claim in ["theorem_1", "corollary_1", "theorem_4"] {
            let verdict = row[column(&format!("{claim}_l1"))];
            assert_eq!(verdict, "holds", "{row:?}");
            let slack: f64 = row[column(&format!("{claim}_l1_slack"))].parse().unwrap();
            assert!(slack > -1e-9, "{row:?}");
        }
    }
}

#[test]
fn the_accuracies_are_on_the_page() {
    let folder = Folder::new("accuracies");
    let suite = suite(&[("symmetric", "steep")]);
    let page = fs::read_to_string(write(&folder.0, &suite, &[], &[]).unwrap()).unwrap();
    // Phi(1) and Phi(0).
    assert!(page.contains("0.84134475 (clean accuracy)"), "{page}");
    assert!(page.contains("0.50000000 (robust accuracy)"));
}

#[test]
fn a_study_of_gradients_is_drawn_from_its_table() {
    use crate::score_matching::{Plan, Study};
    let folder = Folder::new("gradient");
    let problem = problem("toy", "toy-linear");
    let noise: Exact = "1/4".parse().unwrap();
    let plan = Plan { sizes: vec![20, 200], sets: 5, noise, seed: 1 };
    let study = Study::new(problem.line().unwrap(), &plan).unwrap();
    let paths = gradient(&folder.0, "toy, toy-linear", &study).unwrap();
    let read = parsed(&fs::read_to_string(&paths[1]).unwrap());
    assert_eq!(read, data::gradient_errors(&study));
    assert_eq!(read.column("samples"), [20.0, 200.0]);
    assert_eq!(read.column("denoising_averaged")[1], study.rows[3].averaged.mean);
    let svg = fs::read_to_string(&paths[0]).unwrap();
    assert!(svg.contains("<polyline") && svg.contains("log10 of the samples"), "{svg}");
    assert_balanced(&svg);
}

#[test]
fn a_refutation_is_not_hidden() {
    let folder = Folder::new("refuted");
    let suite = suite(&[("toy", "toy-linear")]);
    let mut findings = suite.verify(&CLAIMS[..1], || {}).unwrap();
    findings[0].check.verdict = crate::claims::Verdict::Refuted;
    let index = write(&folder.0, &suite, &findings, &[]).unwrap();
    let page = fs::read_to_string(index).unwrap();
    assert!(page.contains("1 refuted, 0 undecided"));
    assert!(!page.contains("every claim holds"));
}

#[test]
fn the_figures_of_one_instance() {
    let folder = Folder::new("figures");
    let problem = problem("toy", "toy-relu");
    let epsilon = "1/2".parse().unwrap();
    let paths = figures(&folder.0, &problem, Divergence::Hellinger, &epsilon).unwrap();
    let names: Vec<_> =
        paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "curves.svg",
            "curves.csv",
            "integrands-hellinger.svg",
            "integrands-hellinger.csv",
            "pieces-score-hellinger.csv",
            "pieces-madry-hellinger.csv",
            "risks.svg",
            "risks-hellinger.csv",
        ]
    );
    let left = fs::read_dir(&folder.0).unwrap().count();
    assert_eq!(left, names.len(), "no draft is left behind");
    for path in paths {
        assert!(fs::read_to_string(path).unwrap().lines().count() > 1);
    }
}

#[test]
fn a_radius_of_zero_and_a_risk_beyond_doubles_are_drawn() {
    let folder = Folder::new("degenerate");
    let zero = Exact::integer(0);
    for (law, model) in [("toy", "toy-bayes"), ("toy", "steep"), ("twins", "coin")] {
        let problem = problem(law, model);
        figures(&folder.0, &problem, Divergence::ChiSquared, &zero).unwrap();
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = Folder::new("unwritable");
    fs::write(&folder.0, "a file in the place of the folder").unwrap();
    let suite = suite(&[("toy", "toy-linear")]);
    let error = write(&folder.0, &suite, &[], &[]).unwrap_err();
    fs::remove_file(&folder.0).unwrap();
    let Error::Unwritable { path, reason } = error else { panic!("{error}") };
    assert!(path.starts_with(folder.0.to_str().unwrap()) && !reason.is_empty());
}

#[test]
fn names_of_files_are_safe() {
    assert_eq!(slug("../my laws/a b.toml"), "a-b");
    assert_eq!(slug("toy"), "toy");
}

/// Both tiers of a small suite: the table on the page is the exported one, its bounds meet the estimates and are as tight as asked.
#[test]
fn both_tiers_are_exported_and_shown() {
    let folder = Folder::new("tiers");
    let suite = Suite {
        proofs: Proofs::OnTheLine,
        ..suite(&[("toy", "toy-linear"), ("symmetric", "coin")])
    };
    let page = write(&folder.0, &suite, &[], &[]).unwrap();
    let page = fs::read_to_string(page).unwrap();
    assert_balanced(&page);
    assert!(page.contains("id=\"tiers\"") && page.contains("all agree"));
    let rows = tiers::rows(&suite, &"1".parse().unwrap()).unwrap();
    // Two problems, kl and l1 of the suite's divergences, four risks.
    assert_eq!(rows.len(), 2 * 2 * 4);
    for row in &rows {
        assert!(
            row.agrees() == Some(true) && row.shortfall.is_none() && row.width() <= tiers::WIDTH,
            "{row:?}"
        );
    }
    let csv = fs::read_to_string(folder.0.join("data").join(page::TIERS)).unwrap();
    assert_eq!(csv, tiers::csv(&rows));
    assert_eq!(csv.lines().count(), 1 + rows.len());
    // What does not agree is said.
    let mut wrong = rows[0].clone();
    wrong.estimate.value += 1e-3;
    assert_eq!(wrong.agrees(), Some(false));
    wrong.estimate = Estimate { value: f64::NAN, error: f64::NAN };
    assert_eq!(wrong.agrees(), None);
}

/// Without proofs there is one tier.
#[test]
fn estimates_alone_have_no_second_tier() {
    let folder = Folder::new("one-tier");
    let page = write(&folder.0, &suite(&[("symmetric", "coin")]), &[], &[]).unwrap();
    assert!(!fs::read_to_string(page).unwrap().contains("id=\"tiers\""));
    assert!(!folder.0.join("data").join(page::TIERS).exists());
}
