//! Text for people: numbers, tables, colours, notes and progress.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use score_workbench::claims::Verdict;
use score_workbench::quadrature::Estimate;
use score_workbench::quantity::Quantity;
use score_workbench::span::Drawn;

use super::exit::Failure;

/// The most digits that a double has.
pub const ALL_DIGITS: usize = 17;

/// A number: its digits and its error, its bounds, or its confidence interval.
pub fn quantity(quantity: Quantity, most: usize) -> String {
    if let Some(drawn) = quantity.sample() {
        return sample(drawn, most);
    }
    match quantity.enclosure() {
        Some(bounds) if bounds.lower() < bounds.upper() => format!("{bounds:?}"),
        _ => estimate(quantity.estimate(), most),
    }
}

/// The mean of the draws and the interval, with a digit more than its width justifies; its ends are rounded outwards.
fn sample(drawn: Drawn, most: usize) -> String {
    let Drawn { value, lower, upper, doubt, .. } = drawn;
    let width = upper - lower;
    if !width.is_finite() || width == 0.0 {
        return estimate(Estimate { value, error: drawn.error() }, most);
    }
    let place = exponent(width) - 1;
    let unit = 10_f64.powi(place);
    let decimals = usize::try_from(-place).unwrap_or(0);
    let [lower, upper] = [(lower / unit).floor() * unit, (upper / unit).ceil() * unit];
    let level = 100.0 * (1.0 - doubt);
    format!(
        "{value:.decimals$} in [{lower:.decimals$}, {upper:.decimals$}] with {} %",
        digits(level, 4).trim_end_matches('0')
    )
}

/// A value with the digits that its error justifies, at most `most` of them, then the error.
pub fn estimate(estimate: Estimate, most: usize) -> String {
    let Estimate { value, error } = estimate;
    if !value.is_finite() {
        value.to_string()
    } else if error == 0.0 {
        if most < ALL_DIGITS { digits(value, most) } else { value.to_string() }
    } else if error.is_finite() {
        // An error of 5e-16 leaves the place of 1e-15 in doubt by half a unit: the last one shown.
        let last = exponent(error) + 1;
        let justified = usize::try_from(exponent(value) - last + 1).unwrap_or(0);
        // A value above its error is not nothing, even where no digit of it is certain.
        let shown = justified.max(usize::from(value.abs() > error)).min(most);
        format!("{} +- {}", digits(value, shown), rounded_up(error))
    } else {
        format!("{} +- {error}", digits(value, most))
    }
}

/// A finite value with this many significant digits; with none of them it is 0.
pub fn digits(value: f64, significant: usize) -> String {
    if value == 0.0 || significant == 0 {
        return "0".into();
    }
    let exponent = exponent(value);
    let decimals = i32::try_from(significant).unwrap_or(i32::MAX) - 1 - exponent;
    match usize::try_from(decimals) {
        Ok(decimals) if (-4..=6).contains(&exponent) => format!("{value:.decimals$}"),
        _ => format!("{value:.*e}", significant - 1),
    }
}

