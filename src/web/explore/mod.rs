//! Beyond the first exhibit: other noises, more of universal ones, sections of the
//! decision regions, and changes that are not noise. In a module of their own, which is downloaded when
//! somebody asks for one of them.

mod by_hand;
mod by_name;
mod digest;
mod import;
mod import_messages;
mod making;
mod messages;
mod noises;
mod normals;
mod plane_messages;
mod section;
mod small_changes;
mod smallest;
mod universal;
mod words;
