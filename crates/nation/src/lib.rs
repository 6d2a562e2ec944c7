//! A synthetic nation: its people, their cards, and the source databases that serve them.
