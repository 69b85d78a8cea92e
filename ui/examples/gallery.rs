//! Draws every screen with invented data, in both orientations and languages: `gallery OUTDIR [PART OF A NAME]`.

use i_slint_backend_testing::{AccessibleRole, ElementRoot, TestingBackend, TestingBackendOptions, mock_elapsed_time};
use kiosk_ui::{
    AppWindow, CardProblem, Chapter as C, ConsentRow, Contrast, Delivery, DoorState, FieldCode as F, FieldKind,
    FieldRow, KeyboardLayout, Kiosk, OptionCode as O, OptionRow, PinInfo, Problem, ReaderState, Screen, Section as S,
    SlipInfo, Source, TextSize, TroubleCode, Warning,
};
use slint::platform::{Key, WindowEvent};
use slint::{
    ComponentHandle, Global, Image, ModelRc, PhysicalSize, Rgb8Pixel, SharedPixelBuffer, SharedString, VecModel,
};
use std::{
    cell::RefCell, collections::BTreeSet, error::Error, fs::File, io::BufWriter, path::Path, rc::Rc, time::Duration,
};

type Setup = fn(&Kiosk<'_>);

const SCREENS: &[(&str, Setup)] = &[
    ("welcome", |k| {
        k.set_screen(Screen::Welcome);
        k.set_waiting(3);
    }),
    ("consent", |k| {
        k.set_screen(Screen::Consent);
        k.set_may_go_on(false);
        k.set_consents(rows((0..4).map(|index| ConsentRow { index, ticked: index == 0, required: index != 3 })));
    }),
    ("card", |k| k.set_screen(Screen::Card)),
    ("card-refused", |k| {
        k.set_screen(Screen::Card);
        k.set_reader(ReaderState::Missing);
        k.set_card_problem(CardProblem::OldCard);
    }),
    ("identity", |k| {
        k.set_screen(Screen::Identity);
        k.set_rows(rows(person().into_iter().map(|row| FieldRow { focused: false, problem: Problem::None, ..row })));
    }),
    ("form-person", |k| form(k, S::Person, 1, KeyboardLayout::Letters, person())),
    ("form-birth", |k| {
        let mut fields = person();
        fields[1].focused = false;
        fields[3].focused = true;
        form(k, S::Person, 1, KeyboardLayout::Date, fields);
    }),
    ("form-pin", |k| {
        let mut fields = person();
        fields[1].focused = false;
        fields[4].focused = true;
        fields[4].warning = Warning::DiffersFromCard;
        fields[4].on_card = "099000000001".into();
        form(k, S::Person, 1, KeyboardLayout::Digits, fields);
    }),
    ("form-origin", |k| form(k, S::Ethnicity, 3, KeyboardLayout::Letters, origin())),
    ("form-contact", |k| form(k, S::Contact, 5, KeyboardLayout::Email, contact())),
    ("form-request", |k| form(k, S::Request, 14, KeyboardLayout::Hidden, request())),
    ("review", |k| {
        k.set_screen(Screen::Review);
        k.set_rows(rows(everything()));
    }),
    ("saving", |k| k.set_screen(Screen::Saving)),
    ("slip", |k| {
        k.set_screen(Screen::Slip);
        k.set_slip(slip(0, Delivery::Waiting));
    }),
    ("slip-qr", |k| {
        k.set_screen(Screen::Slip);
        k.set_slip(slip(17, Delivery::Sent));
    }),
    ("trouble-refused", |k| trouble(k, TroubleCode::ConsentRefused, false)),
    ("trouble-no-room", |k| trouble(k, TroubleCode::NoRoom, false)),
    ("trouble-busy", |k| trouble(k, TroubleCode::QueueBusy, true)),
    ("pin-wrong", |k| {
        k.set_screen(Screen::Pin);
        k.set_keyboard(KeyboardLayout::Digits);
        k.set_pin(PinInfo { digits: 4, takes_digits: true, door: DoorState::Wrong, tries: 3, ..PinInfo::default() });
    }),
    ("pin-locked", |k| {
        k.set_screen(Screen::Pin);
        k.set_pin(PinInfo { door: DoorState::Locked, seconds: 840, ..PinInfo::default() });
    }),
    // The preview data of `kiosk.slint` is what stands here.
    ("officer", |k| k.set_screen(Screen::Officer)),
    ("enrol", |k| {
        k.set_screen(Screen::Enrol);
        k.set_keyboard(KeyboardLayout::Code);
    }),
    ("outreach", |k| {
        k.set_screen(Screen::Outreach);
        k.set_keyboard(KeyboardLayout::Letters);
    }),
    ("idle", |k| {
        k.set_screen(Screen::Card);
        k.set_idle_seconds(20);
    }),
];

fn rows<T: Clone + 'static>(all: impl IntoIterator<Item = T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from_iter(all))
}

