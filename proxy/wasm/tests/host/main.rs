//! The host, driven through its public face with the guests in `fixtures`.

mod fairness;
mod frozen;
mod grants;
mod hostile;
mod instances;
mod load;
mod minimal;
mod support;
