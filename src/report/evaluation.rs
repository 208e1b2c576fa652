//! The page about the evaluation of a trained model.

use std::path::{Path, PathBuf};

use maud::{Markup, html};
use tch::{Device, Kind, Tensor};

use super::files;
use super::math::inline;
use super::page::document;
use crate::error::Error;
use crate::evaluate::record::Subject;
use crate::evaluate::risks::{Corollary, Risks};
use crate::evaluate::{Progress, Warning};
use crate::train::evaluate::{Mean, Proportion};

/// What the page is about.
#[derive(Debug)]
pub struct Evaluated<'a> {
    /// What was evaluated, and how.
    pub subject: &'a Subject,
    /// What came out.
    pub progress: &'a Progress,
    /// What makes it doubtful.
    pub doubts: &'a [Warning],
    /// The risks, if they were asked for.
    pub risks: &'a [Risks],
    /// Corollary 1 on them.
    pub corollary: &'a [Corollary],
}

/// How many of the images that were changed most are shown.
const SHOWN: usize = 12;
/// How much larger than its pixels an image is drawn.
const SCALE: u32 = 3;

/// Writes `evaluation.html` and its pictures to `folder`: what each attack left, and the images `[N, C, H, W]` that were changed most to break them,
/// of those in `adversarial` (places and images). Returns the path of the page.
///
/// # Errors
/// [`Error::Unwritable`].
pub fn evaluation(
    folder: &Path,
    about: &Evaluated,
    images: &Tensor,
    (places, adversarial): &(Vec<i64>, Vec<Tensor>),
) -> Result<PathBuf, Error> {
    let mut changed: Vec<_> = places
        .iter()
        .zip(adversarial)
        .map(|(&place, found)| {
            let clean = images.get(place).to_device(Device::Cpu);
            // In units of a pixel, whatever the norm of the ball: what an eye sees.
            let change = (found - &clean).abs().mean(Kind::Float).double_value(&[]);
            (change, place, clean, found)
        })
        .collect();
    changed.sort_by(|a, b| b.0.total_cmp(&a.0));
    changed.truncate(SHOWN);
    let pictures = folder.join("figures");
    let mut shown = vec![];
    for (change, place, clean, found) in changed {
        let difference =
            (found - &clean) * 0.5 / (found - &clean).abs().max().clamp_min(1e-6) + 0.5;
        let mut names = vec![];
        for (kind, image) in
            [("clean", &clean), ("adversarial", found), ("difference", &difference)]
        {
            let name = format!("image-{place}-{kind}.png");
            files::write(&pictures, &name, png(image)?)?;
            names.push((kind, format!("figures/{name}")));
        }
        shown.push((place, change, names));
    }
    let size = images.size();
    let (height, width) = (size[2] * i64::from(SCALE), size[3] * i64::from(SCALE));
    let content = html! {
        (lead(about))
        (attacks(about.progress))
        @if !about.doubts.is_empty() {
            section {
                h2 { "What makes these numbers doubtful" }
                ul { @for doubt in about.doubts { li { (doubt.to_string()) } } }
            }
        }
        @if !about.risks.is_empty() { (risks(about)) }
        section {
            h2 { "The images that were changed most" }
            p { "Of the images that were broken, those with the largest mean change of a pixel: clean, attacked, and the change alone (grey is none, scaled to the largest)." }
            @if shown.is_empty() { p { "No attack broke an image." } }
            @for (place, change, names) in &shown {
                figure {
                    @for (kind, name) in names {
                        img src=(name) width=(width) height=(height) alt=(format!("test image {place}, {kind}")) style="image-rendering:pixelated;margin-right:8px";
                    }
                    figcaption { "Test image " (place) ": a pixel changes by " (format!("{change:.4}")) " on average." }
                }
            }
        }
    };
    files::write(folder, "evaluation.html", document("Evaluation of a trained model", &content))
}

fn lead(about: &Evaluated) -> Markup {
    let Subject { model, data, images, norm, epsilon, attack, batch, seed, .. } = about.subject;
    html! {
        header {
            p.eyebrow { "score-workbench \u{b7} image models" }
            h1 { "How robust is this model?" }
            p.lead {
                (images) " test images of " (data[0]) ", perturbed within " (norm) " balls of radius " (epsilon) ": the accuracy that is left after each attack of "
                code { (attack) } "."
            }
            p {
                "All numbers are " strong { "sampled" } ": the images are a sample (95 % intervals by Wilson's formula), and an attack that finds nothing proves "
                "nothing, so that robust accuracies are upper bounds of the true ones on these images."
            }
            p { "Weights " code { (model[0]) } ", SHA-256 " code { (model[1][..16]) } "\u{2026}; images and labels, SHA-256 " code { (data[1][..16]) } "\u{2026}; batches of " (batch) ", seed " (seed) "." }
        }
    }
}