fn typed(code: F, chapter: C, value: &str) -> FieldRow {
    let source = if value.is_empty() { Source::None } else { Source::Typed };
    FieldRow { code, chapter, source, value: value.into(), required: true, ..FieldRow::default() }
}

fn read(code: F, chapter: C, value: &str) -> FieldRow {
    FieldRow { source: Source::CardQr, ..typed(code, chapter, value) }
}

fn choice(code: F, chapter: C, answers: &[O], chosen: Option<O>) -> FieldRow {
    let option = |code: &O| OptionRow {
        code: *code,
        text: SharedString::new(),
        value: format!("{code:?}").into(),
        chosen: chosen == Some(*code),
        ..OptionRow::default()
    };
    FieldRow {
        kind: FieldKind::Choice,
        answer: chosen.unwrap_or(O::Listed),
        options: rows(answers.iter().map(option)),
        ..typed(code, chapter, "")
    }
}

fn person() -> Vec<FieldRow> {
    vec![
        FieldRow { first: true, ..read(F::FamilyName, C::Person, "NGUYỄN") },
        FieldRow { focused: true, ..read(F::MiddleGiven, C::Person, "THỬ NGHIỆM ĐẮK") },
        FieldRow { source: Source::CardQr, ..choice(F::Sex, C::Person, &[O::Male, O::Female], Some(O::Female)) },
        FieldRow { problem: Problem::DateImpossible, ..typed(F::BirthDate, C::Person, "31/02/1990") },
        FieldRow { warning: Warning::PinAgainstBirth, ..read(F::Pin, C::Person, "099000000000") },
    ]
}

fn origin() -> Vec<FieldRow> {
    let peoples = ["Ba Na", "Bru Vân Kiều", "Brâu", "Bố Y", "Bahnar Kriem (thử)", "Kinh"];
    let option = |name: &&str| OptionRow { text: (*name).into(), value: (*name).into(), ..OptionRow::default() };
    vec![
        FieldRow { first: true, ..typed(F::BirthPlace, C::Person, "Đắk Lắk") },
        FieldRow {
            kind: FieldKind::List,
            focused: true,
            problem: Problem::NotInList,
            options: rows(peoples.iter().map(option)),
            ..typed(F::Ethnicity, C::Person, "B")
        },
        FieldRow { kind: FieldKind::List, ..typed(F::Religion, C::Person, "") },
    ]
}

fn contact() -> Vec<FieldRow> {
    vec![
        FieldRow { first: true, ..typed(F::Phone, C::Contact, "0000000000") },
        FieldRow {
            focused: true,
            problem: Problem::EmailShape,
            ..typed(F::Email, C::Contact, "thunghiemratdaikhongcochonghidexemxuongdong@vidu")
        },
    ]
}

fn request() -> Vec<FieldRow> {
    let asked = [O::FirstIssue, O::Expired, O::Lost, O::Damaged, O::Changed];
    vec![
        FieldRow { first: true, focused: true, ..choice(F::Request, C::Request, &asked, Some(O::Expired)) },
        FieldRow { problem: Problem::PassportNeeded, ..typed(F::OldPassportNumber, C::Request, "") },
        FieldRow { required: false, ..typed(F::OldPassportDate, C::Request, "") },
        choice(F::Chip, C::Request, &[O::WithChip, O::WithoutChip], None),
    ]
}

fn everything() -> Vec<FieldRow> {
    let address = "Số 0 đường Thử Nghiệm, phường Thử Nghiệm Đông, thành phố Đà Nẵng (địa chỉ không có thật)";
    let mut all = person();
    all.extend(origin());
    all.extend(contact());
    all.push(FieldRow { first: true, ..read(F::PermanentAddress, C::Residence, address) });
    all.push(FieldRow { required: false, ..typed(F::TemporaryAddress, C::Residence, "") });
    all.extend(request());
    all
}

fn form(kiosk: &Kiosk<'_>, section: S, step: i32, keyboard: KeyboardLayout, fields: Vec<FieldRow>) {
    kiosk.set_screen(Screen::Form);
    kiosk.set_section(section);
    kiosk.set_step(step);
    kiosk.set_keyboard(keyboard);
    kiosk.set_rows(rows(fields));
}

fn trouble(kiosk: &Kiosk<'_>, code: TroubleCode, may_retry: bool) {
    kiosk.set_screen(Screen::Trouble);
    kiosk.set_trouble(code);
    kiosk.set_may_retry(may_retry);
}

