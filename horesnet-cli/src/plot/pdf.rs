//! Writes drawings as PDF pages of vector shapes; letters are shapes too, so that every reader shows the same.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use horesnet_train::drawing::{Drawing, Outline, Path, Point, Step, Style, WHITE};
use pdf_writer::types::LineJoinStyle;
use pdf_writer::{Content, Filter, Name, Pdf, Rect, Ref, TextStr};

use super::png;

/// Points, of which an inch has 72, in a pixel, of which it has 96.
const POINT: f64 = 0.75;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
/// The first of the opacities.
const OPACITY: i32 = 6;

/// Writes a drawing as a page, `width` pixels wide if given.
pub(crate) fn draw(drawing: &Drawing, width: Option<u32>) -> Result<Vec<u8>, String> {
    png::note_missing(drawing, "PDF");
    let scale = POINT * width.map_or(1.0, |width| f64::from(width) / drawing.width);
    let [width, height] = [drawing.width, drawing.height].map(|side| (side * scale) as f32);
    let mut page = Page {
        content: Content::new(),
        opacities: Vec::new(),
    };
    // From the upper left corner downwards to the lower left one upwards.
    let down = scale as f32;
    page.content.transform([down, 0.0, 0.0, -down, 0.0, height]);
    page.background(drawing);
    for outline in drawing.outlines() {
        page.outline(&outline, drawing.clip);
    }
    let packed = deflated(&page.content.finish()).map_err(|error| error.to_string())?;

    let mut pdf = Pdf::new();
    pdf.catalog(CATALOG).pages(PAGES);
    pdf.pages(PAGES).kids([PAGE]).count(1);
    pdf.document_info(INFO).title(TextStr(&drawing.title));
    let references = (OPACITY..).map(Ref::new);
    {
        let mut written = pdf.page(PAGE);
        written.parent(PAGES).contents(CONTENT);
        written.media_box(Rect::new(0.0, 0.0, width, height));
        let mut resources = written.resources();
        let mut states = resources.ext_g_states();
        for (at, id) in (0..page.opacities.len()).zip(references.clone()) {
            states.pair(Name(state(at).as_bytes()), id);
        }
    }
    for (&opacity, id) in page.opacities.iter().zip(references) {
        let mut state = pdf.ext_graphics(id);
        state.non_stroking_alpha(opacity).stroking_alpha(1.0);
    }
    pdf.stream(CONTENT, &packed).filter(Filter::FlateDecode);
    Ok(pdf.finish())
}

fn deflated(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The name of a graphics state with the opacities of this index.
fn state(at: usize) -> String {
    format!("o{at}")
}

/// A page while its shapes are written.
struct Page {
    content: Content,
    /// Opacities of the insides, each once.
    opacities: Vec<f32>,
}

impl Page {
    fn background(&mut self, drawing: &Drawing) {
        self.rectangle(((0.0, 0.0), (drawing.width, drawing.height)));
        self.fill(WHITE);
        self.content.fill_nonzero();
    }

    fn outline(&mut self, outline: &Outline, clip: Option<(Point, Point)>) {
        if outline.path.0.is_empty() {
            return;
        }
        let style = outline.style;
        self.content.save_state();
        if let Some(frame) = clip.filter(|_| outline.is_clipped) {
            self.rectangle(frame);
            self.content.clip_nonzero().end_path();
        }
        self.opacity(style.opacity as f32);
        if let Some(fill) = style.fill {
            self.fill(fill);
        }
        if let Some(stroke) = style.stroke {
            let [r, g, b] = colour(stroke);
            self.content.set_stroke_rgb(r, g, b);
            self.pen(style);
        }
        self.path(&outline.path);
        match (
            style.fill.map(|_| outline.is_even_odd),
            style.stroke.is_some(),
        ) {
            (Some(true), true) => self.content.fill_even_odd_and_stroke(),
            (Some(true), false) => self.content.fill_even_odd(),
            (Some(false), true) => self.content.fill_nonzero_and_stroke(),
            (Some(false), false) => self.content.fill_nonzero(),
            (None, true) => self.content.stroke(),
            (None, false) => self.content.end_path(),
        };
        self.content.restore_state();
    }

    fn opacity(&mut self, opacity: f32) {
        let found = self.opacities.iter().position(|known| *known == opacity);
        let at = found.unwrap_or_else(|| {
            self.opacities.push(opacity);
            self.opacities.len() - 1
        });
        self.content.set_parameters(Name(state(at).as_bytes()));
    }

    fn fill(&mut self, code: &str) {
        let [r, g, b] = colour(code);
        self.content.set_fill_rgb(r, g, b);
    }

    fn pen(&mut self, style: Style) {
        self.content.set_line_width(style.width as f32);
        self.content.set_line_join(LineJoinStyle::RoundJoin);
        if !style.dashes.is_empty() {
            let dashes = style.dashes.iter().map(|&length| length as f32);
            self.content.set_dash_pattern(dashes, 0.0);
        }
    }

    fn rectangle(&mut self, ((left, top), (right, bottom)): (Point, Point)) {
        let [x, y, w, h] = [left, top, right - left, bottom - top].map(|side| side as f32);
        self.content.rect(x, y, w, h);
    }

    fn path(&mut self, path: &Path) {
        let mut last = (0.0, 0.0);
        for &step in &path.0 {
            match step {
                Step::Move(to) => {
                    let [x, y] = single(to);
                    self.content.move_to(x, y);
                    last = to;
                }
                Step::Line(to) => {
                    let [x, y] = single(to);
                    self.content.line_to(x, y);
                    last = to;
                }
                Step::Bend(control, to) => {
                    // PDF has cubic curves only: the controls are two thirds of the way to that of the quadratic one.
                    let towards = |from: Point| {
                        let part = |a: f64, b: f64| a + (b - a) * (2.0 / 3.0);
                        (part(from.0, control.0), part(from.1, control.1))
                    };
                    self.cubic(towards(last), towards(to), to);
                    last = to;
                }
                Step::Cubic(first, second, to) => {
                    self.cubic(first, second, to);
                    last = to;
                }
                Step::Close => {
                    self.content.close_path();
                }
            }
        }
    }

    fn cubic(&mut self, first: Point, second: Point, to: Point) {
        let [[ax, ay], [bx, by], [x, y]] = [first, second, to].map(single);
        self.content.cubic_to(ax, ay, bx, by, x, y);
    }
}

fn single((x, y): Point) -> [f32; 2] {
    [x as f32, y as f32]
}

fn colour(code: &str) -> [f32; 3] {
    png::rgb(code).map(|part| f32::from(part) / 255.0)
}
