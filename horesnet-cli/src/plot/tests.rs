//! Laws of the pictures, for every bundled scheme and some implicit ones.

mod options;

use std::sync::Arc;

use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{library, parse};
use resvg::tiny_skia::{Pixmap, Rect, Transform};
use resvg::usvg::{self, Group, Node, Tree, fontdb::Database};

use super::frame::Limits;
use super::rational::Set;
use super::region::{Options, Region};
use super::subject::Subject;
use super::{png, region};
use horesnet_train::drawing::Drawing;
use horesnet_train::drawing::lettering::{self, Face};

const BACKWARD_EULER: &str = "name \"Backward Euler\"\n1 | 1\n---\norder 1 | 1\n";
const GAUSS4: &str = "let r = sqrt(3)\n* | 1/4 (1/4-r/6)\n* | (1/4+r/6) 1/4\n---\n| 1/2 1/2\n";
const DIRK: &str = "let g = 1 - sqrt(2)/2\n* | g 0\n* | (1-g) g\n---\n| (1-g) g\n";

/// Without a proof of its order, which takes longer than its picture.
fn subject(name: &str, text: &str) -> Subject {
    let tableau = Tableau::new(&parse(text).unwrap()).unwrap();
    Subject {
        name: tableau.name.clone().unwrap_or_else(|| name.to_owned()),
        source: name.to_owned(),
        tableau,
        orders: vec![4],
    }
}

fn bundled(name: &str) -> Subject {
    subject(name, library::find(name).unwrap().text)
}

fn stable(subject: &Subject) -> Result<Region, String> {
    subject.region(Set::Stability)
}

const OPTIONS: Options = Options {
    title: true,
    limits: Limits { x: None, y: None },
};

fn drawn(regions: &[Region]) -> (Drawing, Vec<String>) {
    region::draw(regions, OPTIONS)
}

/// The SVG as resvg reads it, with the fonts of the PNG.
fn tree(svg: &str) -> Tree {
    let mut fonts = Database::new();
    for face in [Face::Regular, Face::Bold] {
        fonts.load_font_data(lettering::font(face).to_vec());
    }
    fonts.set_sans_serif_family("DejaVu Sans");
    let options = usvg::Options {
        fontdb: Arc::new(fonts),
        font_family: "DejaVu Sans".to_owned(),
        ..usvg::Options::default()
    };
    Tree::from_str(svg, &options).unwrap()
}

/// The boxes of the words as the PNG has them, once the SVG is seen to be well-formed and without impossible numbers.
fn words(drawing: &Drawing) -> Vec<(String, Rect)> {
    let svg = drawing.svg(None);
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    let tree = tree(&svg);
    let mut words = Vec::new();
    collect(tree.root(), &mut words);
    for (text, place) in &words {
        let inside = place.left() >= 2.0
            && place.top() >= 2.0
            && place.right() <= tree.size().width() - 2.0
            && place.bottom() <= tree.size().height() - 2.0;
        assert!(inside, "`{text}` leaves {}: {place:?}", drawing.title);
    }
    words
}

fn collect(group: &Group, words: &mut Vec<(String, Rect)>) {
    for node in group.children() {
        match node {
            Node::Group(group) => collect(group, words),
            Node::Text(text) => {
                let chunks = text.chunks().iter().map(resvg::usvg::TextChunk::text);
                words.push((chunks.collect(), text.abs_bounding_box()));
            }
            Node::Path(_) | Node::Image(_) => {}
        }
    }
}

/// Labels that touch.
fn collisions(words: &[(String, Rect)]) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (i, (a, place)) in words.iter().enumerate() {
        let others = words.iter().skip(i + 1);
        let touching = others.filter(|(_, other)| place.intersect(other).is_some());
        found.extend(touching.map(|(b, _)| (a.as_str(), b.as_str())));
    }
    found
}

#[test]
fn every_region_has_its_labels_inside_and_apart() {
    for scheme in library::all() {
        let region = stable(&subject(scheme.name, scheme.text)).unwrap();
        let words = words(&drawn(&[region]).0);
        assert_eq!(collisions(&words), [], "{}", scheme.name);
    }
}

