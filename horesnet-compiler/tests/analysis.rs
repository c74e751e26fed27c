use horesnet_compiler::analysis::Analysis;
use horesnet_compiler::{check, library};
#[test]
fn quick() {
    for bundled in library::all() {
        let c = check(bundled.text, None).unwrap();
        let mut a = Analysis::of(&c.tableau, &c.verdict);
        a.stability = Err(horesnet_compiler::analysis::Unknown::Order);
        println!("{} {:?}", bundled.name, a);
    }
}
