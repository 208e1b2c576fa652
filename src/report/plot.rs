//! Figures, drawn from tables of numbers: SVG in light and dark, legible without colour vision.

use std::error::Error as StdError;
use std::fmt::Write as _;

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Units of the drawing per unit of the picture: the backend rounds to whole units, and curves need tenths.
const UNIT: i32 = 10;
/// The width of the thinnest lines.
const HAIR: u32 = UNIT.unsigned_abs();
/// The width of every figure, in units of the picture.
const WIDTH: i32 = 760;
/// The height of the legend.
const LEGEND: i32 = 26;
/// The size of the texts; on the page a unit is about a pixel.
const TEXT: i32 = 13;

/// A colour by its purpose; each has a value for light and one for dark backgrounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink {
    light: RGBColor,
    dark: RGBColor,
}

const fn ink(light: u32, dark: u32) -> Ink {
    Ink { light: rgb(light), dark: rgb(dark) }
}

const fn rgb(value: u32) -> RGBColor {
    let [_, r, g, b] = value.to_be_bytes();
    RGBColor(r, g, b)
}

/// Text and axes.
pub const INK: Ink = ink(0x24_29_2F, 0xE6_ED_F3);
/// Axes and secondary text.
pub const MUTED: Ink = ink(0x6A_73_7D, 0x9A_A4_AF);
const GRID: Ink = ink(0xE4_E7_EB, 0x2C_33_3B);
// The palette of Okabe and Ito, which is made to be told apart without full colour vision; lightened on dark.
/// Blue.
pub const BLUE: Ink = ink(0x00_72_B2, 0x4F_A8_E0);
/// Vermillion.
pub const VERMILLION: Ink = ink(0xD5_5E_00, 0xF0_8A_3C);
/// Bluish green.
pub const GREEN: Ink = ink(0x00_9E_73, 0x2C_C7_9B);
/// Reddish purple.
pub const PURPLE: Ink = ink(0xCC_79_A7, 0xDD_95_BD);
/// Orange.
pub const ORANGE: Ink = ink(0xE6_9F_00, 0xF0_B4_2E);
/// Sky blue.
pub const SKY: Ink = ink(0x56_B4_E9, 0x7C_C8_F2);

const INKS: [Ink; 9] = [INK, MUTED, GRID, BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY];

/// The colours of the classes, in their order; from the seventh on they begin again.
pub const CLASSES: [Ink; 6] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY];

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// Without gaps.
    Solid,
    /// In dashes.
    Dashed,
    /// Without gaps, thin.
    Thin,
}

/// Something in the coordinates of a panel.
#[derive(Clone, Debug)]
pub enum Mark {
    /// A curve through points.
    Line(Vec<(f64, f64)>, Ink, Stroke),
    /// The area between two curves over the same x: x, lower, upper.
    Band(Vec<(f64, f64, f64)>, Ink, f64),
    /// A vertical line through the panel.
    Rule(f64, Ink),
    /// A rectangle: x from and to, y from and to, and a text for its middle if it fits.
    Block([f64; 4], Ink, String),
}

/// Axes and what is drawn in them.
#[derive(Clone, Debug)]
pub struct Panel {
    /// A title over the panel; may be empty.
    pub title: String,
    /// What x is, with its unit; empty for no labels on this axis.
    pub x_label: String,
    /// What y is, with its unit.
    pub y_label: String,
    /// The range of x.
    pub x: (f64, f64),
    /// The range of y.
    pub y: (f64, f64),
    /// Texts instead of numbers on the y axis, each with its place.
    pub y_names: Vec<(f64, String)>,
    /// The height, in units of the picture, with everything.
    pub height: i32,
    /// What is drawn, the first at the bottom.
    pub marks: Vec<Mark>,
}

/// An entry of the legend.
#[derive(Clone, Debug)]
pub enum Key {
    /// A line.
    Line(String, Ink, Stroke),
    /// A filled area.
    Area(String, Ink, f64),
}

/// A legend over rows of panels; the panels of a row share its width.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What the picture shows, for those who do not see it.
    pub description: String,
    /// The legend.
    pub keys: Vec<Key>,
    /// The panels, row by row.
    pub rows: Vec<Vec<Panel>>,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Result<T> = std::result::Result<T, Box<dyn StdError>>;

