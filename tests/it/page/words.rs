//! The page's words for fields, answers and papers are the kiosk's own: `src/office/page/words.js` is made from its screens.
//! After a change of words: `UPDATE_EXPECT=1 cargo test --test it page::words`.

use expect_test::expect_file;
use kiosk_ui::{AppWindow, PaperWords, Words};
use passport_kiosk::config::Config;
use passport_kiosk::domain::citizen::Date;
use passport_kiosk::domain::form::{Answer, Answering, Field, Paper};
use passport_kiosk::domain::ticket::PORTAL_ORDER;
use passport_kiosk::sim::led;
use passport_kiosk::window::{self, codes};
use serde_json::{Map, Value, json};
use slint::Global;
use std::path::Path;

/// What `ask` answers in Vietnamese and in English.
fn both(ask: impl Fn() -> String) -> Value {
    let told = ["", "en"].map(|language| {
        slint::select_bundled_translation(language).unwrap();
        ask()
    });
    json!(told)
}

#[test]
fn the_page_says_what_the_screens_say() {
    // A thread that runs several tests has the platform already.
    let _ = led::install();
    let config = Config::read(Path::new("kiosk-config/kiosk.toml"), Date::new(2026, 11, 25).unwrap()).unwrap();
    let app = AppWindow::new().unwrap();
    window::prepare(&app, &config, true);
    let words = Words::get(&app);
    let fields = Field::ALL
        .into_iter()
        .map(|field| (field.spec().key.to_owned(), both(|| words.invoke_label(codes::field(field)).to_string())));
    let coded = |field: &Field| matches!(field.spec().rule.answering(), Answering::Choice(_));
    let answers = Field::ALL.into_iter().filter_map(|field| match field.spec().rule.answering() {
        Answering::Choice(answers) => Some(answers),
        Answering::List(_) | Answering::Text => None,
    });
    let answers = answers.flatten().map(|answer: &Answer| {
        (answer.key().to_owned(), both(|| words.invoke_option(codes::option(Some(*answer))).to_string()))
    });
    let paper_words = PaperWords::get(&app);
    let papers = Paper::ALL.into_iter().map(|paper| {
        let what = both(|| paper_words.invoke_paper_what(codes::paper(paper)).to_string());
        let now = both(|| paper_words.invoke_paper_now(codes::paper(paper)).to_string());
        (paper.code().to_owned(), json!({ "what": what, "now": now }))
    });
    let order: Vec<Value> = PORTAL_ORDER
        .iter()
        .map(|(step, field)| json!([format!("{step:?}").to_lowercase(), field.spec().key]))
        .collect();
    let all = json!({
        "fields": fields.collect::<Map<_, _>>(),
        "answers": answers.collect::<Map<_, _>>(),
        "coded": Field::ALL.iter().filter(|field| coded(field)).map(|field| field.spec().key).collect::<Vec<_>>(),
        "papers": papers.collect::<Map<_, _>>(),
        "order": order,
    });
    slint::select_bundled_translation("").unwrap();
    let script = format!(
        "// Made from the screens' words by tests/it/page/words.rs; do not edit.\nwindow.KIOSK_WORDS = {};\n",
        serde_json::to_string_pretty(&all).unwrap()
    );
    expect_file![concat!(env!("CARGO_MANIFEST_DIR"), "/src/office/page/words.js")].assert_eq(&script);
}
