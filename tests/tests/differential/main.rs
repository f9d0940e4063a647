//! The gateway against the database itself: the same bytes where nothing stands in
//! between, and no secret where something does.

mod fuzz;
mod scripts;
mod types;
