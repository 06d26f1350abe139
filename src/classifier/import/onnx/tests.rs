//! Models built here, read back.