impl Figure {
    /// The figure as an SVG element for a page that has [`style`] among its styles.
    ///
    /// # Errors
    /// What the backend reports.
    pub fn element(&self) -> Result<String> {
        let lines = self.legend_lines();
        let legend = lines.iter().map(|_| LEGEND).sum::<i32>();
        let height = |row: &Vec<Panel>| row.iter().map(|panel| panel.height).max().unwrap_or(0);
        let total = legend + self.rows.iter().map(height).sum::<i32>();
        let mut svg = String::new();
        {
            let size = ((WIDTH * UNIT).unsigned_abs(), (total * UNIT).unsigned_abs());
            let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
            for (i, line) in (0..).zip(&lines) {
                draw_legend(&root, line, LEGEND * i)?;
            }
            let mut top = legend;
            for row in &self.rows {
                let width = WIDTH / row.iter().map(|_| 1).sum::<i32>().max(1);
                for (i, panel) in (0..).zip(row) {
                    let corner = (width * i * UNIT, top * UNIT);
                    panel
                        .draw(&root.clone().shrink(corner, (width * UNIT, panel.height * UNIT)))?;
                }
                top += height(row);
            }
            root.present()?;
        }
        let body = svg.find('>').map_or("", |end| &svg[end + 1..]);
        let (w, h) = (WIDTH * UNIT, total * UNIT);
        let mut description = String::new();
        maud::Escaper::new(&mut description).write_str(&self.description)?;
        let open =
            format!("<svg viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{description}\">");
        Ok(format!("{open}{}", subscripts(body)))
    }

    /// The entries of the legend, line by line.
    fn legend_lines(&self) -> Vec<Vec<&Key>> {
        let mut lines: Vec<Vec<&Key>> = Vec::new();
        let mut used = WIDTH;
        for key in &self.keys {
            let width = key.width();
            if used + width > WIDTH {
                lines.push(Vec::new());
                used = 60;
            }
            used += width;
            if let Some(line) = lines.last_mut() {
                line.push(key);
            }
        }
        lines
    }
}

/// An element from [`Figure::element`] as a file of its own.
#[must_use]
pub fn document(element: &str) -> String {
    let open = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\"");
    let styles = format!(
        "<style>svg {{ background: #fff }}\n@media (prefers-color-scheme: dark) {{\nsvg {{ background: #0f1419 }}\n{}}}\
         </style>",
        style()
    );
    let element = element.replacen("<svg", &open, 1);
    let end = element.find('>').map_or(0, |end| end + 1);
    format!("{}{styles}{}", &element[..end], &element[end..])
}

/// The rules of CSS that turn the colours of a figure into those for a dark background.
#[must_use]
pub fn style() -> String {
    let mut rules = String::new();
    for Ink { light, dark } in INKS {
        let hex = |RGBColor(r, g, b): RGBColor| format!("#{r:02X}{g:02X}{b:02X}");
        let (light, dark) = (hex(light), hex(dark));
        let _ = writeln!(rules, "svg [fill=\"{light}\"] {{ fill: {dark} }}");
        let _ = writeln!(rules, "svg [stroke=\"{light}\"] {{ stroke: {dark} }}");
    }
    rules
}

impl Key {
    fn text(&self) -> &str {
        let (Self::Line(text, ..) | Self::Area(text, ..)) = self;
        text
    }

    /// The width with its swatch and the gap to the next.
    fn width(&self) -> i32 {
        34 + text_width(self.text()) + 20
    }
}

/// About how wide a text is, in units of the picture; the backend does not know fonts.
fn text_width(text: &str) -> i32 {
    // An underscore makes a subscript and is not drawn.
    let text = text.replace("theta", "t");
    let drawn: i32 = text.chars().map(|c| i32::from(c != '_')).sum();
    (53 * TEXT * drawn + 99) / 100
}

fn font(size: i32, ink: Ink) -> TextStyle<'static> {
    // The backend divides by 1.24.
    ("sans-serif", f64::from(size * UNIT) * 1.24).into_font().color(&ink.light)
}

fn solid(ink: Ink, stroke: Stroke) -> ShapeStyle {
    let width = if stroke == Stroke::Thin { HAIR } else { 2 * HAIR };
    ink.light.stroke_width(width)
}

fn draw_legend(root: &Area, keys: &[&Key], top: i32) -> Result<()> {
    let mut left = 60;
    let at = |x: i32, y: i32| (x * UNIT, (top + y) * UNIT);
    for key in keys {
        match key {
            Key::Line(_, ink, stroke) => {
                draw_line(root, vec![at(left, 13), at(left + 26, 13)], *ink, *stroke)?;
            }
            Key::Area(_, ink, opacity) => {
                let style = ink.light.mix(*opacity).filled();
                root.draw(&Rectangle::new([at(left, 7), at(left + 26, 19)], style))?;
            }
        }
        let style = font(TEXT, INK).pos(Pos::new(HPos::Left, VPos::Center));
        root.draw(&Text::new(key.text().to_owned(), at(left + 34, 13), style))?;
        left += key.width();
    }
    Ok(())
}

