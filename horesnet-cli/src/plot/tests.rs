//! Laws of the pictures, for every bundled scheme and some implicit ones.

use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{library, parse};
use resvg::tiny_skia::Rect;
use resvg::usvg::{Group, Node, Tree};

use super::drawing::Drawing;
use super::{Subject, png, region};

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
        order: Some(4),
    }
}

fn bundled(name: &str) -> Subject {
    subject(name, library::find(name).unwrap().text)
}

/// The boxes of the words as the PNG has them, once the SVG is seen to be well-formed and without impossible numbers.
fn words(drawing: &Drawing) -> Vec<(String, Rect)> {
    let svg = drawing.svg(None);
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    let tree = Tree::from_str(&svg, &png::options()).unwrap();
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
        let region = subject(scheme.name, scheme.text).region().unwrap();
        let words = words(&region::draw(&[region]));
        assert_eq!(collisions(&words), [], "{}", scheme.name);
    }
}

#[test]
fn every_wiring_has_its_labels_inside_and_apart() {
    for scheme in library::all() {
        let words = words(&subject(scheme.name, scheme.text).wiring().unwrap());
        assert_eq!(collisions(&words), [], "{}", scheme.name);
    }
}

#[test]
fn implicit_schemes_have_regions_and_no_wiring() {
    let subjects = [BACKWARD_EULER, GAUSS4, DIRK].map(|text| subject("mine", text));
    for subject in &subjects {
        words(&region::draw(&[subject.region().unwrap()]));
        let refused = subject.wiring().err().unwrap();
        assert!(refused.contains("is implicit"), "{refused}");
    }
    let regions = subjects.map(|subject| subject.region().unwrap());
    assert_eq!(collisions(&words(&region::draw(&regions))), []);
}

#[test]
fn many_regions_have_a_legend_that_fits() {
    let schemes = library::all().iter().take(40);
    let subjects: Vec<_> = schemes
        .map(|scheme| subject(scheme.name, scheme.text))
        .collect();
    let regions: Result<Vec<_>, _> = subjects.iter().map(Subject::region).collect();
    let words = words(&region::draw(&regions.unwrap()));
    assert_eq!(collisions(&words), []);
    for subject in subjects {
        let start = subject.name.get(..8).unwrap_or(&subject.name);
        assert!(words.iter().any(|(text, _)| text.starts_with(start)));
    }
}

#[test]
fn a_wiring_has_every_coefficient_once_and_no_zeros() {
    let words = words(&bundled("rk4").wiring().unwrap());
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
    let words = words(&bundled("verner8").wiring().unwrap());
    let stages = words.iter().filter(|(text, _)| text.starts_with('F'));
    assert_eq!(stages.count(), 14);
}

#[test]
fn names_are_text_and_not_markup() {
    let text = "name \"<b> & 'c' \u{1} ]]>\"\n0 |\n---\norder 1 | 1\n";
    let subject = subject("mine", text);
    for drawing in [
        region::draw(&[subject.region().unwrap()]),
        subject.wiring().unwrap(),
    ] {
        let words = words(&drawing);
        assert!(words.iter().any(|(text, _)| text.contains("<b> & 'c'")));
    }
}

#[test]
fn long_names_are_cut_and_fit() {
    let text = format!("name \"{}\"\n0 |\n---\norder 1 | 1\n", "W".repeat(500));
    let regions = [subject("mine", &text), bundled("rk4")];
    words(&region::draw(&regions.map(|s| s.region().unwrap())));
    words(&subject("mine", &text).wiring().unwrap());
}

#[test]
fn the_png_has_words_on_a_machine_without_fonts() {
    // The options load no font but the program's own.
    let drawing = bundled("euler").wiring().unwrap();
    let png = png::from_svg(&drawing.svg(Some(400)), 1.0).unwrap();
    let bare = Drawing {
        shapes: Vec::new(),
        ..drawing
    };
    assert!(
        png.starts_with(b"\x89PNG")
            && png.len() > 2 * png::from_svg(&bare.svg(Some(400)), 1.0).unwrap().len()
    );
}
