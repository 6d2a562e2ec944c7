//! Civil identity of Viet Nam as pure rules.
