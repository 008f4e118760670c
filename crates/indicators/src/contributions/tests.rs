//! What contributions are, by example and for random cubes.
