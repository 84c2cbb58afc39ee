//! Pages of the public site, made of the same forms as the JSON API. Nothing here waits or stores.

pub mod typed; // the fields of a page <-> answers
pub mod components; // a question as the components that ask it
pub mod question; // a page of a form
pub mod errors; // what is wrong, at the field and at the top
pub mod check; // all answers, before they are sent
pub mod site; // what every page carries; templates to HTML
pub mod linked; // numbers that can be called
pub mod said; // times as they are said
