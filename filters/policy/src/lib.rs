//! What an identity may do: default deny, explicit rules.
