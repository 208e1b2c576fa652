//! Mathematics on the page: MathML from LaTeX.

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

/// A formula that is not understood is shown as it was written.
fn mathml(tex: &str, display_mode: DisplayMode) -> String {
    let storage = Storage::new();
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut text = String::new();
    match push_mathml(&mut text, Parser::new(tex, &storage), config) {
        // The renderer escapes the entity that it means as a space, and forgets a space between two attributes.
        Ok(()) => text.replace("&amp;nbsp;", "&#160;").replace("\"minsize", "\" minsize"),
        Err(_) => html! { code { (tex) } }.into_string(),
    }
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
    fn what_is_not_understood_is_escaped() {
        let text = inline(r"\nosuchcommand <b>").into_string();
        assert!(!text.contains("<b>"), "{text}");
    }
}
