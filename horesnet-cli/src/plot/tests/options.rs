//! Options of `horesnet plot`: limits, titles, embedded weights, order stars, PDF.

use horesnet_compiler::library;

use super::super::frame::{self, Limits};
use super::super::pdf;
use super::super::rational::Set;
use super::super::region::{self, Options};
use super::{BACKWARD_EULER, DIRK, GAUSS4, bundled, collisions, drawn, stable, subject, words};

const RADAU5: &str = "let r = sqrt(6)\n\
    * | (88-7*r)/360 (296-169*r)/1800 (-2+3*r)/225\n\
    * | (296+169*r)/1800 (88+7*r)/360 (-2-3*r)/225\n\
    * | (16-r)/36 (16+r)/36 1/9\n---\n| (16-r)/36 (16+r)/36 1/9\n";

#[test]
fn what_an_l_stable_scheme_leaves_out_is_seen_whole_and_beside_the_left_half_plane() {
    for text in [BACKWARD_EULER, DIRK, RADAU5] {
        let region = stable(&subject("mine", text)).unwrap();
        let window = frame::window(
            &region::views(std::slice::from_ref(&region)),
            Limits::default(),
        )
        .0;
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
        unpacked.matches("\nq").count(),
        unpacked.matches("\nQ").count()
    );
    assert_eq!(pdf, pdf::draw(&drawing, None).unwrap());
}
