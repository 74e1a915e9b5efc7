//! A driver uses one way out twice.
//~ E0308 E0382
use bartizan_core::exchange::Forward;

fn twice(forward: Forward) {
    let _ = forward.into_parts();
    let _ = forward.into_parts();
}

fn copied(forward: &Forward) -> Forward {
    forward.clone()
}

fn main() {}
