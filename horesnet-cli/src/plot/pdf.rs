//! Writes drawings as PDF pages of vector shapes; letters are shapes too, so that every reader shows the same.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use horesnet_train::drawing::Drawing;
use pdf_writer::types::{LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Filter, Name, Pdf, Rect, Ref, TextStr};
use resvg::tiny_skia::{PathSegment, Point, Transform};
use resvg::usvg::{
    ClipPath, Color, Fill, FillRule, Group, LineCap, LineJoin, Node, Paint, Path, Stroke, Tree,
};

use super::png;

/// Points, of which an inch has 72, in a pixel, of which it has 96.
const POINT: f32 = 0.75;

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
    let svg = drawing.svg(width);
    let tree = Tree::from_str(&svg, &png::options()).map_err(|error| error.to_string())?;
    let [width, height] = [tree.size().width(), tree.size().height()].map(|side| side * POINT);
    let mut page = Page {
        content: Content::new(),
        // From the upper left corner downwards to the lower left one upwards.
        placement: Transform::from_row(POINT, 0.0, 0.0, -POINT, 0.0, height),
        opacities: Vec::new(),
    };
    page.group(tree.root());
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
    for (&[fill, stroke], id) in page.opacities.iter().zip(references) {
        let mut state = pdf.ext_graphics(id);
        state.non_stroking_alpha(fill).stroking_alpha(stroke);
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
    placement: Transform,
    /// Opacities of fill and stroke, each pair once.
    opacities: Vec<[f32; 2]>,
}

impl Page {
    /// Writes what drawings have: paths, words and rectangles that clip.
    fn group(&mut self, group: &Group) {
        self.content.save_state();
        if let Some(clip) = group.clip_path() {
            self.clip(clip, group.abs_transform());
        }
        for node in group.children() {
            match node {
                Node::Group(group) => self.group(group),
                Node::Path(path) if path.is_visible() => self.path(path),
                Node::Text(text) => self.group(text.flattened()),
                Node::Path(_) | Node::Image(_) => {}
            }
        }
        self.content.restore_state();
    }

    fn clip(&mut self, clip: &ClipPath, transform: Transform) {
        for node in clip.root().children() {
            if let Node::Path(path) = node {
                let to_page = path.abs_transform().post_concat(clip.transform());
                let to_page = to_page.post_concat(transform).post_concat(self.placement);
                self.outline(path, to_page);
            }
        }
        self.content.clip_nonzero().end_path();
    }

    fn path(&mut self, path: &Path) {
        let fill = path
            .fill()
            .and_then(|fill| Some((fill, colour(fill.paint())?)));
        let stroke = path
            .stroke()
            .and_then(|stroke| Some((stroke, colour(stroke.paint())?)));
        self.content.save_state();
        let opacity = [
            fill.map_or(1.0, |(fill, _)| fill.opacity().get()),
            stroke.map_or(1.0, |(stroke, _)| stroke.opacity().get()),
        ];
        self.opacity(opacity);
        let transform = path.abs_transform().post_concat(self.placement);
        let Transform {
            sx,
            ky,
            kx,
            sy,
            tx,
            ty,
        } = transform;
        self.content.transform([sx, ky, kx, sy, tx, ty]);
        if let Some((_, [r, g, b])) = fill {
            self.content.set_fill_rgb(r, g, b);
        }
        if let Some((stroke, [r, g, b])) = stroke {
            self.content.set_stroke_rgb(r, g, b);
            self.pen(stroke);
        }
        self.outline(path, Transform::identity());
        let is_even_odd = |fill: &Fill| fill.rule() == FillRule::EvenOdd;
        match (fill.map(|(fill, _)| is_even_odd(fill)), stroke.is_some()) {
            (Some(true), true) => self.content.fill_even_odd_and_stroke(),
            (Some(true), false) => self.content.fill_even_odd(),
            (Some(false), true) => self.content.fill_nonzero_and_stroke(),
            (Some(false), false) => self.content.fill_nonzero(),
            (None, true) => self.content.stroke(),
            (None, false) => self.content.end_path(),
        };
        self.content.restore_state();
    }

    fn opacity(&mut self, opacity: [f32; 2]) {
        let found = self.opacities.iter().position(|known| *known == opacity);
        let at = found.unwrap_or_else(|| {
            self.opacities.push(opacity);
            self.opacities.len() - 1
        });
        self.content.set_parameters(Name(state(at).as_bytes()));
    }

    fn pen(&mut self, stroke: &Stroke) {
        let content = &mut self.content;
        content.set_line_width(stroke.width().get());
        content.set_miter_limit(stroke.miterlimit().get());
        content.set_line_cap(match stroke.linecap() {
            LineCap::Butt => LineCapStyle::ButtCap,
            LineCap::Round => LineCapStyle::RoundCap,
            LineCap::Square => LineCapStyle::ProjectingSquareCap,
        });
        content.set_line_join(match stroke.linejoin() {
            LineJoin::Miter | LineJoin::MiterClip => LineJoinStyle::MiterJoin,
            LineJoin::Round => LineJoinStyle::RoundJoin,
            LineJoin::Bevel => LineJoinStyle::BevelJoin,
        });
        if let Some(dashes) = stroke.dasharray() {
            content.set_dash_pattern(dashes.iter().copied(), stroke.dashoffset());
        }
    }

    fn outline(&mut self, path: &Path, transform: Transform) {
        let Some(data) = path.data().clone().transform(transform) else {
            return;
        };
        let mut last = Point::zero();
        for segment in data.segments() {
            match segment {
                PathSegment::MoveTo(to) => {
                    self.content.move_to(to.x, to.y);
                    last = to;
                }
                PathSegment::LineTo(to) => {
                    self.content.line_to(to.x, to.y);
                    last = to;
                }
                PathSegment::QuadTo(control, to) => {
                    // PDF has cubic curves only: the controls are two thirds of the way to that of the quadratic one.
                    let towards = |from: Point| {
                        let part = |a: f32, b: f32| a + (b - a) * (2.0 / 3.0);
                        (part(from.x, control.x), part(from.y, control.y))
                    };
                    let ((ax, ay), (bx, by)) = (towards(last), towards(to));
                    self.content.cubic_to(ax, ay, bx, by, to.x, to.y);
                    last = to;
                }
                PathSegment::CubicTo(a, b, to) => {
                    self.content.cubic_to(a.x, a.y, b.x, b.y, to.x, to.y);
                    last = to;
                }
                PathSegment::Close => {
                    self.content.close_path();
                }
            }
        }
    }
}

/// A plain colour; drawings have no other paint.
fn colour(paint: &Paint) -> Option<[f32; 3]> {
    let Paint::Color(Color { red, green, blue }) = paint else {
        return None;
    };
    Some([red, green, blue].map(|&part| f32::from(part) / 255.0))
}
