//! Other notations for tableaux: what each carries there and back, what is read of each, and the formatter.

mod comments;
mod data;
mod formatter;
mod forms;
mod outputs;
mod programs;
mod reading;
mod refusals;
mod robustness;
mod roundtrips;
mod shuffled;
mod tableaux;
