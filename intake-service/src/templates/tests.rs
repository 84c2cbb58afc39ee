use minijinja::{ErrorKind, context};
use scraper::{Html, Selector};

use super::*;

/// A page with nothing of its own but a heading, drawn with these facts over the usual ones.
fn page(facts: Value) -> String {
    let usual = context! {
        page_title => "What happened?",
        service => "Report to the police",
        force => "Exampleshire Police",
        live => true,
        assets => "/assets/1a2b3c4d",
        talk => "101",
    };
    let page =
        "{% extends 'layout.html' %}{% block content %}<h1>What happened?</h1>{% endblock %}";
    drawn(page, context! { ..facts, ..usual })
}

fn drawn(text: &str, facts: Value) -> String {
    let drawn = environment().render_named_str("page.html", text, facts);
    drawn.unwrap_or_else(|error| panic!("{error:#}"))
}

/// The words of all elements that a selector finds.
fn words(page: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let found: Vec<String> = page
        .select(&Selector::parse(selector).unwrap())
        .map(|element| element.text().collect::<String>())
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    found
}

#[test]
fn every_template_can_be_read() {
    for (name, _) in TEMPLATES {
        let read = environment().get_template(name).map(|_| ());
        read.unwrap_or_else(|error| panic!("{name}: {error:#}"));
    }
}

#[test]
fn every_page_says_999_and_how_to_talk() {
    let page = page(context! {});
    assert_eq!(words(&page, ".app-emergency"), ["In an emergency call 999."]);
    let footer = words(&page, "footer").concat();
    for way in ["Call 101", "999 BSL", "18000", "text 999"] {
        assert!(footer.contains(way), "{way}");
    }
}

#[test]
fn a_page_is_whole() {
    let page = page(context! {});
    let named = ["h1", "main", "header", "footer", "title", ".govuk-skip-link"];
    for one in named {
        assert_eq!(words(&page, one).len(), 1, "{one}");
    }
    let title = "What happened? – Report to the police – Exampleshire Police";
    assert_eq!(words(&page, "title"), [title]);
    for absent in
        [".app-demonstration", ".govuk-exit-this-page", "template", "nav", "[name=robots]"]
    {
        assert!(words(&page, absent).is_empty(), "{absent}");
    }
    assert!(!page.contains("style="), "the policy allows no inline style");
}

#[test]
fn what_a_page_is_told_shows() {
    let page = page(context! {
        in_error => true, live => false, exit => true, timeout_minutes => 30,
    });
    assert!(words(&page, "title").concat().starts_with("Error: What happened?"));
    assert!(words(&page, ".app-demonstration").concat().starts_with("Demonstration. Nobody reads"));
    assert_eq!(words(&page, "[name=robots]").len(), 1);
    assert_eq!(words(&page, "a[href='/leave']").len(), 2, "the button and a link before all else");
    assert_eq!(words(&page, "body[data-timeout-minutes='30'] > template").len(), 1);
}

#[test]
fn a_page_may_have_a_title_of_its_own_or_none() {
    let facts = context! { service => "Report", force => "Police", live => true, assets => "", talk => "101" };
    let page = "{% extends 'layout.html' %}{% block title %}Page &lt;3{% endblock %}";
    assert_eq!(words(&drawn(page, facts.clone()), "title"), ["Page <3 – Report – Police"]);
    assert_eq!(words(&drawn("{% extends 'layout.html' %}", facts), "title"), ["Report – Police"]);
}

#[test]
fn a_back_link_stands_before_the_content() {
    let page = "{% extends 'layout.html' %}{% block back %}<a href='/x'>Back</a>{% endblock %}";
    let facts =
        context! { service => "s", force => "f", live => true, assets => "", talk => "101" };
    assert_eq!(words(&drawn(page, facts), "nav + main, nav a"), ["Back", ""]);
}

#[test]
fn the_policys_hash_is_that_of_the_script_as_it_is_sent() {
    let page = page(context! {});
    let script = Html::parse_document(&page)
        .select(&Selector::parse("script:not([src])").unwrap())
        .map(|element| element.text().collect::<String>())
        .collect::<Vec<_>>();
    let [script] = script.as_slice() else { panic!("one inline script, no more: {script:?}") };
    let hash = STANDARD.encode(digest::digest(&digest::SHA256, script.as_bytes()));
    assert_eq!(inline_script_source(), format!("'sha256-{hash}'"));
}

#[test]
fn what_a_page_misspells_is_an_error_and_not_empty() {
    let page = environment().render_named_str("page.html", "{{ refernce }}", ());
    assert_eq!(page.unwrap_err().kind(), ErrorKind::UndefinedError);
}

#[test]
fn what_somebody_typed_is_never_markup() {
    let page = "{% from 'components/hint.html' import hint %}{{ hint(options) }}";
    for options in [context! { text => "<i>'\"&" }, context! { html => "<i>'\"&" }] {
        let drawn = drawn(page, context! { options });
        assert!(drawn.contains(">&lt;i&gt;&#39;&quot;&amp;<"), "{drawn}");
    }
    let in_attributes =
        context! { text => "x", id => "\"><i>", attributes => context! { a => "'\"<" } };
    let drawn = drawn(page, context! { options => in_attributes });
    assert!(drawn.contains("id=\"&quot;&gt;&lt;i&gt;\" a=\"&#39;&quot;&lt;\">x<"), "{drawn}");
}

#[test]
fn markup_that_a_page_made_is_kept() {
    let page = "{% from 'components/hint.html' import hint %}\
                {% set words %}<b>{{ '/<' }}</b>{% endset %}{{ hint({'html': words}) }}";
    assert!(drawn(page, context! {}).contains("<b>/&lt;</b>"));
}

#[test]
fn what_stands_in_a_call_stands_in_the_component() {
    for name in
        ["details", "error_summary", "fieldset", "inset_text", "notification_banner", "panel"]
    {
        let file = name.replace('_', "-");
        let page = format!(
            "{{% from 'components/{file}.html' import {name} %}}\
             {{% call {name}({{'text': 'Not this'}}) %}}<b>{{{{ word }}}}</b>{{% endcall %}}"
        );
        let drawn = drawn(&page, context! { word => "<" });
        assert!(drawn.contains("<b>&lt;</b>") && !drawn.contains("Not this"), "{drawn}");
    }
}
