//! The page behind the slip's QR, in a real browser before the real office: the dossier opens on the phone and nowhere else.

mod browser;
mod relay;
mod words;

use super::sync::World;
use browser::Browser;
use passport_kiosk::envelope::{Ids, Part, SlipSecret, open_with_slip};
use passport_kiosk::gateway::http::NotFound;
use passport_kiosk::gateway::wire::{Consent, Dossier, PortraitState, Value};
use passport_kiosk::office::Settings;
use passport_kiosk::queue::store::Submission;
use rand_core::UnwrapErr;
use relay::Relay;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

const PIN: &str = "099190000017";
const RIGHT: &str = "000017";
const CODE: &str = "G01.899.108-261125-0001";
const PORTAL: &str = "portal.example.vn";

/// An invented citizen, in the order in which the portal asks.
const FIELDS: [(&str, &str); 8] = [
    ("agency", "Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng"),
    ("family_name", "CÔNG TẰNG TÔN NỮ"),
    ("middle_given", "THỬ NGHIỆM KHÔNG CÓ THẬT"),
    ("sex", "female"),
    ("birth_date", "02/01/1990"),
    ("birth_place", "Đắk Lắk"),
    ("phone", "0000000001"),
    ("request", "first_issue"),
];

/// Not a picture, but longer than one part.
fn portrait() -> Vec<u8> {
    [&[0xFF, 0xD8][..], &(0..300_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>(), &[0xFF, 0xD9]].concat()
}

/// A dossier at the office, and its slip's secret.
struct Handed {
    world: World,
    relay: Relay,
    secret: SlipSecret,
    ids: Ids,
}

impl Handed {
    async fn over() -> Self {
        let world = World::of(Settings { portal: PORTAL.to_owned(), ..Settings::default() }).await;
        let mut rng = UnwrapErr(getrandom::SysRng);
        let (ids, secret) = (Ids::random(1_795_000_000_000, &mut rng), SlipSecret::random(&mut rng));
        let value = |text: &str| Value { value: text.to_owned(), source: "typed".to_owned(), ..Value::default() };
        let fields = FIELDS.iter().chain([&("pin", PIN)]).map(|(key, text)| ((*key).to_owned(), value(text)));
        let dossier = Dossier {
            v: 1,
            form_edition: "tk01@tt69-2026".to_owned(),
            fields: fields.collect::<BTreeMap<_, _>>(),
            consent: Consent { version: "2026-01".to_owned(), purposes: vec!["prepare".to_owned()] },
            papers: vec!["card_pictures".to_owned(), "portrait".to_owned()],
            portrait: Some(PortraitState::Inside),
        };
        let form = Part {
            media_type: "application/json".to_owned(),
            bytes: Zeroizing::new(serde_json::to_vec(&dossier).unwrap()),
        };
        let picture = Part { media_type: "image/jpeg".to_owned(), bytes: Zeroizing::new(portrait()) };
        let submission = Submission {
            ids,
            slip: secret.clone(),
            supersedes: None,
            form_edition: "tk01@tt69-2026".to_owned(),
            parts: vec![form, picture],
        };
        world.queue.put(submission).await.unwrap();
        let sync = world.sync(world.office);
        world.until((0, 1, 0)).await;
        drop(sync);
        let relay = Relay::to(world.office);
        Self { world, relay, secret, ids }
    }

    fn address(&self) -> String {
        format!("http://{}/h#{}", self.relay.address, *self.secret.to_fragment())
    }
}

/// A browser, or a line that says why there is none; on CI it must be there.
async fn browser_or_skip() -> Option<Browser> {
    match Browser::start().await {
        Ok(browser) => Some(browser),
        Err(why) => {
            assert!(std::env::var_os("CI").is_none(), "no browser: {why}");
            println!("SKIPPED: the hand-over page in a browser: {why}");
            None
        }
    }
}

const ASKS: &str = "document.getElementById('main').dataset.page === 'ask'";
const IS_OPEN: &str = "document.getElementById('main').dataset.page === 'open'";

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_opens_its_dossier_on_the_phone_and_the_secret_stays_there() {
    let Some(browser) = browser_or_skip().await else { return };
    let handed = Handed::over().await;
    browser.go(&handed.address()).await;
    browser.until(ASKS).await;
    assert_eq!(browser.value("location.hash + location.search").await, "", "the secret is gone from the address bar");
    for (_, text) in FIELDS.iter().chain([&("pin", PIN)]) {
        let shown = browser.value("document.documentElement.outerHTML").await;
        assert!(!shown.as_str().unwrap().contains(text), "shown before the card's number: {text}");
    }
    browser.picture("page-ask").await;
    browser.write("#digits", RIGHT).await;
    browser.press("#open").await;
    browser.until(IS_OPEN).await;

    let keys = browser.value("Array.from(document.querySelectorAll('[data-key]'), (one) => one.dataset.key)").await;
    assert_eq!(keys, serde_json::json!(FIELDS.map(|(key, _)| key)), "in the portal's order");
    let text = browser.value("document.body.innerText").await.as_str().unwrap().to_owned();
    for told in ["Cấp lần đầu", "Nữ", PORTAL, "CÔNG TẰNG TÔN NỮ", "VNeID"] {
        assert!(text.contains(told), "{told:?} is missing: {text}");
    }
    assert!(!text.contains(PIN), "the number itself is nobody's to copy");
    let cut = browser.value("document.documentElement.scrollWidth <= document.documentElement.clientWidth").await;
    assert_eq!(cut, true, "nothing stands beyond the edge of the screen");
    browser.picture("page-open").await;

    browser.allow_clipboard().await;
    browser.press("[data-key=birth_place]").await;
    browser.until("document.querySelector('[data-key=birth_place]').textContent === 'Đã chép'").await;
    assert_eq!(browser.promised("navigator.clipboard.readText()").await, "Đắk Lắk");

    assert_eq!(browser.value("document.getElementById('photo').download").await, "anh-4x6.jpg");
    let saved = browser.downloaded("#photo", "anh-4x6.jpg").await;
    assert!(saved == portrait(), "the photograph is that of the dossier, byte by byte");

    browser.write("#code", "mã").await;
    browser.press("#save-code").await;
    browser.until("document.body.innerText.includes('8 đến 64')").await;
    browser.write("#code", CODE).await;
    browser.press("#save-code").await;
    browser.until(&format!("document.body.innerText.includes('Đã ghi mã {CODE}')")).await;

    browser.go(&handed.address()).await;
    browser.until(ASKS).await;
    browser.write("#digits", RIGHT).await;
    browser.press("#open").await;
    browser.until(IS_OPEN).await;
    assert_eq!(browser.value("document.getElementById('code').value").await, CODE, "it is there again");
    browser.press("#language").await;
    browser.until("document.body.innerText.includes('Copy into the portal')").await;
    browser.picture("page-open-english").await;

    let said = handed.relay.said();
    let holds = |needle: &[u8]| said.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"POST /h/open"), "the relay stood between them");
    assert!(!holds(handed.secret.to_fragment().as_bytes()), "the fragment never leaves the phone");
    assert!(!holds(RIGHT.as_bytes()) && !holds(PIN.as_bytes()), "nor does the number");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fifth_wrong_number_locks_the_slip_and_a_right_one_in_time_does_not() {
    let Some(browser) = browser_or_skip().await else { return };
    let handed = Handed::over().await;
    browser.go(&handed.address()).await;
    for round in [4, 5] {
        browser.until(ASKS).await;
        for left in (5 - round..5).rev() {
            browser.write("#digits", "123456").await;
            browser.press("#open").await;
            let told = if left == 0 { "bị khóa".to_owned() } else { format!("Còn {left} lần") };
            browser.until(&format!("document.body.innerText.includes('{told}')")).await;
        }
        if round == 4 {
            browser.write("#digits", RIGHT).await;
            browser.press("#open").await;
            browser.until(IS_OPEN).await;
            browser.go(&handed.address()).await;
        }
    }
    browser.picture("page-locked").await;
    browser.go(&handed.address()).await;
    browser.until("document.getElementById('main').dataset.page === 'gone'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_opened_says_what_happened_and_what_to_do() {
    let Some(browser) = browser_or_skip().await else { return };
    let handed = Handed::over().await;
    let base = format!("http://{}/h", handed.relay.address);
    let stranger = SlipSecret::new([9; 32]);
    for (fragment, page) in
        [("", "noKey"), ("#t1.00120000", "triage"), (&*format!("#{}", *stranger.to_fragment()), "unknown")]
    {
        browser.go(&format!("{base}{fragment}")).await;
        browser.until(&format!("document.getElementById('main').dataset.page === '{page}'")).await;
        let told = browser.value("document.getElementById('main').innerText").await;
        assert!(told.as_str().unwrap().len() > 40, "{page}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_kiosk_gets_the_dossier_from_the_office_by_its_slip_as_long_as_it_is_not_void() {
    let handed = Handed::over().await;
    let gateway = handed.world.gateway(handed.world.office);
    assert_eq!(gateway.open_slip(&SlipSecret::new([9; 32])).await.err(), Some(NotFound::Unknown));
    for _ in 0..3 {
        let (manifest, parts) = gateway.open_slip(&handed.secret).await.unwrap();
        assert_eq!((manifest.dossier_id, manifest.submission_id), (handed.ids.dossier, handed.ids.submission));
        let contents = open_with_slip(&manifest, &parts, &handed.secret).unwrap();
        assert!(*contents[1].bytes == portrait(), "the portrait comes in pieces and is whole again");
        // Told that the card was the right one, the office counts from nought; six in a row would be too many.
        gateway.slip_opened(&handed.secret).await;
    }
    for _ in 0..5 {
        assert!(gateway.open_slip(&handed.secret).await.is_ok());
    }
    assert_eq!(gateway.open_slip(&handed.secret).await.err(), Some(NotFound::Void));
    gateway.slip_opened(&handed.secret).await;
    assert_eq!(gateway.open_slip(&handed.secret).await.err(), Some(NotFound::Void), "for good");
}
