//! Beyond the first exhibit: other noises, more of universal ones, sections of the
//! decision regions, and changes that are not noise. In a module of their own, which is downloaded when
//! somebody asks for one of them.

mod messages;
mod noises;
mod saved;
mod section;
mod small_changes;
mod universal;
mod words;
