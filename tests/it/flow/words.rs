//! The words of the script language for the core's enums, and what an ordinary citizen answers.

use passport_kiosk::domain::card::CardProblem;
use passport_kiosk::domain::flow::{
    CardTap, ConsentTap, Event, FormTap, PrintView, Purpose, ReviewTap, SaveFailure, Screen, SlipTap, Tap, Trouble,
};
use passport_kiosk::domain::form::{Field, Need, Section, Warning};
use passport_kiosk::domain::ticket::{PrintProblem, PrinterState, Printing};

pub(super) fn field(name: &str) -> Field {
    Field::from_key(name).unwrap_or_else(|| panic!("{name:?} is neither a word of the script language nor a field"))
}

pub(super) fn section(name: &str) -> Section {
    let found = Section::ALL.into_iter().find(|section| format!("{section:?}").to_lowercase() == name);
    found.unwrap_or_else(|| panic!("{name:?} is no step of the form"))
}

pub(super) fn purposes(names: &str) -> Vec<Purpose> {
    let by_name = |name| Purpose::ALL.into_iter().find(|purpose| purpose.key() == name);
    match names {
        "all" => Purpose::ALL.to_vec(),
        "required" => Purpose::ALL.into_iter().filter(|purpose| purpose.is_required()).collect(),
        _ => names.split(' ').map(|name| by_name(name).unwrap_or_else(|| panic!("{name:?} is no purpose"))).collect(),
    }
}

pub(super) fn card_problem(name: &str) -> CardProblem {
    match name {
        "not-a-card" => CardProblem::NotACard,
        "wrong-encoding" => CardProblem::WrongEncoding,
        "too-long" => CardProblem::TooLong,
        "garbled" => CardProblem::Garbled,
        "old-card" => CardProblem::OldCard,
        _ => panic!("{name:?} is no problem of a card"),
    }
}

pub(super) fn save_failure(name: &str) -> SaveFailure {
    match name {
        "disk-full" => SaveFailure::DiskFull,
        "busy" => SaveFailure::Busy,
        "broken" => SaveFailure::Broken,
        "office-key-missing" => SaveFailure::OfficeKeyMissing,
        _ => panic!("{name:?} is no failure of a save"),
    }
}

pub(super) fn screen(screen: Screen) -> &'static str {
    match screen {
        Screen::Welcome => "welcome",
        Screen::Triage => "triage",
        Screen::Consent => "consent",
        Screen::Card => "card",
        Screen::Identity => "identity",
        Screen::Form => "form",
        Screen::Photo => "photo",
        Screen::Review => "review",
        Screen::Saving => "saving",
        Screen::Slip => "slip",
        Screen::Trouble => "trouble",
        Screen::Resume => "resume",
        Screen::Pin => "pin",
        Screen::Officer => "officer",
        Screen::Enrol => "enrol",
        Screen::Outreach => "outreach",
    }
}

pub(super) fn trouble_code(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::ConsentRefused => "consent-refused",
        Trouble::NotSaved(SaveFailure::DiskFull) => "disk-full",
        Trouble::NotSaved(SaveFailure::Busy) => "busy",
        Trouble::NotSaved(SaveFailure::Broken) => "broken",
        Trouble::NotSaved(SaveFailure::OfficeKeyMissing) => "office-key-missing",
        Trouble::NoRoom => "no-room",
        Trouble::Stopping => "stopping",
    }
}

pub(super) fn warning_code(warning: Warning) -> &'static str {
    match warning {
        Warning::DiffersFromCard => "differs-from-card",
        Warning::PinAgainstSex => "pin-against-sex",
        Warning::PinAgainstBirth => "pin-against-birth",
        Warning::ParentTooYoung => "parent-too-young",
    }
}

