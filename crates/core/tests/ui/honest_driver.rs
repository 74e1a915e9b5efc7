//! A driver that pays: this one compiles.
//~
use bartizan_core::exchange::Forward;

fn pays(forward: Forward) {
    let (head, body) = forward.into_parts();
    let _ = (head, body);
}

fn main() {
    let _ = pays;
}
