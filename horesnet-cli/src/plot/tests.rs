//! Laws of the pictures, for every bundled scheme and some implicit ones.

use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{library, parse};
use resvg::tiny_skia::Rect;
use resvg::usvg::{Group, Node, Tree};

use super::frame::Limits;
use super::rational::Set;
use super::region::{Options, Region};
use super::subject::Subject;
use super::{pdf, png, region};
use horesnet_train::drawing::Drawing;

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
    // The options load no font but the program's own.
    let drawing = bundled("euler").wiring(true).unwrap();
    let png = png::from_svg(&drawing.svg(Some(400)), 1.0).unwrap();
    let mut bare = Drawing::default();
    (bare.width, bare.height) = (drawing.width, drawing.height);
    assert!(
        png.starts_with(b"\x89PNG")
            && png.len() > 2 * png::from_svg(&bare.svg(Some(400)), 1.0).unwrap().len()
    );
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

const RADAU5: &str = "let r = sqrt(6)\n\
    * | (88-7*r)/360 (296-169*r)/1800 (-2+3*r)/225\n\
    * | (296+169*r)/1800 (88+7*r)/360 (-2-3*r)/225\n\
    * | (16-r)/36 (16+r)/36 1/9\n---\n| (16-r)/36 (16+r)/36 1/9\n";

#[test]
fn what_an_l_stable_scheme_leaves_out_is_seen_whole_and_beside_the_left_half_plane() {
    for text in [BACKWARD_EULER, DIRK, RADAU5] {
        let region = stable(&subject("mine", text)).unwrap();
        let window = super::frame::window(std::slice::from_ref(&region), Limits::default()).0;
        let (width, height) = (window.width(), window.height());
        let unstable = |x: f64, y: f64| region.function.level(Set::Stability, (x, y)) > 0.0;
        // No edge of the picture is unstable, and what is lies right of the origin.
        for at in 0..=1000 {
            let part = f64::from(at) / 1000.0;
            let (x, y) = (window.re.0 + part * width, window.im.0 + part * height);
            for (x, y) in [
                (x, window.im.0),
                (x, window.im.1),
                (window.re.0, y),
                (window.re.1, y),
            ] {
                assert!(!unstable(x, y), "{text} {x} {y}");
            }
        }
        assert!((0..100).any(|at| unstable(window.re.1 * f64::from(at) / 100.0, 0.0)));
        let left = -window.re.0 / width;
        assert!((0.3..0.5).contains(&left), "{window:?}");
    }
}

#[test]
fn every_embedded_row_has_a_region_and_a_name_of_its_own() {
    for scheme in library::all() {
        let subject = subject(scheme.name, scheme.text);
        let rows = subject.embedded();
        assert_eq!(rows.len() + 1, subject.tableau.weights.len());
        if rows.is_empty() {
            continue;
        }
        let mut regions = vec![stable(&subject).unwrap()];
        regions.extend(rows.iter().map(|row| stable(row).unwrap()));
        let words = words(&drawn(&regions).0);
        assert_eq!(collisions(&words), [], "{}", scheme.name);
        assert!(
            words.iter().all(|(text, _)| !text.contains('…')),
            "{words:?}"
        );
        for row in rows {
            assert!(words.iter().any(|(text, _)| *text == row.name), "{words:?}");
        }
    }
    // Two rows are told apart, and long names are cut before the word.
    let text = |name: &str| format!("name \"{name}\"\n0 |\n1 | 1\n---\n| 1/2 1/2\n| 1 0\n| 0 1\n");
    let names = |name: &str| {
        let rows = subject("mine", &text(name)).embedded().into_iter();
        rows.map(|row| row.name).collect::<Vec<_>>()
    };
    assert_eq!(names("Mine"), ["Mine, embedded 1", "Mine, embedded 2"]);
    let long = names(&"W".repeat(60));
    assert!(
        long.iter().all(|name| name.chars().count() == 48),
        "{long:?}"
    );
    assert!(long[1].ends_with("W…, embedded 2"), "{long:?}");
}