pub(super) fn kind(event: &Event) -> &'static str {
    match event {
        Event::Tap(tap) => match tap {
            Tap::Start { .. } => "tap start",
            Tap::Next => "tap next",
            Tap::Back => "tap back",
            Tap::Leave => "tap leave",
            Tap::Stay => "tap stay",
            Tap::Curtain => "tap curtain",
            Tap::HaveSlip => "tap have-slip",
            Tap::Triage(_) => "tap triage",
            Tap::Consent(ConsentTap::Toggle(_)) => "tap consent",
            Tap::Consent(ConsentTap::Refuse) => "tap refuse",
            Tap::Card(CardTap::ByHand) => "tap by-hand",
            Tap::Card(CardTap::NotMe) => "tap not-me",
            Tap::Form(FormTap::Focus(_)) => "tap focus",
            Tap::Form(FormTap::Choose(..)) => "tap choose",
            Tap::Form(FormTap::Decline(_)) => "tap decline",
            Tap::Form(FormTap::MoveSplit { .. }) => "tap split",
            Tap::Form(FormTap::Edit(_)) => "tap edit",
            Tap::Form(FormTap::ToggleMethod) => "tap telex",
            Tap::Photo(_) => "tap photo",
            Tap::Review(ReviewTap::Portrait) => "tap portrait",
            Tap::Review(ReviewTap::Vouch) => "tap vouch",
            Tap::Review(ReviewTap::Submit) => "tap submit",
            Tap::Retry => "tap retry",
            Tap::Slip(SlipTap::RevealQr) => "tap reveal",
            Tap::Slip(SlipTap::Print) => "tap print",
            Tap::Slip(SlipTap::Finish) => "tap finish",
            Tap::Slip(SlipTap::Done) => "tap taken",
            Tap::Door => "tap door",
            Tap::Officer(_) => "tap officer",
        },
        Event::Key(_) => "key",
        Event::Reader(_) => "reader",
        Event::Camera(_) => "camera",
        Event::HasDossier => "has-dossier",
        Event::PhotoSeen(_) => "photo-seen",
        Event::PhotoTaken(_) => "photo-taken",
        Event::Printer(_) => "printer",
        Event::Printed(_) => "printed",
        Event::CardRead(_) => "card",
        Event::SlipRead { .. } => "slip-read",
        Event::Reopened(_) => "reopened",
        Event::Kept { .. } => "kept",
        Event::Recalled { .. } => "recalled",
        Event::CardRefused(_) => "card-refused",
        Event::Second { .. } => "second",
        Event::Saved(_) => "saved",
        Event::SaveFailed(_) => "save-failed",
        Event::Outbox { .. } => "outbox",
        Event::Room { .. } => "room",
        Event::Delivered { .. } => "delivered",
        Event::Door(_) => "door",
        Event::PinJudged(_) => "judged",
        Event::OfficerStanding(_) => "standing",
        Event::OfficerDone(_) => "done",
        Event::Stopping => "stopping",
    }
}

/// `ok`, or what kept the slip from the paper.
pub(super) fn print_problem(code: &str) -> Option<PrintProblem> {
    use PrintProblem::{Absent, CoverOpen, Cut, Jam, NoPaper, Offline};
    let known = [Absent, NoPaper, CoverOpen, Jam, Offline, Cut].into_iter().find(|problem| problem.code() == code);
    assert!(known.is_some() || code == "ok", "no print problem {code:?}");
    known
}

pub(super) fn printer(code: &str) -> PrinterState {
    match code {
        "none" => PrinterState::None,
        "ready" => PrinterState::Ready { low: false },
        "low" => PrinterState::Ready { low: true },
        code => PrinterState::Troubled(print_problem(code).expect("ready, low, none or a problem")),
    }
}

pub(super) fn printing(print: PrintView, printer: PrinterState) -> String {
    let printer = match printer {
        PrinterState::Troubled(problem) => format!(" (printer: {})", problem.code()),
        PrinterState::None | PrinterState::Ready { .. } => String::new(),
    };
    let printing = match print.printing {
        Printing::NotYet => "may be printed".to_owned(),
        Printing::Now => "being printed".to_owned(),
        Printing::Done => "printed".to_owned(),
        Printing::Failed(problem) => format!("not printed: {}", problem.code()),
    };
    format!(", {printing}{printer}")
}

/// What an invented citizen answers. Only what must be filled needs an answer here.
pub(super) fn ordinary(field: Field) -> &'static str {
    match field {
        Field::FamilyName => "Đoàn",
        Field::MiddleGiven => "Văn Thử",
        Field::Sex => "male",
        Field::BirthDate => "01/02/1993",
        Field::Pin => "099093000074",
        Field::BirthPlace => "Đà Nẵng",
        Field::Ethnicity => "Kinh",
        Field::Religion => "Không",
        Field::Phone => "0000000001",
        Field::Email => "thu@example.invalid",
        Field::PermanentAddress => "Thôn Thử, Xã Không Có Thật",
        Field::CurrentAddress => "Khối Thử, Phường Không Có Thật",
        Field::Occupation => "Công nhân",
        Field::FatherName => "Đoàn Thử Cha",
        Field::FatherBirth => "1960",
        Field::MotherName => "Lê Thị Thử",
        Field::MotherBirth => "05/1962",
        Field::EverIssued | Field::FirstConfirmed => "never_issued",
        Field::Request => "lost",
        Field::ChangeKind => "changed_birth_place",
        Field::ChangeFrom => "Huế",
        Field::RequestDetail => "Thay đổi nơi sinh",
        Field::OldPassportNumber => "B0000001",
        Field::Chip => "with_chip",
        Field::Agency => "Phòng Quản lý xuất nhập cảnh – Công an thành phố Đà Nẵng",
        Field::ReceiveMode => "collect",
        Field::DeliveryAddress => "Tổ 1, Thôn Thử",
        Field::TemporaryAddress
        | Field::Employer
        | Field::SpouseName
        | Field::SpouseBirth
        | Field::OldPassportDate
        | Field::RefundAccount
        | Field::RefundHolder
        | Field::RefundBank => {
            debug_assert!(matches!(field.spec().need, Need::Never));
            ""
        }
    }
}