#[test]
fn every_wiring_has_its_labels_inside_and_apart() {
    for scheme in library::all() {
        let words = words(&subject(scheme.name, scheme.text).wiring(true).unwrap());
        assert_eq!(collisions(&words), [], "{}", scheme.name);
    }
}

#[test]
fn implicit_schemes_have_regions_and_no_wiring() {
    let subjects = [BACKWARD_EULER, GAUSS4, DIRK].map(|text| subject("mine", text));
    for subject in &subjects {
        words(&drawn(&[stable(subject).unwrap()]).0);
        let refused = subject.wiring(true).err().unwrap();
        assert!(refused.contains("is implicit"), "{refused}");
    }
    let regions = subjects.map(|subject| stable(&subject).unwrap());
    assert_eq!(collisions(&words(&drawn(&regions).0)), []);
}

#[test]
fn many_regions_have_a_legend_that_fits() {
    let schemes = library::all().iter().take(40);
    let subjects: Vec<_> = schemes
        .map(|scheme| subject(scheme.name, scheme.text))
        .collect();
    let regions: Result<Vec<_>, _> = subjects.iter().map(stable).collect();
    let words = words(&drawn(&regions.unwrap()).0);
    assert_eq!(collisions(&words), []);
    for subject in subjects {
        let start = subject.name.get(..8).unwrap_or(&subject.name);
        assert!(words.iter().any(|(text, _)| text.starts_with(start)));
    }
}

#[test]
fn a_wiring_has_every_coefficient_once_and_no_zeros() {
    let words = words(&bundled("rk4").wiring(true).unwrap());
    let mut numbers: Vec<_> = words
        .iter()
        .map(|(text, _)| text.as_str())
        .filter(|text| text.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, ["1", "1/2", "1/2", "1/3", "1/3", "1/6", "1/6"]);
}

#[test]
fn stages_that_do_not_matter_are_not_drawn() {
    let words = words(&bundled("verner8").wiring(true).unwrap());
    let stages = words.iter().filter(|(text, _)| text.starts_with('F'));
    assert_eq!(stages.count(), 14);
}

#[test]
fn names_are_text_and_not_markup() {
    let text = "name \"<b> & 'c' \u{1} ]]>\"\n0 |\n---\norder 1 | 1\n";
    let subject = subject("mine", text);
    for drawing in [
        drawn(&[stable(&subject).unwrap()]).0,
        subject.wiring(true).unwrap(),
    ] {
        let words = words(&drawing);
        assert!(words.iter().any(|(text, _)| text.contains("<b> & 'c'")));
    }
}

#[test]
fn long_names_are_cut_and_fit() {
    let text = format!("name \"{}\"\n0 |\n---\norder 1 | 1\n", "W".repeat(500));
    let regions = [subject("mine", &text), bundled("rk4")];
    words(&drawn(&regions.map(|s| stable(&s).unwrap())).0);
    words(&subject("mine", &text).wiring(true).unwrap());
}

#[test]
fn the_png_has_words_on_a_machine_without_fonts() {
    let drawing = bundled("euler").wiring(true).unwrap();
    let png = png::draw(&drawing, Some(400)).unwrap();
    let mut bare = Drawing::default();
    (bare.width, bare.height) = (drawing.width, drawing.height);
    let bare = png::draw(&bare, Some(400)).unwrap();
    assert!(png.starts_with(b"\x89PNG") && png.len() > 2 * bare.len());
}

