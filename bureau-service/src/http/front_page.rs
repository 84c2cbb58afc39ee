//! `GET /`: says what this address is. The console comes here later.

use axum::extract::State;
use axum::response::Html;

use super::Bureau;
use crate::config::Force;

const DEMONSTRATION: &str = "<p><strong>Demonstration. Nobody reads reports sent here. \
    Call 999 in an emergency, 101 otherwise.</strong></p>\n";

/// A page for somebody who came here by accident or to look whether it is up.
pub(super) async fn get(State(bureau): State<Bureau>) -> Html<String> {
    Html(page(&bureau.force))
}

fn page(force: &Force) -> String {
    let title = format!("{}, {}", escaped(&force.bureau), escaped(&force.name));
    let demonstration = if force.live { "" } else { DEMONSTRATION };
    format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex, nofollow\">\n<title>{title}</title>\n</head>\n\
         <body>\n{demonstration}<main>\n<h1>{title}</h1>\n\
         <p>This address is for staff, who use it through its API with their own token. \
         To report something, use the public site.</p>\n</main>\n</body>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demonstration_says_so_and_a_live_force_does_not() {
        let force = |live| Force { name: "A & B".into(), bureau: "Crime Bureau".into(), live };
        assert!(page(&force(false)).contains("Nobody reads reports sent here"));
        assert!(!page(&force(true)).contains("Demonstration"));
        assert!(page(&force(true)).contains("A &amp; B") && page(&force(true)).contains("noindex"));
    }
}
