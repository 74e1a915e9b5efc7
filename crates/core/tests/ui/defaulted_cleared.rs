//! A driver takes a way out from nowhere.
//~ E0599
use bartizan_core::proof::Cleared;

fn main() {
    let _ = Cleared::default();
}