fn slip(qr_seconds: i32, delivery: Delivery) -> SlipInfo {
    let mut dots = SharedPixelBuffer::<Rgb8Pixel>::new(33, 33);
    for (i, dot) in dots.make_mut_slice().iter_mut().enumerate() {
        *dot = if i * i % 7 < 3 { Rgb8Pixel::new(0, 0, 0) } else { Rgb8Pixel::new(255, 255, 255) };
    }
    SlipInfo {
        reference: "7F3K-92QX".into(),
        masked_number: "•••••••••000".into(),
        delivery,
        qr: Image::from_rgb8(dots),
        qr_seconds,
        leaving: false,
    }
}

fn shoot(path: &Path, size: PhysicalSize, dress: impl Fn(&Kiosk<'_>), english: bool) -> Result<(), Box<dyn Error>> {
    let window = AppWindow::new()?;
    let kiosk = Kiosk::get(&window);
    kiosk.set_english(english);
    slint::select_bundled_translation(if english { "en" } else { "" })?;
    window.window().set_size(size);
    dress(&kiosk);
    window.show()?;
    window.window().set_size(size);
    for _ in 0..3 {
        mock_elapsed_time(Duration::from_millis(50));
        window.window().take_snapshot()?;
    }
    let shot = window.window().take_snapshot()?;
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), shot.width(), shot.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(shot.as_bytes())?;
    complain(path, &window, size);
    window.hide()?;
    Ok(())
}

/// Says what a finger could not hit, and which two controls could be taken for one another.
fn complain(path: &Path, window: &AppWindow, size: PhysicalSize) {
    let mut seen = BTreeSet::new();
    window.root_element().query_descendants().find_all().iter().for_each(|element| {
        let role = element.accessible_role();
        if !matches!(role, Some(AccessibleRole::Button | AccessibleRole::Checkbox | AccessibleRole::TextInput)) {
            return;
        }
        let label = element.accessible_label().unwrap_or_default();
        let (place, extent) = (element.absolute_position(), element.size());
        if extent.width < 76.0 || extent.height < 76.0 || place.x < 0.0 || place.x + extent.width > size.width as f32 {
            eprintln!("{}: {label}: {}x{} at {}", path.display(), extent.width, extent.height, place.x);
        }
        if label.is_empty() || !seen.insert(label.clone()) {
            eprintln!("{}: two controls are called {label:?}", path.display());
        }
    });
    if seen.len() < 3 {
        eprintln!("{}: no controls were found: was it built without `inspect`?", path.display());
    }
}

/// A plugged-in keyboard reaches the kiosk, modifiers do not.
fn listens() -> Result<(), Box<dyn Error>> {
    let window = AppWindow::new()?;
    let heard = Rc::new(RefCell::new(Vec::new()));
    let ear = heard.clone();
    Kiosk::get(&window).on_key(move |key| ear.borrow_mut().push(String::from(key)));
    form(&Kiosk::get(&window), S::Person, 1, KeyboardLayout::Letters, person());
    window.show()?;
    for key in ["a".into(), Key::Shift.into(), Key::Tab.into(), Key::Return.into(), Key::Backspace.into(), "Đ".into()]
    {
        let text: SharedString = key;
        window.window().dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.window().dispatch_event(WindowEvent::KeyReleased { text });
    }
    let heard = heard.borrow().concat();
    if heard == "a⏎⌫Đ" { Ok(()) } else { Err(format!("the keyboard was heard as {heard:?}").into()) }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("gallery OUTDIR [PART OF A NAME]")?;
    let wanted = arguments.next().unwrap_or_default();
    std::fs::create_dir_all(&folder)?;
    slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    })))?;
    listens()?;
    let dresses: &[(&str, Contrast, bool)] = &[
        ("", Contrast::Standard, false),
        ("-large", Contrast::Standard, true),
        ("-yellow", Contrast::YellowOnBlack, true),
        ("-dark", Contrast::Dark, false),
        ("-soft", Contrast::Soft, false),
    ];
    for (name, setup) in SCREENS {
        for (shape, size) in [("p", PhysicalSize::new(1080, 1920)), ("l", PhysicalSize::new(1920, 1080))] {
            for (language, english) in [("vi", false), ("en", true)] {
                for (dress, contrast, large) in dresses {
                    let file = format!("{name}-{shape}-{language}{dress}.png");
                    if file.contains(&wanted) {
                        let dressed = |kiosk: &Kiosk<'_>| {
                            kiosk.set_contrast(*contrast);
                            kiosk.set_text_size(if *large { TextSize::Largest } else { TextSize::Standard });
                            setup(kiosk);
                        };
                        shoot(&Path::new(&folder).join(file), size, dressed, english)?;
                    }
                }
            }
        }
    }
    Ok(())
}