#[test]
fn order_stars_have_their_labels_inside_and_apart() {
    let implicit = [BACKWARD_EULER, GAUSS4, DIRK, RADAU5].map(|text| subject("mine", text));
    let bundled = library::all()
        .iter()
        .map(|scheme| subject(scheme.name, scheme.text));
    for subject in bundled.chain(implicit) {
        let star = subject.region(Set::OrderStar).unwrap();
        let words = words(&drawn(&[star]).0);
        assert_eq!(collisions(&words), [], "{}", subject.name);
        let shown = |name: &str| words.iter().any(|(text, _)| text.starts_with(name));
        assert!(shown("Order star of ") && shown("|R(z)·exp(−z)| > 1, ") && shown("Re(z)"));
    }
}

#[test]
fn limits_and_titles_are_as_asked_for() {
    let region = || stable(&bundled("rk4")).unwrap();
    for (x, y) in [
        (Some((-4.0, 4.0)), None),
        (None, Some((0.0, 1e-3))),
        (Some((-1000.0, 0.0)), Some((-1.1, 1.1))),
        (Some((-5320.5, -5315.5)), Some((4.0, 5.0))),
        (Some((-1e90, 1e90)), Some((1e-9, 2e-9))),
        (Some((12345.0, 12357.5)), None),
    ] {
        let limits = Limits { x, y };
        for title in [true, false] {
            let (drawing, notes) = region::draw(&[region()], Options { title, limits });
            let words = words(&drawing);
            assert_eq!(collisions(&words), [], "{limits:?}");
            assert_eq!(words.iter().any(|(text, _)| text.contains("RK4")), title);
            assert_eq!(
                (drawing.title.as_str(), notes.len()),
                ("Stability region of RK4", 0)
            );
        }
    }
    let limits = Limits {
        x: Some((-4.0, 4.0)),
        y: Some((-3.0, 3.0)),
    };
    let (shown, ..) = region::draw(
        &[region()],
        Options {
            title: true,
            limits,
        },
    );
    let (bare, ..) = region::draw(
        &[region()],
        Options {
            title: false,
            limits,
        },
    );
    assert!(bare.height + 30.0 < shown.height);
    let numbers: Vec<_> = words(&bare).into_iter().map(|(text, _)| text).collect();
    for number in ["−4", "4", "−3", "3"] {
        assert!(numbers.iter().any(|text| text == number), "{numbers:?}");
    }
    assert_eq!(
        collisions(&words(&bundled("rk4").wiring(false).unwrap())),
        []
    );
}

#[test]
fn a_pdf_has_a_page_of_the_size_and_the_shapes_of_the_picture() {
    let (drawing, _) = drawn(&[stable(&bundled("rk4")).unwrap()]);
    let pdf = pdf::draw(&drawing, None).unwrap();
    assert!(pdf.starts_with(b"%PDF-1.7") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
    let text = String::from_utf8_lossy(&pdf);
    let (width, height) = (drawing.width * 0.75, drawing.height * 0.75);
    let size = text.split_once("/MediaBox [0 0 ").unwrap().1;
    let size: Vec<f64> = size
        .split([' ', ']'])
        .take(2)
        .map(|n| n.parse().unwrap())
        .collect();
    assert!(
        (size[0] - width).abs() < 0.1 && (size[1] - height).abs() < 0.1,
        "{size:?}"
    );
    assert!(text.contains("/ca 0.18"), "{text}");
    // The content stream, unpacked: a filled outline within the frame, and lines.
    let content = &pdf[pdf.windows(8).position(|w| w == b"stream\n\x78").unwrap() + 7..];
    let mut unpacked = String::new();
    let mut reader = flate2::read::ZlibDecoder::new(content);
    std::io::Read::read_to_string(&mut reader, &mut unpacked).unwrap();
    for operator in [
        "\nW\nn",
        "B*\n",
        "\nS\n",
        " c\n",
        "0 0.44705883 0.69803923 RG",
    ] {
        assert!(unpacked.contains(operator), "{operator}");
    }
    assert_eq!(
        unpacked.matches("\nq").count() + 1,
        unpacked.matches("\nQ").count()
    );
    assert_eq!(pdf, pdf::draw(&drawing, None).unwrap());
}
