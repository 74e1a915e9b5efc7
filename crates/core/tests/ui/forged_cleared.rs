//! A driver makes its own way out.
//~ E0451
use bartizan_core::proof::Cleared;
use bartizan_core::stamp::Stamp;
use bartizan_core::time::ExchangeId;

fn main() {
    let stamp = Stamp { exchange: ExchangeId(1), policy: [0; 32] };
    let _ = Cleared { stamp };
}
