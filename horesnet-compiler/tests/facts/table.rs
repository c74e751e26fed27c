//! What is expected of each published tableau.

/// The fact by its source's name, and the scheme of the library.
pub(crate) const BUNDLED: &[(&str, &str)] = &[
    ("AlJahdaliVor3S82", "al_jahdali2_8"),
    ("AlJahdaliAdv3S53", "al_jahdali3_5"),
    ("AlJahdaliAdv3S64", "al_jahdali4_6"),
    ("AlJahdaliVor3S85", "al_jahdali5_8"),
    ("TSARKIMEXARS443.explicit", "ascher_ruuth_spiteri3"),
    ("Baker10", "baker10"),
    ("RK46NL", "berland4"),
    ("BogakiShampine3", "bogacki_shampine3"),
    ("BogakiShampine5", "bogacki_shampine5"),
    ("Butcher6", "butcher6"),
    ("Butcher63", "butcher6_rational"),
    ("Butcher7", "butcher7"),
    ("rkls54", "carpenter_kennedy4"),
    ("CashKarp", "cash_karp5"),
    ("Cassity5", "cassity5"),
    ("CooperVerner8", "cooper_verner8"),
    ("CooperVerner82", "cooper_verner8_second"),
    ("Curtis10", "curtis10"),
    ("rkc108", "curtis10_8"),
    ("Curtis8", "curtis8"),
    ("DOP853", "dop853"),
    ("DormandPrince", "dopri5"),
    ("DormandPrince8_64bit", "dopri8"),
    ("EnrightVerner7", "enright_verner7"),
    ("Euler", "euler"),
    ("EulerTrapSolver", "euler_trapezoid2"),
    ("Feagin10", "feagin10"),
    ("Feagin12", "feagin12"),
    ("Feagin14", "feagin14"),
    ("Fehlberg2", "fehlberg21"),
    ("RKF4", "fehlberg43"),
    ("rkf45", "fehlberg45"),
    ("RKF5", "fehlberg54"),
    ("TSARKIMEX2D.explicit", "giraldo2"),
    ("Chummund62", "hammud6"),
    ("Heun", "heun2"),
    ("HEUN_3", "heun3"),
    ("Huta6", "huta6"),
    ("Huta62", "huta6_second"),
    ("CKLLSRK43_2", "kennedy_carpenter_lewis3"),
    ("Kutta3", "kutta3"),
    ("Lawson5", "lawson5"),
    ("Lawson6", "lawson6"),
    ("midpoint", "midpoint"),
    ("NDBLSRK124", "niegemann4_12"),
    ("NDBLSRK144", "niegemann4_14"),
    ("NSSP33", "nssp33"),
    ("OwrenZen3", "owren_zennaro3"),
    ("OwrenZen4", "owren_zennaro4"),
    ("OwrenZen5", "owren_zennaro5"),
    ("ParsaniKetchesonDeconinck3S53", "parsani3_5"),
    ("ParsaniKetchesonDeconinck3S105", "parsani5_10"),
    ("Pr8", "prince8"),
    ("Ralston", "ralston2"),
    ("ARKODE_RALSTON_3_1_2", "ralston21"),
    ("Ralston4", "ralston4"),
    ("RDPK3Sp35", "rdpk3_5"),
    ("RDPK3SpFSAL35", "rdpk3_5_fsal"),
    ("RK4", "rk4"),
    ("RK438Rule", "rk4_38"),
    ("RUNGE_KUTTA_3", "runge3"),
    ("ARKODE_SAYFY_ABURUB_6_3_4", "sayfy_aburub4"),
    ("rks4", "shanks4"),
    ("rk8_12", "shanks8"),
    ("SharpSmart5", "sharp_smart5"),
    ("SSPRK104", "ssprk104"),
    ("SSPRK33", "ssprk3"),
    ("SSPRK43", "ssprk43"),
    ("rkssp53", "ssprk53"),
    ("TanakaKasugaYamashitaYazaki6B", "tanaka6"),
    ("DGLDDRK73_C", "toulorge_desmet3"),
    ("Tsitouras5", "tsitouras5"),
    ("Tsitouras92", "tsitouras9"),
    ("RKO65", "tsitouras_lane_emden5"),
    ("rktp64", "tsitouras_papakostas6"),
    ("Verner6", "verner6"),
    ("ClassicVerner7", "verner7"),
    ("rkv78", "verner78"),
    ("rkv89", "verner8"),
    ("Verner8", "verner87"),
    ("VernerEfficient6", "verner_efficient6"),
    ("VernerEfficient7", "verner_efficient7"),
    ("VernerEfficient9", "verner_efficient9"),
    ("VernerRobust6", "verner_robust6"),
    ("VernerRobust9", "verner_robust9"),
    ("ARKODE_ZONNEVELD_5_3_4", "zonneveld4"),
];