fn draw_line(area: &Area, points: Vec<(i32, i32)>, ink: Ink, stroke: Stroke) -> Result<()> {
    let style = solid(ink, stroke);
    if stroke == Stroke::Dashed {
        area.draw(&DashedPathElement::new(points, 7 * UNIT, 4 * UNIT, style))?;
    } else {
        area.draw(&PathElement::new(points, style))?;
    }
    Ok(())
}

impl Panel {
    fn draw(&self, area: &Area) -> Result<()> {
        let named = !self.y_names.is_empty();
        let title = if self.title.is_empty() { 8 } else { 28 };
        let below = if self.x_label.is_empty() { 2 } else { 44 };
        let mut builder = ChartBuilder::on(area);
        builder
            .margin_top(title * UNIT)
            .margin_right(14 * UNIT)
            .x_label_area_size(below * UNIT)
            .y_label_area_size(60 * UNIT);
        let (x, y) = (ordered(self.x), ordered(self.y));
        let mut chart = builder.build_cartesian_2d(x.0..x.1, y.0..y.1)?;
        let mut mesh = chart.configure_mesh();
        let no_text = |_: &f64| String::new();
        let text = |value: &f64| number(*value);
        mesh.light_line_style(TRANSPARENT)
            .bold_line_style(GRID.light.stroke_width(HAIR))
            .axis_style(MUTED.light.stroke_width(HAIR))
            .label_style(font(TEXT - 1, INK))
            .axis_desc_style(font(TEXT, INK))
            .set_all_tick_mark_size(4 * UNIT)
            .x_labels(9)
            .y_labels(5)
            .x_desc(self.x_label.as_str())
            .y_desc(self.y_label.as_str())
            .x_label_formatter(if self.x_label.is_empty() { &no_text } else { &text })
            .y_label_formatter(if named { &no_text } else { &text });
        if self.x_label.is_empty() {
            mesh.set_tick_mark_size(LabelAreaPosition::Bottom, 0);
        }
        if named {
            mesh.disable_mesh().disable_y_axis();
            mesh.set_tick_mark_size(LabelAreaPosition::Left, 0);
        }
        mesh.draw()?;
        if !self.title.is_empty() {
            let style = font(TEXT, INK).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(self.title.clone(), (60 * UNIT, 15 * UNIT), style))?;
        }
        let plot = chart.plotting_area();
        let corner = area.get_base_pixel();
        // Drawn through pixels, so that dashes and texts keep their size whatever the units of the axes.
        let pixel = |(x, y): (f64, f64)| {
            let (px, py) = plot.map_coordinate(&(x, y));
            (px - corner.0, py - corner.1)
        };
        for (y, name) in &self.y_names {
            let (_, height) = pixel((x.0, *y));
            let style = font(TEXT - 1, INK).pos(Pos::new(HPos::Right, VPos::Center));
            area.draw(&Text::new(name.clone(), (54 * UNIT, height), style))?;
        }
        for mark in &self.marks {
            match mark {
                Mark::Line(points, ink, stroke) => {
                    for run in clipped(points, y) {
                        let points = thinned(run.into_iter().map(pixel));
                        draw_line(area, points, *ink, *stroke)?;
                    }
                }
                Mark::Band(points, ink, opacity) => {
                    let bound = |v: f64| v.clamp(y.0, y.1);
                    let upper = points.iter().map(|(x, _, high)| pixel((*x, bound(*high))));
                    let lower = points.iter().rev().map(|(x, low, _)| pixel((*x, bound(*low))));
                    let outline = thinned(upper.chain(lower));
                    area.draw(&Polygon::new(outline, ink.light.mix(*opacity).filled()))?;
                }
                Mark::Rule(at, ink) if *at > x.0 && *at < x.1 => {
                    let ends = vec![pixel((*at, y.0)), pixel((*at, y.1))];
                    let style = ink.light.mix(0.55).stroke_width(HAIR);
                    area.draw(&PathElement::new(ends, style))?;
                }
                Mark::Rule(..) => {}
                Mark::Block([from, to, low, high], ink, text) => {
                    let corners = [pixel((from.max(x.0), *high)), pixel((to.min(x.1), *low))];
                    let style = ink.light.mix(0.4).filled();
                    area.draw(&Rectangle::new(corners, style))?;
                    let [left, right] = corners;
                    if right.0 - left.0 > (text_width(text) + 6) * UNIT {
                        let middle =
                            (i32::midpoint(left.0, right.0), i32::midpoint(left.1, right.1));
                        let style = font(TEXT - 2, INK).pos(Pos::new(HPos::Center, VPos::Center));
                        area.draw(&Text::new(text.clone(), middle, style))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A range that a coordinate system can be built on: finite and not empty.
fn ordered((from, to): (f64, f64)) -> (f64, f64) {
    let finite = from.is_finite() && to.is_finite();
    if finite && to > from { (from, to) } else { (0.0, 1.0) }
}

/// A number on an axis: no more digits than it needs.
fn number(value: f64) -> String {
    let size = value.abs();
    if size >= 1e4 || (size > 0.0 && size < 1e-3) {
        return format!("{value:e}").chars().take(8).collect::<String>().replace('-', "\u{2212}");
    }
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.replace('-', "\u{2212}") }
}

/// The runs of a curve that are inside a range of y, cut where it leaves; what is not a number interrupts it.
fn clipped(points: &[(f64, f64)], (low, high): (f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let mut runs: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    let mut push = |point: Option<(f64, f64)>| match (point, runs.last_mut()) {
        (Some(point), Some(run)) => run.push(point),
        (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
        _ => {}
    };
    let inside = |y: f64| (low..=high).contains(&y);
    let mut last: Option<(f64, f64)> = None;
    for &(x, y) in points {
        let last_finite = last.filter(|l| l.1.is_finite() && y.is_finite());
        if let Some((a, b)) = last_finite.filter(|l| inside(l.1) != inside(y)) {
            let outside = if inside(b) { y } else { b };
            let edge = outside.clamp(low, high);
            push(Some((a + (x - a) * (edge - b) / (y - b), edge)));
        }
        push(inside(y).then_some((x, y)));
        last = Some((x, y));
    }
    runs.retain(|run| run.len() > 1);
    runs
}

/// The points without those that no eye could tell from a neighbour.
fn thinned(points: impl Iterator<Item = (i32, i32)>) -> Vec<(i32, i32)> {
    let mut kept: Vec<(i32, i32)> = Vec::new();
    for (x, y) in points {
        let near = |&(a, b): &(i32, i32)| (x - a).abs() < UNIT / 2 && (y - b).abs() < UNIT / 2;
        if !kept.last().is_some_and(near) {
            kept.push((x, y));
        }
    }
    kept
}

/// Writes `R_SCORE` with a subscript; the texts of a figure are the only place of an underscore.
fn subscripts(svg: &str) -> String {
    let svg = svg.replace("_theta", "_\u{3b8}");
    let mut parts = svg.split('_');
    let mut text = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_alphabetic()).unwrap_or(part.len());
        let (below, rest) = part.split_at(end);
        // The empty-looking span brings the baseline back.
        let _ = write!(
            text,
            "<tspan dy=\"0.25em\" font-size=\"75%\">{below}</tspan><tspan dy=\"-0.1875em\">\u{200b}</tspan>{rest}"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_cut_where_it_leaves_the_panel() {
        let points = [(0.0, 0.0), (1.0, 2.0), (2.0, f64::INFINITY), (3.0, 0.5), (4.0, 0.5)];
        let runs = clipped(&points, (0.0, 1.0));
        assert_eq!(runs, [vec![(0.0, 0.0), (0.5, 1.0)], vec![(3.0, 0.5), (4.0, 0.5)]]);
    }

    #[test]
    fn ticks_have_no_more_digits_than_they_need() {
        assert_eq!(number(0.1 + 0.2), "0.3");
        assert_eq!(number(-2.0), "\u{2212}2");
        assert_eq!(number(-0.0), "0");
        assert_eq!(number(20_000.0), "2e4");
    }

    #[test]
    fn ranges_are_made_fit_for_axes() {
        assert_eq!(ordered((2.0, 2.0)), (0.0, 1.0));
        assert_eq!(ordered((0.0, f64::NAN)), (0.0, 1.0));
        assert_eq!(ordered((-1.0, 3.0)), (-1.0, 3.0));
    }

    #[test]
    fn subscripts_are_set() {
        let text = subscripts("<text>p_theta(x)</text>");
        assert!(text.contains(">\u{3b8}</tspan>") && text.ends_with("(x)</text>"), "{text}");
    }
}
