//! Mathematics on the page: `MathML` from LaTeX.

use maud::{PreEscaped, html};
use pulldown_latex::config::DisplayMode;
use pulldown_latex::{Parser, RenderConfig, Storage, push_mathml};

/// A formula in a line of text.
pub fn inline(tex: &str) -> PreEscaped<String> {
    PreEscaped(mathml(tex, DisplayMode::Inline))
}

/// A formula on a line of its own, which scrolls where it is wider than the page.
pub fn display(tex: &str) -> PreEscaped<String> {
    let formula = PreEscaped(mathml(tex, DisplayMode::Block));
    html! { div.formula { (formula) } }
}

/// A formula that is not understood shows as an error in its place. All formulas are the library's own, and tested.
fn mathml(tex: &str, display_mode: DisplayMode) -> String {
    // What the renderer of this version writes that is no well-formed markup, and what it means.
    const MENDED: [(&str, &str); 3] =
        [("&amp;nbsp;", "&#160;"), ("\"minsize", "\" minsize"), ("<mo><</mo>", "<mo>&lt;</mo>")];
    let storage = Storage::new();
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut text = String::new();
    if push_mathml(&mut text, Parser::new(tex, &storage), config).is_err() {
        return html! { code { (tex) } }.into_string();
    }
    MENDED.into_iter().fold(text, |text, (written, meant)| text.replace(written, meant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::CLAIMS;
    use crate::divergence::Divergence;

    #[test]
    fn every_formula_of_the_library_is_understood() {
        let claims = CLAIMS.iter().map(|claim| claim.tex);
        for tex in claims.chain(Divergence::ALL.map(|divergence| divergence.facts().tex)) {
            let text = display(tex).into_string();
            assert!(
                text.contains("<math") && !text.contains("merror") && !text.contains("&amp;"),
                "{tex}: {text}"
            );
        }
    }

    #[test]
    fn what_the_renderer_breaks_is_mended() {
        let text = inline(r"\bigl(a < b\bigr),\ c").into_string();
        for broken in ["<<", "\"minsize", "&amp;"] {
            assert!(!text.contains(broken), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_shows() {
        assert!(inline(r"\nosuchcommand").into_string().contains("merror"));
    }
}