/// Bundled schemes that stand in articles only; `order.rs` has their orders.
pub(crate) const NO_FACT: [&str; 2] = ["gill4", "kutta_nystrom5"];

/// A tableau with the coefficients of a bundled scheme.
pub(crate) struct Copy {
    pub(crate) fact: &'static str,
    pub(crate) scheme: &'static str,
    /// The relative error of its coefficients.
    pub(crate) eps: Option<&'static str>,
    /// How near they are to those of the scheme: half of this relative error.
    pub(crate) near: &'static str,
}

pub(crate) const COPIES: [Copy; 2] = [
    // One more stage, for the first of the next step.
    Copy {
        fact: "Dopri8",
        scheme: "dopri8",
        eps: Some("2e-18"),
        near: "1e-199",
    },
    // In double precision, with five more stages that serve an interpolant.
    Copy {
        fact: "rkv98",
        scheme: "verner_efficient9",
        eps: Some("5e-15"),
        near: "1e-14",
    },
];

/// Embedded rows of which the source gives no order, with the order found and where it is stated.
pub(crate) const UNCLAIMED: [(&str, usize, &str); 10] = [
    ("CKLLSRK43_2", 2, "the article's 3(2)4[2R+]C"),
    (
        "Dopri8",
        7,
        "RK8(7)13M; diffrax keeps no order of the embedded row",
    ),
    (
        "Fehlberg2",
        1,
        "Fehlberg's RK1(2); torchdiffeq keeps the higher order only",
    ),
    ("OwrenZen3", 2, "the article's pairs of orders p and p - 1"),
    ("OwrenZen4", 3, "the article's pairs of orders p and p - 1"),
    ("OwrenZen5", 4, "the article's pairs of orders p and p - 1"),
    ("RDPK3Sp35", 2, "the article's pairs of orders p and p - 1"),
    (
        "RDPK3SpFSAL35",
        2,
        "the article's pairs of orders p and p - 1",
    ),
    (
        "TSARKIMEX2D.explicit",
        1,
        "the weights meet the embedded condition of order 1 only",
    ),
    ("rkv98", 8, "Verner's 9(8)"),
];

/// Files that write products of many digits shorter than they are: forms for few registers, and two rows of roots.
pub(crate) const SHORTENED: &[&str] = &[
    "al_jahdali2_8",
    "al_jahdali3_5",
    "al_jahdali4_6",
    "al_jahdali5_8",
    "carpenter_kennedy4",
    "hammud6",
    "kennedy_carpenter_lewis3",
    "niegemann4_12",
    "niegemann4_14",
    "parsani3_5",
    "parsani5_10",
    "rdpk3_5",
    "rdpk3_5_fsal",
    "toulorge_desmet3",
];

/// The significant digits that the source of each rounded file prints; of a fraction, those above and below its line.
pub(crate) const DIGITS: [(&str, i32); 26] = [
    ("al_jahdali2_8", 17),
    ("al_jahdali3_5", 17),
    ("al_jahdali4_6", 17),
    ("al_jahdali5_8", 17),
    ("baker10", 85),
    ("berland4", 12),
    ("carpenter_kennedy4", 26),
    ("curtis10", 85),
    ("curtis10_8", 85),
    ("dop853", 28),
    ("dopri8", 18),
    ("feagin10", 85),
    ("feagin12", 60),
    ("feagin14", 60),
    ("hammud6", 50),
    ("kennedy_carpenter_lewis3", 26),
    ("niegemann4_12", 16),
    ("niegemann4_14", 16),
    ("parsani3_5", 17),
    ("parsani5_10", 17),
    ("prince8", 30),
    ("rdpk3_5", 37),
    ("rdpk3_5_fsal", 37),
    ("ssprk53", 15),
    ("toulorge_desmet3", 16),
    ("tsitouras5", 85),
];

/// Files that allow more than a unit of the last digit, because their entries are made of several printed numbers;
/// and an error with which they would be refused.
pub(crate) const ADDED_UP: [(&str, &str); 5] = [
    ("al_jahdali2_8", "1e-15"),
    ("al_jahdali4_6", "2e-16"),
    ("al_jahdali5_8", "2e-16"),
    ("parsani5_10", "1e-16"),
    ("toulorge_desmet3", "2e-15"),
];

/// Files of `refused/`: the orders their rows have in truth.
pub(crate) const WRONG: [(&str, &[usize]); 7] = [
    ("diffeqdevtools_cash_karp5", &[5, 0]),
    ("ho_resnet_gill4", &[0]),
    ("ho_resnet_huta6", &[0]),
    ("ho_resnet_kutta_nystrom5", &[1]),
    ("ho_resnet_rk2", &[1]),
    ("ho_resnet_verner8", &[0]),
    ("netket_rk4", &[1]),
];
