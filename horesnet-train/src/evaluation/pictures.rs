//! Pictures of an evaluation, as SVG: the confusion matrix and the reliability diagram.

use super::{Calibration, ConfusionMatrix};
use crate::drawing::lettering::{Face, shortened, width};
use crate::drawing::{Axes, Drawing, INK, PALETTE, Path, Scale, Style, TITLE, Text, WHITE};

const BLUE: &str = PALETTE[0];
const ORANGE: &str = PALETTE[1];
const RIM: Style = Style::line(INK, 1.2);
/// Widest matrix, in pixels.
const MATRIX: f64 = 440.0;
const CELLS: std::ops::RangeInclusive<f64> = 5.0..=44.0;
/// Least cells with numbers, and with names beside them.
const NUMBERS: f64 = 22.0;
const NAMES: f64 = 8.0;
/// Longest name, in characters.
const LONGEST: usize = 18;
const LETTERS: f64 = 12.0;
const TITLE_ROOM: f64 = 44.0;
const AXIS_ROOM: f64 = 30.0;

/// Draws the matrix: a row for each class, a column for each predicted class, coloured by the share of the row.
pub(super) fn confusion(matrix: &ConfusionMatrix, names: &[String]) -> String {
    let count = names.len().max(1) as f64;
    let cell = (MATRIX / count).clamp(*CELLS.start(), *CELLS.end());
    let letters = LETTERS.min(cell);
    let names: Vec<_> = match cell {
        NAMES.. => names.iter().map(|name| shortened(name, LONGEST)).collect(),
        _ => vec![String::new(); names.len()],
    };
    let widths = names.iter().map(|name| width(name, Face::Regular, letters));
    let longest = widths.fold(0.0, f64::max);
    let is_level = longest < cell - 4.0;
    let below = if is_level { letters } else { longest } + 10.0;
    let (left, top, side) = (AXIS_ROOM + longest + 14.0, TITLE_ROOM, cell * count);
    let right = left + side + 20.0;
    let title = format!(
        "Confusion matrix, {} images",
        matrix.rows().iter().flatten().sum::<usize>()
    );
    let wide = right.max(width(&title, Face::Bold, TITLE) + 40.0);
    let mut drawing = Drawing::new((wide, top + side + below + AXIS_ROOM), &title);
    let heading = Text::new((drawing.width / 2.0, 28.0), title, TITLE);
    drawing.text(heading.face(Face::Bold).centred());
    for (row, counts) in matrix.rows().iter().enumerate() {
        let all: usize = counts.iter().sum();
        for (column, &images) in counts.iter().enumerate().filter(|(_, images)| **images > 0) {
            let (x, y) = (left + column as f64 * cell, top + row as f64 * cell);
            let share = images as f64 / all as f64;
            // The palest cell can be told from an empty one.
            let style = Style::filled(BLUE).opacity(0.08 + 0.92 * share);
            drawing.rect((x, y), (cell, cell), 0.0, style);
            if cell >= NUMBERS {
                let size = LETTERS.min(1.6 * cell / images.to_string().len() as f64);
                let colour = if share > 0.5 { WHITE } else { INK };
                let at = (x + cell / 2.0, y + cell / 2.0 + 0.36 * size);
                let number = Text::new(at, images.to_string(), size);
                drawing.text(number.colour(colour).centred());
            }
        }
    }
    drawing.rect((left, top), (side, side), 0.0, RIM);
    for (class, name) in names.iter().enumerate() {
        let at = (class as f64 + 0.5) * cell;
        let beside = Text::new((left - 8.0, top + at + 0.36 * letters), name, letters);
        drawing.text(beside.ending());
        let under = top + side;
        drawing.text(if is_level {
            Text::new((left + at, under + letters + 5.0), name, letters).centred()
        } else {
            let at = (left + at + 0.36 * letters, under + 8.0);
            Text::new(at, name, letters).upwards().ending()
        });
    }
    let (across, down) = (left + side / 2.0, top + side / 2.0);
    let predicted = Text::new((across, drawing.height - 10.0), "predicted class", LETTERS);
    drawing.text(predicted.centred());
    drawing.text(
        Text::new((18.0, down), "class", LETTERS)
            .centred()
            .upwards(),
    );
    drawing.svg(None)
}

/// Draws the accuracy of predictions by their probability, beside the line of perfect calibration, and their share below.
pub(super) fn reliability(calibration: &Calibration) -> String {
    let bins = calibration.bins();
    let all: usize = bins.iter().map(|bin| bin.count).sum();
    let title = format!("Calibration: ECE {:.2} %", 100.0 * calibration.ece());
    let mut drawing = Drawing::new((480.0, 560.0), &title);
    let scale = || Scale::new((0.0, 1.0), 0.2);
    let accuracy = Axes {
        frame: ((66.0, TITLE_ROOM), (456.0, 364.0)),
        x: scale(),
        y: scale(),
    };
    let share = Axes {
        frame: ((66.0, 410.0), (456.0, 500.0)),
        x: scale(),
        y: Scale::new((0.0, 1.0), 0.5),
    };
    let middle = f64::midpoint(accuracy.frame.0.0, accuracy.frame.1.0);
    let heading = Text::new((middle, 28.0), title, TITLE);
    drawing.text(heading.face(Face::Bold).centred());
    let bar = |drawing: &mut Drawing, axes: &Axes, bin: usize, value: f64| {
        let [from, to] = [bin, bin + 1].map(|edge| edge as f64 / bins.len() as f64);
        let ((left, top), (right, bottom)) = (axes.pixel((from, value)), axes.pixel((to, 0.0)));
        let size = (right - left, bottom - top);
        drawing.rect((left, top), size, 0.0, Style::line(WHITE, 1.0).over(BLUE));
    };
    for axes in [&accuracy, &share] {
        axes.grid(&mut drawing, true);
    }
    for (index, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.count > 0) {
        bar(&mut drawing, &accuracy, index, bin.accuracy);
        bar(&mut drawing, &share, index, bin.count as f64 / all as f64);
    }
    let perfect = Path::through([(0.0, 0.0), (1.0, 1.0)].map(|point| accuracy.pixel(point)));
    let dashed = Style {
        dashes: &[6.0, 4.0],
        ..Style::line(ORANGE, 2.5)
    };
    drawing.path(&perfect, dashed);
    accuracy.rim(&mut drawing, ["", "accuracy"], None);
    let below = "probability of the predicted class";
    share.rim(&mut drawing, [below, "share of images"], None);
    drawing.svg(None)
}
