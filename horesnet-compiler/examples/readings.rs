//! Lists what is read as what in files of any notation.
use horesnet_compiler::notation::{self, Choice, PrintedTableau};

fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        println!("=== {path} ({})", notation::detect(&text).form);
        match notation::read(&text, &Choice::default()) {
            Err(problems) => problems
                .iter()
                .for_each(|problem| println!("{}", problem.render(&path, &text))),
            Ok(schemes) => {
                for scheme in schemes {
                    println!(
                        "  # {:?} {}",
                        scheme.document.name.as_ref().map(|name| &name.value),
                        scheme.notes.join("\n  # ")
                    );
                    match PrintedTableau::new(&scheme.document) {
                        Ok(printed) => {
                            let tab = notation::find("tab").unwrap().write(&printed).unwrap();
                            let orders: Vec<_> = horesnet_compiler::check(&tab, None)
                                .map(|checked| {
                                    checked
                                        .verdict
                                        .weights
                                        .iter()
                                        .map(|row| row.order)
                                        .collect()
                                })
                                .unwrap_or_default();
                            println!("{tab}  orders {orders:?}");
                        }
                        Err(problems) => problems
                            .iter()
                            .for_each(|problem| println!("{}", problem.render(&path, &text))),
                    }
                }
            }
        }
    }
}
