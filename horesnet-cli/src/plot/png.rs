//! Paints drawings as PNG with a bundled font: the same pixels on every machine.

use horesnet_train::drawing::{Drawing, Outline, Path, Point, Step, WHITE};
use tiny_skia::{
    Color, FillRule, LineJoin, Mask, Paint, PathBuilder, Pixmap, Rect, Stroke, StrokeDash,
    Transform,
};

use crate::report;

/// Limit of pixels: half a gigabyte of memory.
const LARGEST: u64 = 1 << 27;

/// Pixels for each pixel of the picture at its natural size: sharp on paper and on fine screens.
const DENSITY: f64 = 2.0;

/// Paints a drawing, `width` pixels wide if given; notes letters that its font lacks.
pub(crate) fn draw(drawing: &Drawing, width: Option<u32>) -> Result<Vec<u8>, String> {
    note_missing(drawing, "PNG");
    let scale = width.map_or(DENSITY, |width| f64::from(width) / drawing.width);
    paint(drawing, scale)?
        .encode_png()
        .map_err(|error| error.to_string())
}

/// Notes letters that the bundled font lacks.
pub(crate) fn note_missing(drawing: &Drawing, format: &str) {
    let missing = drawing.missing();
    if !missing.is_empty() {
        report::note(format_args!(
            "note: the font of {format} pictures has no glyphs for `{missing}` and shows boxes\n  = help: write SVG, which uses the fonts of its viewer"
        ));
    }
}

/// Paints a drawing at `scale` times its natural size.
pub(super) fn paint(drawing: &Drawing, scale: f64) -> Result<Pixmap, String> {
    let [width, height] = [drawing.width, drawing.height].map(|side| (side * scale).round() as u32);
    let fits = u64::from(width) * u64::from(height) <= LARGEST;
    let pixels = fits.then(|| Pixmap::new(width, height.max(1))).flatten();
    let mut pixels = pixels.ok_or_else(|| {
        format!("a picture of {width} × {height} pixels is too large\n  = help: set --width, or write SVG")
    })?;
    pixels.fill(colour(WHITE, 1.0));
    let scale = Transform::from_scale(scale as f32, scale as f32);
    let frame = drawing.clip.and_then(|corners| {
        let mut mask = Mask::new(pixels.width(), pixels.height())?;
        mask.fill_path(&rectangle(corners)?, FillRule::Winding, true, scale);
        Some(mask)
    });
    for outline in drawing.outlines() {
        let frame = frame.as_ref().filter(|_| outline.is_clipped);
        put(&mut pixels, &outline, scale, frame);
    }
    Ok(pixels)
}

fn put(pixels: &mut Pixmap, outline: &Outline, scale: Transform, frame: Option<&Mask>) {
    // Blank words and lines through a single point have no path.
    let Some(path) = path(&outline.path) else {
        return;
    };
    let style = outline.style;
    if let Some(fill) = style.fill {
        let rule = if outline.is_even_odd {
            FillRule::EvenOdd
        } else {
            FillRule::Winding
        };
        pixels.fill_path(&path, &paint_of(fill, style.opacity), rule, scale, frame);
    }
    if let Some(stroke) = style.stroke {
        let dashes = style.dashes.iter().map(|&length| length as f32).collect();
        let pen = Stroke {
            width: style.width as f32,
            line_join: LineJoin::Round,
            dash: StrokeDash::new(dashes, 0.0),
            ..Stroke::default()
        };
        pixels.stroke_path(&path, &paint_of(stroke, 1.0), &pen, scale, frame);
    }
}

fn paint_of(code: &str, opacity: f64) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(colour(code, opacity));
    paint
}

fn colour(code: &str, opacity: f64) -> Color {
    let [red, green, blue] = rgb(code);
    let alpha = (opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
    Color::from_rgba8(red, green, blue, alpha)
}

/// The parts of a colour `#rrggbb`.
pub(super) fn rgb(code: &str) -> [u8; 3] {
    let part = |at: usize| code.get(at..at + 2).map(|hex| u8::from_str_radix(hex, 16));
    [1, 3, 5].map(|at| part(at).and_then(Result::ok).unwrap_or_default())
}

fn rectangle(((left, top), (right, bottom)): (Point, Point)) -> Option<tiny_skia::Path> {
    let [left, top, right, bottom] = [left, top, right, bottom].map(|side| side as f32);
    Rect::from_ltrb(left, top, right, bottom).map(PathBuilder::from_rect)
}

fn path(path: &Path) -> Option<tiny_skia::Path> {
    let mut built = PathBuilder::new();
    let single = |(x, y): Point| (x as f32, y as f32);
    for &step in &path.0 {
        match step {
            Step::Move(to) => {
                let (x, y) = single(to);
                built.move_to(x, y);
            }
            Step::Line(to) => {
                let (x, y) = single(to);
                built.line_to(x, y);
            }
            Step::Bend(control, to) => {
                let ((cx, cy), (x, y)) = (single(control), single(to));
                built.quad_to(cx, cy, x, y);
            }
            Step::Cubic(first, second, to) => {
                let ((ax, ay), (bx, by)) = (single(first), single(second));
                let (x, y) = single(to);
                built.cubic_to(ax, ay, bx, by, x, y);
            }
            Step::Close => built.close(),
        }
    }
    built.finish()
}
