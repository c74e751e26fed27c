//! An evaluation as sections of an HTML page.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use super::predictions::ECE_BINS;
use super::{ClassScore, Predictions, pictures};
use crate::data::Dataset;
use crate::drawing::page;

/// Images shown.
const MOST_WRONG: usize = 24;

/// Returns figures, confusion matrix, scores of classes, reliability diagram and the images that are most wrong.
pub(crate) fn sections(
    predictions: &Predictions,
    images: &Dataset,
    epoch: Option<usize>,
) -> Vec<String> {
    let names = images.class_names();
    let matrix = predictions.confusion_matrix(names.len());
    let calibration = predictions.calibration(ECE_BINS);
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let mut figures = vec![
        ("images", predictions.len().to_string()),
        ("accuracy", percent(predictions.accuracy())),
        ("expected calibration error", percent(calibration.ece())),
    ];
    if let Some(top_5) = predictions.top_5_accuracy(names.len()) {
        figures.insert(2, ("top-5 accuracy", percent(top_5)));
    }
    let epoch = epoch.map(|epoch| ("weights", format!("after epoch {epoch}")));
    figures.splice(..0, epoch);
    let owned = figures
        .into_iter()
        .map(|(name, figure)| (name.to_owned(), figure));
    vec![
        page::heading("Test"),
        page::table(&owned.collect::<Vec<_>>()),
        page::figure(&pictures::confusion(&matrix, names)),
        classes(&matrix.scores(), names),
        page::figure(&pictures::reliability(&calibration)),
        most_wrong(predictions, images),
    ]
}

fn classes(scores: &[ClassScore], names: &[String]) -> String {
    let head = ["class", "images", "precision (%)", "recall (%)", "F₁ (%)"];
    let percent =
        |share: Option<f64>| share.map_or("–".to_owned(), |p| format!("{:.2}", 100.0 * p));
    let row = |(name, score): (&String, &ClassScore)| {
        let ClassScore {
            precision,
            recall,
            f1,
            support,
        } = *score;
        let [precision, recall, f1] = [precision, recall, f1].map(percent);
        vec![name.clone(), support.to_string(), precision, recall, f1]
    };
    let rows: Vec<_> = names.iter().zip(scores).map(row).collect();
    page::grid(&head.map(str::to_owned), &rows)
}

/// Shows the images whose label the network finds least probable.
fn most_wrong(predictions: &Predictions, images: &Dataset) -> String {
    let name = |class: u16| images.class_names().get(usize::from(class));
    let shown = predictions
        .most_wrong(MOST_WRONG)
        .into_iter()
        .filter_map(|index| {
            let label = name(predictions.labels()[index])?;
            let predicted = name(predictions.predicted()[index])?;
            let probability = 100.0 * predictions.probabilities()[index];
            let png = png(images.images().nth(index)?, images)?;
            let caption =
                format!("image {index}: {label}, predicted {predicted} ({probability:.1} %)");
            Some(page::thumbnail(&png, &caption))
        });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() {
        return String::new();
    }
    page::heading("Most wrong images") + &page::gallery(&shown)
}

/// Encodes an image of a data set as the data of a URL.
fn png(pixels: &[u8], of: &Dataset) -> Option<String> {
    let [channels, height, width] = of.image_shape();
    let (plane, white) = (height * width, u32::from(of.white()));
    let byte = |pixel: u8| (u32::from(pixel) * 255 / white).min(255) as u8;
    let interleaved =
        (0..plane).flat_map(|at| (0..channels).map(move |channel| channel * plane + at));
    let bytes: Vec<u8> = interleaved.map(|at| byte(pixels[at])).collect();
    let colour = match channels {
        1 => ExtendedColorType::L8,
        3 => ExtendedColorType::Rgb8,
        _ => return None,
    };
    let mut png = Vec::new();
    let encoder = PngEncoder::new(&mut png);
    encoder
        .write_image(&bytes, width as u32, height as u32, colour)
        .ok()?;
    Some(BASE64_STANDARD.encode(png))
}
