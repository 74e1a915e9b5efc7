//! Event: the immutable fact that closes every Exchange, and the bounded ring it goes through.
