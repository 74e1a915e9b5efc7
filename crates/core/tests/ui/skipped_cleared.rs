//! A driver takes head and body without paying with the `Cleared`.
//~ E0616
use bartizan_core::exchange::Forward;

fn around(forward: Forward) {
    let _ = forward.head;
    let _ = forward.body;
}

fn main() {}
