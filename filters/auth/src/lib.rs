//! Who is asking: the rules a token has to meet.
