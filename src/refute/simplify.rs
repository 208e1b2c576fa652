//! The same instance with fewer digits.

use crate::exact::Exact;

/// Digits that every double has.
const ALL_DIGITS: usize = 17;

/// Values near or far that are simpler than those given and still do: `holds` says whether an instance does.
///
/// First all values are rounded to as few significant digits as does. Then, value by value and again until nothing changes, each is
/// replaced by the simplest decimal that does: small whole numbers and tenths, and its own roundings. Values that do not hold to
/// begin with are returned as they are, exactly.
///
/// ```
/// use score_workbench::exact::Exact;
/// use score_workbench::refute::simplified;
/// let above = |values: &[Exact]| values[0].to_f64() > 1.2 && values[1].to_f64() < 0.3;
/// let shown: Vec<_> = simplified(&[1.7320508, 0.1234567], above).iter().map(Exact::to_string).collect();
/// assert_eq!(shown, ["2", "0"]);
/// ```
#[must_use]
pub fn simplified(values: &[f64], holds: impl Fn(&[Exact]) -> bool) -> Vec<Exact> {
    let mut current = rounded(values, &holds);
    if !holds(&current) {
        return current;
    }
    loop {
        let before = current.clone();
        for (i, value) in values.iter().enumerate() {
            for simpler in simpler(&current[i], *value) {
                let mut tried = current.clone();
                tried[i] = simpler;
                if holds(&tried) {
                    current = tried;
                    break;
                }
            }
        }
        if current == before {
            return current;
        }
    }
}

/// All values with as few significant digits, the same number for each, as still do.
#[must_use]
pub fn rounded(values: &[f64], holds: impl Fn(&[Exact]) -> bool) -> Vec<Exact> {
    let with = |digits: usize| -> Vec<Exact> {
        values.iter().map(|value| significant(*value, digits)).collect()
    };
    let few = (2..ALL_DIGITS).map(with).find(|rounded| holds(rounded));
    few.unwrap_or_else(|| super::exact(values))
}

/// The value to so many significant digits, exactly that decimal.
fn significant(value: f64, digits: usize) -> Exact {
    format!("{value:.*e}", digits - 1).parse().unwrap_or(Exact::integer(0))
}

/// Decimals simpler than `current`, the simplest first, and of equally simple ones the nearest to `value`.
fn simpler(current: &Exact, value: f64) -> Vec<Exact> {
    let whole = (-6..=6).map(Exact::integer);
    let tenths = (1..10).flat_map(|n| [format!("0.{n}"), format!("-0.{n}")]);
    let tenths = tenths.filter_map(|tenth| tenth.parse().ok());
    let own = (1..=4).map(|digits| significant(value, digits));
    let mut found: Vec<Exact> = whole.chain(tenths).chain(own).collect();
    found.retain(|decimal| complexity(decimal) < complexity(current));
    let distance = |decimal: &Exact| (decimal.to_f64() - value).abs();
    found.sort_by(|a, b| {
        complexity(a).cmp(&complexity(b)).then(distance(a).total_cmp(&distance(b)))
    });
    found.dedup();
    found
}

/// How much there is to read in a decimal: 0 is the simplest, then 1, then one half, then other whole numbers of one digit, then
/// tenths.
fn complexity(number: &Exact) -> usize {
    let text = number.abs().to_string();
    let sign = usize::from(number.is_negative());
    let places = text.split_once('.').map_or(0, |(_, places)| places.len());
    match text.as_str() {
        "0" => 0,
        "1" => 1 + sign,
        "0.5" => 2 + sign,
        _ => 1 + 2 * text.trim_start_matches(['0', '.']).replace('.', "").len() + places + sign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: &[Exact]) -> Vec<String> {
        values.iter().map(Exact::to_string).collect()
    }

    #[test]
    fn complexity_is_what_there_is_to_read() {
        let order =
            ["0", "1", "-1", "0.5", "2", "-3", "0.2", "-0.2", "0.25", "1.25", "0.123", "12.345"];
        let complexities: Vec<_> =
            order.iter().map(|text| complexity(&text.parse().unwrap())).collect();
        assert!(complexities.is_sorted(), "{complexities:?}");
        assert!(complexities[0] < complexities[1] && complexities[1] < complexities[3]);
    }

    #[test]
    fn what_must_stay_near_stays_near() {
        let near = |values: &[Exact]| (values[0].to_f64() - 0.123_456).abs() < 1e-4;
        assert_eq!(shown(&simplified(&[0.123_456_789], near)), ["0.1235"]);
        let nearer = |values: &[Exact]| (values[0].to_f64() - 0.123_456).abs() < 2e-6;
        assert_eq!(shown(&simplified(&[0.123_456_789], nearer)), ["0.123457"]);
    }

    #[test]
    fn what_does_not_hold_is_left_as_it_is() {
        let values = simplified(&[0.1, 2.5], |_| false);
        assert_eq!(values.iter().map(Exact::to_f64).collect::<Vec<_>>(), [0.1, 2.5]);
    }

    #[test]
    fn values_depend_on_each_other() {
        // The sum stays 5: one value can go to 0 only where another makes up for it, which no single step does.
        let sum =
            |values: &[Exact]| (values.iter().map(Exact::to_f64).sum::<f64>() - 5.0).abs() < 0.6;
        let simple = simplified(&[2.2, 2.9], sum);
        assert!(sum(&simple) && simple.iter().all(|v| complexity(v) <= 3), "{:?}", shown(&simple));
    }
}