#[test]
fn the_png_is_the_svg_as_another_program_paints_it() {
    let regions = ["euler", "rk4", "dopri5"].map(|name| stable(&bundled(name)).unwrap());
    let drawings = [
        drawn(&regions).0,
        bundled("rk4").wiring(true).unwrap(),
        bundled("verner8").wiring(true).unwrap(),
    ];
    for drawing in drawings {
        let painted = png::paint(&drawing, 2.0).unwrap();
        let mut expected = Pixmap::new(painted.width(), painted.height()).unwrap();
        let scale = Transform::from_scale(2.0, 2.0);
        resvg::render(&tree(&drawing.svg(None)), scale, &mut expected.as_mut());
        let difference = |(a, b): (&u8, &u8)| u64::from(a.abs_diff(*b));
        let pairs = painted.data().iter().zip(expected.data());
        let sum: u64 = pairs.map(difference).sum();
        let mean = sum as f64 / painted.data().len() as f64;
        assert!(mean < 0.1, "{}: {mean}", drawing.title);
    }
}

#[test]
fn regions_of_any_size_are_drawn() {
    let text = |weight: &str| format!("0 |\n---\n| {weight}\n");
    for weight in [
        "1e18", "1e-18", "1e100", "1e-100", "1e300", "1e-300", "-1e-18", "1e3", "0",
    ] {
        let tiny = stable(&subject("mine", &text(weight))).unwrap();
        let words = words(&drawn(&[tiny]).0);
        assert_eq!(collisions(&words), [], "{weight}");
        let ticks = words.iter().filter(|(text, _)| text.len() < 9);
        assert!(ticks.count() < 40);
    }
    // Euler's disc, 10⁻¹⁸ times as large.
    let euler = stable(&subject("mine", &text("1e18"))).unwrap();
    let words = words(&drawn(&[euler]).0);
    let shown = |name: &str| words.iter().any(|(text, _)| text == name);
    assert!(
        shown("Re(hλ) in 10⁻¹⁹") && shown("−20") && shown("0"),
        "{words:?}"
    );
    // Sizes that differ as much, in one scheme and in two.
    let two = ["1e30", "1e-30"].map(|weight| stable(&subject("mine", &text(weight))).unwrap());
    self::words(&drawn(&two).0);
    let mixed = "0 |\n1 | 1e30\n---\n| 1e-30 1e-9\n";
    self::words(&drawn(&[stable(&subject("mine", mixed)).unwrap()]).0);
}

#[test]
fn small_islands_are_in_the_picture_or_noted() {
    // The first scheme's are 7·10⁻⁴ of its region, and around these points and their conjugates.
    for (name, (re, im)) in [("parsani5_10", (1.74, 5.32)), ("feagin14", (1.25, 1.76))] {
        let region = stable(&bundled(name)).unwrap();
        let window = region.view().window;
        assert!(window.re.1 > re && window.im.1 > im, "{name}: {window:?}");
        assert_eq!(drawn(&[region]).1, [""; 0]);
    }
    let feagin = drawn(&[stable(&bundled("feagin10")).unwrap()]);
    let note = "Feagin 10 has 2 small islands outside of the picture";
    assert_eq!(feagin.1, [note]);
}

#[test]
fn a_region_that_hides_another_is_named() {
    let regions = ["rk4", "euler", "rk4_38"].map(|name| stable(&bundled(name)).unwrap());
    let words = words(&drawn(&regions).0);
    let same: Vec<_> = words
        .iter()
        .filter(|(text, _)| text.contains("same"))
        .collect();
    assert_eq!(same.len(), 1);
    assert_eq!(same[0].0, "order 4, 4 stages, same region as RK4");
}

#[test]
fn bundled_names_are_not_cut() {
    for scheme in library::all() {
        let subjects = [subject(scheme.name, scheme.text), bundled("euler")];
        let words = words(&drawn(&subjects.map(|s| stable(&s).unwrap())).0);
        assert!(
            words.iter().all(|(text, _)| !text.contains('…')),
            "{words:?}"
        );
    }
}

#[test]
fn letters_that_the_png_lacks_are_told() {
    let name = |name: &str| format!("name \"{name}\"\n0 |\n---\norder 1 | 1\n");
    let drawing = |text: String| subject("mine", &text).wiring(true).unwrap();
    assert_eq!(drawing(name("Kröger–Nørsett λ")).missing(), "");
    assert_eq!(drawing(name("欧拉法")).missing(), "拉欧法");
}
