//! All data-plane IO of Bartizan.
