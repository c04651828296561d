//! The handstamp command: reads its surroundings once and hands over to the command line.

fn main() {}