/// A positive number with one significant digit, never less than the number.
fn rounded_up(x: f64) -> String {
    let text = format!("{x:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (digit, rest) = mantissa.split_at(1);
    let digit: i32 = digit.parse().unwrap_or(9);
    match (digit, rest.is_empty()) {
        (digit, true) => format!("{digit}e{exponent}"),
        (9, false) => format!("1e{}", exponent.parse::<i32>().unwrap_or(0) + 1),
        (digit, false) => format!("{}e{exponent}", digit + 1),
    }
}

/// The power of ten of the leading digit of a finite number; 0 for 0.
fn exponent(x: f64) -> i32 {
    format!("{x:e}").split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

/// What became of many dimensions, to follow what is said of a problem: `; 784 dimensions, 2 directions matter`.
pub fn reduced((dimension, directions): (usize, usize)) -> String {
    match (dimension, directions) {
        (1, _) => String::new(),
        (d, 0) => format!("; {d} dimensions, none matters"),
        (d, 1) => format!("; {d} dimensions, 1 direction matters"),
        (d, r) => format!("; {d} dimensions, {r} directions matter"),
    }
}

/// A text of a table.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    style: Style,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, style: Style::new() }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Verdict> for Cell {
    fn from(verdict: Verdict) -> Self {
        let style = match verdict {
            Verdict::Holds => AnsiColor::Green.on_default(),
            Verdict::Refuted => AnsiColor::Red.on_default().bold(),
            Verdict::Undecided => AnsiColor::Yellow.on_default(),
            Verdict::NotApplicable => Style::new().dimmed(),
        };
        Self { text: verdict.to_string(), style }
    }
}

/// Columns aligned on the left.
#[derive(Clone, Debug)]
pub struct Table<const N: usize> {
    rows: Vec<[Cell; N]>,
}

impl<const N: usize> Table<N> {
    /// A table with a line of headings.
    pub fn new(headings: [&str; N]) -> Self {
        let bold = |text: &str| Cell { text: text.into(), style: Style::new().bold() };
        Self { rows: vec![headings.map(bold)] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [Cell; N]) {
        self.rows.push(cells);
    }

    /// The text, every line indented by two spaces.
    pub fn render(&self) -> String {
        let coloured = is_coloured();
        let length = |cell: &Cell| cell.text.chars().count();
        let width =
            |column: usize| self.rows.iter().map(|row| length(&row[column])).max().unwrap_or(0);
        let widths: [usize; N] = std::array::from_fn(width);
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            let mut gap = 2;
            for (cell, width) in row.iter().zip(widths) {
                if !cell.text.is_empty() {
                    line.extend(std::iter::repeat_n(' ', gap));
                    line += &styled(cell.style, &cell.text, coloured);
                    gap = 0;
                }
                gap += width - length(cell) + if width > 0 { 2 } else { 0 };
            }
            text += &line;
            text.push('\n');
        }
        text
    }
}

/// A line that stands over a table.
pub fn heading(text: &str) -> String {
    styled(Style::new().bold().underline(), text, is_coloured()) + "\n"
}

fn styled(style: Style, text: &str, coloured: bool) -> String {
    if coloured { format!("{style}{text}{style:#}") } else { text.into() }
}

/// Colours are for terminals, and for people who have not said no (<https://no-color.org>).
fn is_coloured() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !refused && !dumb
}

/// Writes the results. A reader who has seen enough and closes the pipe is no error.
pub fn write(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}

/// Writes a line for people beside the results. If standard error is closed nobody wants it.
pub fn remark(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes a note, such as that priors were renormalised.
pub fn note(text: &str) {
    remark(&format!("note: {text}"));
}

/// Writes an error, on one line whatever it quotes.
pub fn error(text: &str) {
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    remark(&format!("error: {}", lines.join("; ")));
}

/// A bar of progress on standard error; it shows on a terminal only.
pub fn progress(parts: usize, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(parts).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar.with_message(what.to_owned())
}

/// A sign that something is being worked on whose parts cannot be counted; on a terminal only.
pub fn spinner(what: &str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: f64, error: f64, most: usize) -> String {
        estimate(Estimate { value, error }, most)
    }

    #[test]
    fn digits_are_those_that_the_error_justifies() {
        let cases = [
            (0.380_776_156_641_295_3, 5e-16, "0.380776156641295 +- 5e-16"),
            (0.380_776_156_641_295_5, 5.03e-14, "0.3807761566413 +- 6e-14"),
            (0.2, 9.7e-14, "0.2000000000000 +- 1e-13"),
            (3e-17, 2e-15, "0 +- 2e-15"),
            (-0.0, 2e-15, "0 +- 2e-15"),
            (-1.5e-17, 1.1e-17, "-2e-17 +- 2e-17"),
            (1.234_567e-9, 1e-13, "1.235e-9 +- 1e-13"),
            (1_234.567, 0.5, "1235 +- 5e-1"),
            (1.5e300, 1e299, "2e300 +- 1e299"),
            (0.0, 0.0, "0"),
            (f64::INFINITY, 0.0, "inf"),
        ];
        for (value, error, expected) in cases {
            assert_eq!(shown(value, error, ALL_DIGITS), expected);
        }
        assert_eq!(shown(-0.012_345_678, 4e-15, 4), "-0.01235 +- 4e-15");
        assert_eq!(shown(0.012_345_678, 0.0, 4), "0.01235");
        assert_eq!(shown(0.5, f64::INFINITY, 4), "0.5000 +- inf");
        assert_eq!(shown(f64::NAN, f64::NAN, 4), "NaN");
    }

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(["a", "long heading", "empty", ""]);
        table.row(["x".into(), "y".into(), "".into(), "z".into()]);
        table.row(["wide".into(), "".into(), "w".into(), "".into()]);
        let expected = "  a     long heading  empty\n  x     y                    z\n  wide                w\n";
        assert_eq!(table.render(), expected);
    }
}