fn share(flags: &[bool]) -> Proportion {
    Proportion { count: flags.iter().filter(|flag| **flag).count(), of: flags.len() }
}

fn attacks(progress: &Progress) -> Markup {
    let clean = progress.clean.as_deref().unwrap_or_default();
    let rows = std::iter::once(("no attack".to_owned(), clean, None)).chain(
        progress
            .done
            .iter()
            .map(|done| (done.attack.to_string(), &done.robust[..], Some(done.seconds))),
    );
    let mut before = share(clean).count;
    let rows: Vec<_> = rows
        .map(|(name, flags, seconds)| {
            let now = share(flags);
            let broken = before - now.count;
            before = now.count;
            (name, now, broken, seconds)
        })
        .collect();
    html! {
        section {
            h2 { "What each attack left" }
            div.scroll {
                table.numbers {
                    thead { tr { th scope="col" { "after" } th scope="col" { "accuracy" } th scope="col" { "95 %" } th scope="col" { "broken" } th scope="col" { "seconds" } } }
                    tbody {
                        @for (name, now, broken, seconds) in &rows {
                            tr {
                                th scope="row" { (name) }
                                td { (format!("{:.2} %", 100.0 * now.value())) }
                                td { (format!("[{:.2}, {:.2}]", 100.0 * now.interval()[0], 100.0 * now.interval()[1])) }
                                td { (broken) }
                                td { @if let Some(seconds) = seconds { (format!("{seconds:.1}")) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn risks(about: &Evaluated) -> Markup {
    let cell = |mean: &Option<Mean>| {
        mean.map_or(String::new(), |mean| {
            let [low, high] = mean.interval();
            format!("{:.4} \u{b1} {:.4}", mean.mean, (high - low) / 2.0)
        })
    };
    html! {
        section {
            h2 { "Risks" }
            p {
                "Means over the images. Each supremum is the largest value that APGD found on the divergence itself, so it is a lower bound. Against labels only "
                (inline(r"R_{\text{Standard}}")) " and " (inline(r"R_{\text{Madry}}")) " are defined; with reference models in the place of " (inline("p_d"))
                " the others are too."
            }
            div.scroll {
                table.numbers {
                    thead { tr { th scope="col" { "divergence" } th scope="col" { (inline(r"R_{\text{Standard}}")) } th scope="col" { (inline(r"R_{\text{Madry}}")) } th scope="col" { (inline(r"R_{\text{SCORE}}")) } th scope="col" { (inline("C")) } } }
                    tbody {
                        @for risks in about.risks {
                            tr {
                                th scope="row" { (risks.divergence.to_string()) }
                                @for mean in [&risks.standard, &risks.madry, &risks.score, &risks.variation] { td { (cell(mean)) } }
                            }
                        }
                    }
                }
            }
            @if !about.corollary.is_empty() {
                h3 { "Corollary 1 on these numbers" }
                p { "The slack " (inline(r"B(R_{\text{Madry}}^{\text{KL}}) - |R_{\text{SCORE}} - C|")) "; negative where one attack fell short of another." }
                div.scroll {
                    table.numbers {
                        thead { tr { th scope="col" { "divergence" } th scope="col" { "bound" } th scope="col" { "slack" } } }
                        tbody {
                            @for Corollary { divergence, bound, slack } in about.corollary {
                                tr { th scope="row" { (divergence.to_string()) } td { (bound) } td { (format!("{slack:.4}")) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// An image `[C, H, W]` with one channel or three, entries in `[0, 1]`.
fn png(image: &Tensor) -> Result<Vec<u8>, Error> {
    let (channels, height, width) = image.size3()?;
    let bytes = (image.clamp(0.0, 1.0) * 255.0).round().permute([1, 2, 0]).reshape([-1]);
    let bytes = Vec::<u8>::try_from(bytes.to_kind(Kind::Uint8))?;
    let side = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let mut file = vec![];
    let unwritable = |error: png::EncodingError| Error::Unwritable {
        path: "a picture".into(),
        reason: error.to_string(),
    };
    let mut encoder = png::Encoder::new(&mut file, side(width), side(height));
    encoder.set_color(if channels == 3 { png::ColorType::Rgb } else { png::ColorType::Grayscale });
    let mut writer = encoder.write_header().map_err(unwritable)?;
    writer.write_image_data(&bytes).map_err(unwritable)?;
    writer.finish().map_err(unwritable)?;
    Ok(file)
}
