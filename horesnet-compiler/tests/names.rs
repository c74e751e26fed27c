//! Bundled schemes are found by the names that other programs give to them, and suggested for names that mean them.

use std::collections::HashMap;

use horesnet_compiler::library::{self, Bundled, did_you_mean, find, similar};
use horesnet_compiler::{notation, parse};

fn schemes() -> impl Iterator<Item = &'static Bundled> {
    library::all().iter().chain(library::implicit())
}

/// What a name is found by: this repeats the rule of the documentation on its own.
fn plain(name: &str) -> String {
    let ignored = |c: char| c.is_whitespace() || "-_.,*()[]".contains(c);
    name.to_lowercase().replace(ignored, "")
}

#[test]
fn every_name_is_of_one_scheme_and_finds_it() {
    let mut known: HashMap<String, (&str, &str)> = HashMap::new();
    for scheme in schemes() {
        for name in scheme.names() {
            assert_eq!(find(name), Some(scheme), "{name}");
            assert_eq!(find(&name.to_uppercase().replace(' ', "_")), Some(scheme));
            let other = known.insert(plain(name), (scheme.name, name));
            // A title may be the name in words, such as `Heun 2`; any other name is new.
            let is_title = other == Some((scheme.name, scheme.name)) && name == scheme.title;
            assert!(
                other.is_none() || is_title,
                "{}: `{name}` is a name of {other:?} already",
                scheme.name
            );
        }
    }
    assert!(known.len() > 250, "{}", known.len());
}

#[test]
fn names_are_those_that_the_file_has() {
    for scheme in schemes() {
        let document = parse(scheme.text).unwrap();
        assert_eq!(document.aliases, scheme.aliases, "{}", scheme.name);
        assert_eq!(document.name.unwrap().value, scheme.title);
    }
}

#[test]
fn names_of_other_programs_find_their_schemes() {
    for (name, scheme) in [
        // SciPy
        ("RK45", "dopri5"),
        ("RK23", "bogacki_shampine3"),
        ("DOP853", "dop853"),
        ("Radau", "radau_iia3"),
        // MATLAB
        ("ode45", "dopri5"),
        ("ode23", "bogacki_shampine3"),
        // torchdiffeq
        ("dopri5", "dopri5"),
        ("dopri8", "dopri8"),
        ("bosh3", "bogacki_shampine3"),
        ("fehlberg2", "fehlberg21"),
        ("adaptive_heun", "heun2"),
        ("midpoint", "midpoint"),
        // diffrax
        ("Euler", "euler"),
        ("Heun", "heun2"),
        ("Midpoint", "midpoint"),
        ("Ralston", "ralston2"),
        ("Bosh3", "bogacki_shampine3"),
        // OrdinaryDiffEq.jl
        ("Tsit5()", "tsitouras5"),
        ("RK4()", "rk4"),
        ("DP5", "dopri5"),
        ("BS3", "bogacki_shampine3"),
        ("BS5", "bogacki_shampine5"),
        ("DP8", "dop853"),
        ("SSPRK22", "heun2"),
        ("SSPRK33", "ssprk3"),
        ("SSPRK43", "ssprk43"),
        ("SSPRK53", "ssprk53"),
        ("SSPRK104", "ssprk104"),
        ("Vern8", "verner87"),
        ("OwrenZen3", "owren_zennaro3"),
        ("TRBDF2", "tr_bdf2"),
        ("KenCarp4", "kennedy_carpenter4"),
        // NodePy
        ("RK44", "rk4"),
        ("MTE22", "ralston2"),
        ("SDIRK23", "norsett3"),
        ("TR-BDF2", "tr_bdf2"),
        // GSL
        ("rkf45", "fehlberg54"),
        ("rkck", "cash_karp5"),
        ("rk8pd", "dopri8"),
        // SUNDIALS
        ("ARKODE_BOGACKI_SHAMPINE_4_2_3", "bogacki_shampine3"),
        // Spellings
        ("ck45", "cash_karp5"),
        ("CashKarp", "cash_karp5"),
        ("BogackiShampine23", "bogacki_shampine3"),
        ("dormand prince", "dopri5"),
        ("SSPRK(4,3)", "ssprk43"),
    ] {
        let found = find(name).map(|scheme| scheme.name);
        assert_eq!(found, Some(scheme), "{name}");
    }
}

/// Names of methods that are not bundled, of several methods, and paths.
#[test]
fn other_names_find_nothing() {
    for name in [
        "", "()", "DOP54", "SSPRK54", "Kvaerno3", "rk2", "rk3", "./rk4", "rk4/", "rk4.tab",
        "RK45.tab",
    ] {
        assert_eq!(find(name), None, "{name}");
    }
}

#[test]
fn names_are_suggested_by_meaning() {
    let orders = |name: &str| {
        let suggested = similar(name).into_iter().map(|name| {
            let text = find(name).unwrap().text;
            parse(text).unwrap().weights[0]
                .claim
                .as_ref()
                .unwrap()
                .value
        });
        suggested.collect::<Vec<_>>()
    };
    assert_eq!(orders("rk5"), [5; 4]);
    assert_eq!(orders("order 6"), [6; 4]);
    assert_eq!(orders("rk2"), [2; 4]);
    for (name, suggested) in [
        ("dopri", &["dopri5", "dopri8"][..]),
        ("DOP54", &["dopri5"]),
        ("bogacki", &["bogacki_shampine3", "bogacki_shampine5"]),
        ("shampine 5", &["bogacki_shampine5"]),
        ("ssp3", &["ssprk3", "ssprk43", "ssprk53"]),
        ("heun 4", &["heun2", "heun3"]),
        ("huta", &["huta6", "huta6_second"]),
        ("nystrom", &["kutta_nystrom5"]),
        ("ruuth53", &["ascher_ruuth_spiteri3", "ssprk53"]),
    ] {
        let mut found = similar(name);
        found.sort_unstable();
        assert_eq!(found, suggested, "{name}");
    }
}

#[test]
fn slips_are_suggested_those_of_blocks_first() {
    assert_eq!(similar("gauss33")[0], "gauss3");
    assert!(similar("radau_2a3").contains(&"radau_iia3"));
    assert_eq!(similar("midpont"), ["midpoint", "implicit_midpoint"]);
    assert_eq!(similar("rungekuta4"), ["rk4"]);
    // Two letters from `heun3` and from `gauss3`.
    assert_eq!(similar("geus3")[0], "heun3");
    assert_eq!(did_you_mean("qqqqqqqq"), None);
}

/// The header is part of the language: it is read, formatted and written.
#[test]
fn the_header_is_kept() {
    let text = "name \"Mine\"\nalias   \"A b\"  \"C\"\nalias \"D\"\n0|\n--\norder 1|1\n";
    assert_eq!(parse(text).unwrap().aliases, ["A b", "C", "D"]);
    let formatted = notation::format(text).unwrap();
    assert!(
        formatted.starts_with("name \"Mine\"\nalias \"A b\" \"C\"\nalias \"D\"\n"),
        "{formatted}"
    );
    let tab = notation::find("tab").unwrap();
    let written = tab.write(&tab.read(text).unwrap()).unwrap();
    assert!(
        written.starts_with("name \"Mine\"\nalias \"A b\" \"C\" \"D\"\n"),
        "{written}"
    );
    let problem = parse("alias A\n0|\n--\n|1\n").unwrap_err();
    assert!(
        problem.headline().contains("text in double quotes"),
        "{}",
        problem.headline()
    );
}
