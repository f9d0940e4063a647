//! Faults of every part, in every state. After each: nothing that was acknowledged is
//! lost, nothing ran twice or undecided, and the gateway is back to where it was.

mod client;
mod clock;
mod crash;
mod cut;
mod half_open;
mod issuer;
mod paused;
mod results;
mod states;
mod steady;
