//! Names that are looked up in a closed list, and what to say of one that is not there.

use crate::error::Error;

/// The error for a name that is not among those allowed.
pub(crate) fn unknown<'a>(
    what: &'static str,
    found: &str,
    allowed: impl IntoIterator<Item = &'a str>,
) -> Error {
    let allowed = allowed.into_iter().map(String::from).collect();
    Error::Unknown { what, found: found.into(), allowed }
}

/// ` (did you mean ..?)` where one of the allowed names is close to what was found, else nothing.
pub(crate) fn suggestion(found: &str, allowed: &[String]) -> String {
    let nearest = allowed.iter().map(|name| (distance(found, name), name)).min();
    match nearest {
        Some((distance, name)) if 2 * distance <= found.chars().count() => {
            format!(" (did you mean `{name}`?)")
        }
        _ => String::new(),
    }
}

/// How many insertions, deletions and replacements of a character turn `a` into `b` (Levenshtein's
/// distance).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let cases =
            [("", "abc", 3), ("prior", "prior", 0), ("pior", "prior", 1), ("tahn", "tanh", 2)];
        for (a, b, expected) in cases {
            assert_eq!((distance(a, b), distance(b, a)), (expected, expected));
        }
    }

    #[test]
    fn only_near_names_are_suggested() {
        let allowed = ["tanh", "relu"].map(String::from);
        assert_eq!(suggestion("tanhh", &allowed), " (did you mean `tanh`?)");
        assert_eq!(suggestion("gelu", &allowed), " (did you mean `relu`?)");
        assert_eq!(suggestion("cos", &allowed), "");
        assert_eq!(suggestion("x", &[]), "");
    }
}
