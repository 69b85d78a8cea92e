//! Codes of the core as codes of the screens, one to one. The compiler keeps both sides complete.

use crate::domain::card::CardProblem;
use crate::domain::flow::{
    Delivery, Keyboard, NotReopened, ReaderState, Reading, Reopening, SaveFailure, Screen, Trouble,
};
use crate::domain::form::{Answer, Answering, Chapter, Field, Paper, Problem, Quick, Rule, Section, Source, Warning};
use crate::domain::keep::Outlives;
use crate::domain::typing::Method;
use kiosk_ui as ui;

/// Which screen.
pub(super) fn screen(value: Screen) -> ui::Screen {
    match value {
        Screen::Welcome => ui::Screen::Welcome,
        Screen::Triage => ui::Screen::Triage,
        Screen::Consent => ui::Screen::Consent,
        Screen::Card => ui::Screen::Card,
        Screen::Identity => ui::Screen::Identity,
        Screen::Form => ui::Screen::Form,
        Screen::Photo => ui::Screen::Photo,
        Screen::Review => ui::Screen::Review,
        Screen::Saving => ui::Screen::Saving,
        Screen::Slip => ui::Screen::Slip,
        Screen::Trouble => ui::Screen::Trouble,
        Screen::Resume => ui::Screen::Resume,
        Screen::Pin => ui::Screen::Pin,
        Screen::Officer => ui::Screen::Officer,
        Screen::Enrol => ui::Screen::Enrol,
        Screen::Outreach => ui::Screen::Outreach,
    }
}

/// Which reading of an address.
pub(super) fn reading(value: Option<Reading>) -> ui::ReadingCode {
    match value {
        None => ui::ReadingCode::None,
        Some(Reading::OnCard) => ui::ReadingCode::OnCard,
        Some(Reading::Typed) => ui::ReadingCode::Typed,
        Some(Reading::Today) => ui::ReadingCode::Today,
        Some(Reading::PerhapsToday) => ui::ReadingCode::PerhapsToday,
    }
}

/// How far a slip has come.
pub(super) fn reopening(value: Option<Reopening>) -> ui::ResumeCode {
    match value {
        None => ui::ResumeCode::Slip,
        Some(Reopening::WantsCard) => ui::ResumeCode::Card,
        Some(Reopening::Looking) => ui::ResumeCode::Looking,
        Some(Reopening::Refused(NotReopened::NotHere)) => ui::ResumeCode::NotHere,
        Some(Reopening::Refused(NotReopened::OtherCard { .. })) => ui::ResumeCode::OtherCard,
        Some(Reopening::Refused(NotReopened::Void)) => ui::ResumeCode::Void,
        Some(Reopening::Refused(NotReopened::Unreadable)) => ui::ResumeCode::Unreadable,
    }
}

/// Which way of typing.
pub(super) fn typing(value: Method) -> ui::TypingCode {
    match value {
        Method::Telex => ui::TypingCode::Telex,
        Method::Vni => ui::TypingCode::Vni,
        Method::Direct => ui::TypingCode::Direct,
    }
}

/// Which field.
pub fn field(value: Field) -> ui::FieldCode {
    match value {
        Field::FamilyName => ui::FieldCode::FamilyName,
        Field::MiddleGiven => ui::FieldCode::MiddleGiven,
        Field::Sex => ui::FieldCode::Sex,
        Field::BirthDate => ui::FieldCode::BirthDate,
        Field::BirthPlace => ui::FieldCode::BirthPlace,
        Field::Pin => ui::FieldCode::Pin,
        Field::Ethnicity => ui::FieldCode::Ethnicity,
        Field::Religion => ui::FieldCode::Religion,
        Field::Phone => ui::FieldCode::Phone,
        Field::Email => ui::FieldCode::Email,
        Field::PermanentAddress => ui::FieldCode::PermanentAddress,
        Field::TemporaryAddress => ui::FieldCode::TemporaryAddress,
        Field::CurrentAddress => ui::FieldCode::CurrentAddress,
        Field::Occupation => ui::FieldCode::Occupation,
        Field::Employer => ui::FieldCode::Employer,
        Field::FatherName => ui::FieldCode::FatherName,
        Field::FatherBirth => ui::FieldCode::FatherBirth,
        Field::MotherName => ui::FieldCode::MotherName,
        Field::MotherBirth => ui::FieldCode::MotherBirth,
        Field::SpouseName => ui::FieldCode::SpouseName,
        Field::SpouseBirth => ui::FieldCode::SpouseBirth,
        Field::Request => ui::FieldCode::Request,
        Field::EverIssued => ui::FieldCode::EverIssued,
        Field::FirstConfirmed => ui::FieldCode::FirstConfirmed,
        Field::ChangeKind => ui::FieldCode::ChangeKind,
        Field::ChangeFrom => ui::FieldCode::ChangeFrom,
        Field::RequestDetail => ui::FieldCode::RequestDetail,
        Field::OldPassportNumber => ui::FieldCode::OldPassportNumber,
        Field::OldPassportDate => ui::FieldCode::OldPassportDate,
        Field::Chip => ui::FieldCode::Chip,
        Field::RefundAccount => ui::FieldCode::RefundAccount,
        Field::RefundHolder => ui::FieldCode::RefundHolder,
        Field::RefundBank => ui::FieldCode::RefundBank,
        Field::Agency => ui::FieldCode::Agency,
        Field::ReceiveMode => ui::FieldCode::ReceiveMode,
        Field::DeliveryAddress => ui::FieldCode::DeliveryAddress,
    }
}

/// Which field was touched.
pub fn field_from(code: ui::FieldCode) -> Field {
    match code {
        ui::FieldCode::FamilyName => Field::FamilyName,
        ui::FieldCode::MiddleGiven => Field::MiddleGiven,
        ui::FieldCode::Sex => Field::Sex,
        ui::FieldCode::BirthDate => Field::BirthDate,
        ui::FieldCode::BirthPlace => Field::BirthPlace,
        ui::FieldCode::Pin => Field::Pin,
        ui::FieldCode::Ethnicity => Field::Ethnicity,
        ui::FieldCode::Religion => Field::Religion,
        ui::FieldCode::Phone => Field::Phone,
        ui::FieldCode::Email => Field::Email,
        ui::FieldCode::PermanentAddress => Field::PermanentAddress,
        ui::FieldCode::TemporaryAddress => Field::TemporaryAddress,
        ui::FieldCode::CurrentAddress => Field::CurrentAddress,
        ui::FieldCode::Occupation => Field::Occupation,
        ui::FieldCode::Employer => Field::Employer,
        ui::FieldCode::FatherName => Field::FatherName,
        ui::FieldCode::FatherBirth => Field::FatherBirth,
        ui::FieldCode::MotherName => Field::MotherName,
        ui::FieldCode::MotherBirth => Field::MotherBirth,
        ui::FieldCode::SpouseName => Field::SpouseName,
        ui::FieldCode::SpouseBirth => Field::SpouseBirth,
        ui::FieldCode::Request => Field::Request,
        ui::FieldCode::EverIssued => Field::EverIssued,
        ui::FieldCode::FirstConfirmed => Field::FirstConfirmed,
        ui::FieldCode::ChangeKind => Field::ChangeKind,
        ui::FieldCode::ChangeFrom => Field::ChangeFrom,
        ui::FieldCode::RequestDetail => Field::RequestDetail,
        ui::FieldCode::OldPassportNumber => Field::OldPassportNumber,
        ui::FieldCode::OldPassportDate => Field::OldPassportDate,
        ui::FieldCode::Chip => Field::Chip,
        ui::FieldCode::RefundAccount => Field::RefundAccount,
        ui::FieldCode::RefundHolder => Field::RefundHolder,
        ui::FieldCode::RefundBank => Field::RefundBank,
        ui::FieldCode::Agency => Field::Agency,
        ui::FieldCode::ReceiveMode => Field::ReceiveMode,
        ui::FieldCode::DeliveryAddress => Field::DeliveryAddress,
    }
}

/// Which step; outside the form any will do.
pub(super) fn section(value: Option<Section>) -> ui::Section {
    match value {
        None | Some(Section::Person) => ui::Section::Person,
        Some(Section::BirthPlace) => ui::Section::BirthPlace,
        Some(Section::Ethnicity) => ui::Section::Ethnicity,
        Some(Section::Religion) => ui::Section::Religion,
        Some(Section::Contact) => ui::Section::Contact,
        Some(Section::Permanent) => ui::Section::Permanent,
        Some(Section::Current) => ui::Section::Current,
        Some(Section::Temporary) => ui::Section::Temporary,
        Some(Section::Occupation) => ui::Section::Occupation,
        Some(Section::Employer) => ui::Section::Employer,
        Some(Section::Father) => ui::Section::Father,
        Some(Section::Mother) => ui::Section::Mother,
        Some(Section::Spouse) => ui::Section::Spouse,
        Some(Section::EverIssued) => ui::Section::EverIssued,
        Some(Section::FirstConfirmed) => ui::Section::FirstConfirmed,
        Some(Section::Request) => ui::Section::Request,
        Some(Section::OldPassport) => ui::Section::OldPassport,
        Some(Section::Change) => ui::Section::Change,
        Some(Section::ChangeFrom) => ui::Section::ChangeFrom,
        Some(Section::Chip) => ui::Section::Chip,
        Some(Section::Refund) => ui::Section::Refund,
        Some(Section::Agency) => ui::Section::Agency,
        Some(Section::Receive) => ui::Section::Receive,
        Some(Section::Delivery) => ui::Section::Delivery,
    }
}

/// What belongs together in the review.
pub(super) fn chapter(value: Chapter) -> ui::Chapter {
    match value {
        Chapter::Person => ui::Chapter::Person,
        Chapter::Contact => ui::Chapter::Contact,
        Chapter::Residence => ui::Chapter::Residence,
        Chapter::Work => ui::Chapter::Work,
        Chapter::Family => ui::Chapter::Family,
        Chapter::Request => ui::Chapter::Request,
        Chapter::Refund => ui::Chapter::Refund,
        Chapter::Delivery => ui::Chapter::Delivery,
    }
}

/// What is brought or done beside the form.
pub fn paper(value: Paper) -> ui::PaperCode {
    match value {
        Paper::LossReport => ui::PaperCode::LossReport,
        Paper::DamageReport => ui::PaperCode::DamageReport,
        Paper::OldPassport => ui::PaperCode::OldPassport,
        Paper::OldPassportIfValid => ui::PaperCode::OldPassportIfValid,
        Paper::OldPassportPages => ui::PaperCode::OldPassportPages,
        Paper::BirthCertificate => ui::PaperCode::BirthCertificate,
        Paper::ProofOfChange => ui::PaperCode::ProofOfChange,
        Paper::CardPictures => ui::PaperCode::CardPictures,
        Paper::Portrait => ui::PaperCode::Portrait,
    }
}

/// An answer of one press; an address stands there as it will be entered.
pub(super) fn quick(value: Quick) -> ui::OptionCode {
    match value {
        Quick::SameAsPermanent => ui::OptionCode::SameAsPermanent,
        Quick::SameAsCurrent => ui::OptionCode::SameAsCurrent,
        Quick::Nothing => ui::OptionCode::Nothing,
        Quick::Unknown => ui::OptionCode::Unknown,
    }
}

/// What is wrong.
pub(super) fn problem(value: Option<Problem>) -> ui::Problem {
    match value {
        None => ui::Problem::None,
        Some(Problem::Required) => ui::Problem::Required,
        Some(Problem::ReallyEmpty) => ui::Problem::ReallyEmpty,
        Some(Problem::LettersOnly) => ui::Problem::LettersOnly,
        Some(Problem::TooLong) => ui::Problem::TooLong,
        Some(Problem::PinShape) => ui::Problem::PinShape,
        Some(Problem::OldIdNumber) => ui::Problem::OldIdNumber,
        Some(Problem::PhoneShape) => ui::Problem::PhoneShape,
        Some(Problem::EmailShape) => ui::Problem::EmailShape,
        Some(Problem::DateShape) => ui::Problem::DateShape,
        Some(Problem::DateImpossible) => ui::Problem::DateImpossible,
        Some(Problem::DateInFuture) => ui::Problem::DateInFuture,
        Some(Problem::UnderFourteen) => ui::Problem::UnderFourteen,
        Some(Problem::NotInList) => ui::Problem::NotInList,
        Some(Problem::PassportShape) => ui::Problem::PassportShape,
        Some(Problem::AccountShape) => ui::Problem::AccountShape,
        Some(Problem::FirstButHasPassport) => ui::Problem::FirstButHasPassport,
        Some(Problem::PassportNeeded) => ui::Problem::PassportNeeded,
        Some(Problem::NameNeeded) => ui::Problem::NameNeeded,
        Some(Problem::HolderNeeded) => ui::Problem::HolderNeeded,
        Some(Problem::BankNeeded) => ui::Problem::BankNeeded,
        Some(Problem::FirstNotConfirmed) => ui::Problem::FirstNotConfirmed,
        Some(Problem::AnswersDiffer) => ui::Problem::AnswersDiffer,
        Some(Problem::BeforeBirth) => ui::Problem::BeforeBirth,
        Some(Problem::NoChange) => ui::Problem::NoChange,
        Some(Problem::AccountNeeded) => ui::Problem::AccountNeeded,
    }
}

/// What deserves a second look.
pub(super) fn warning(value: Option<Warning>) -> ui::Warning {
    match value {
        None => ui::Warning::None,
        Some(Warning::DiffersFromCard) => ui::Warning::DiffersFromCard,
        Some(Warning::PinAgainstSex) => ui::Warning::PinAgainstSex,
        Some(Warning::ParentTooYoung) => ui::Warning::ParentTooYoung,
        Some(Warning::PinAgainstBirth) => ui::Warning::PinAgainstBirth,
    }
}

/// A coded answer; an entry of a list shows its own text.
pub fn option(value: Option<Answer>) -> ui::OptionCode {
    match value {
        None => ui::OptionCode::Listed,
        Some(Answer::Male) => ui::OptionCode::Male,
        Some(Answer::Female) => ui::OptionCode::Female,
        Some(Answer::FirstIssue) => ui::OptionCode::FirstIssue,
        Some(Answer::Expired) => ui::OptionCode::Expired,
        Some(Answer::Lost) => ui::OptionCode::Lost,
        Some(Answer::Damaged) => ui::OptionCode::Damaged,
        Some(Answer::Changed) => ui::OptionCode::Changed,
        Some(Answer::WithChip) => ui::OptionCode::WithChip,
        Some(Answer::WithoutChip) => ui::OptionCode::WithoutChip,
        Some(Answer::Post) => ui::OptionCode::Post,
        Some(Answer::NeverIssued) => ui::OptionCode::NeverIssued,
        Some(Answer::IssuedBefore) => ui::OptionCode::IssuedBefore,
        Some(Answer::ChangedName) => ui::OptionCode::ChangedName,
        Some(Answer::ChangedBirthDate) => ui::OptionCode::ChangedBirthDate,
        Some(Answer::ChangedBirthPlace) => ui::OptionCode::ChangedBirthPlace,
        Some(Answer::ChangedNumber) => ui::OptionCode::ChangedNumber,
        Some(Answer::ChangedOther) => ui::OptionCode::ChangedOther,
        Some(Answer::Collect) => ui::OptionCode::Collect,
    }
}

/// Where a value comes from.
pub(super) fn source(value: Option<Source>) -> ui::Source {
    match value {
        None => ui::Source::None,
        Some(Source::CardQr) => ui::Source::CardQr,
        Some(Source::Typed) => ui::Source::Typed,
        Some(Source::Triage) => ui::Source::Triage,
    }
}

/// Why the last thing held to the reader was not taken.
pub(super) fn card_problem(value: Option<CardProblem>) -> ui::CardProblem {
    match value {
        None => ui::CardProblem::None,
        Some(CardProblem::NotACard) => ui::CardProblem::NotACard,
        Some(CardProblem::WrongEncoding) => ui::CardProblem::WrongEncoding,
        Some(CardProblem::TooLong) => ui::CardProblem::TooLong,
        Some(CardProblem::Garbled) => ui::CardProblem::Garbled,
        Some(CardProblem::OldCard) => ui::CardProblem::OldCard,
    }
}

/// The reader.
pub(super) fn reader(value: ReaderState) -> ui::ReaderState {
    match value {
        ReaderState::Missing => ui::ReaderState::Missing,
        ReaderState::Ready => ui::ReaderState::Ready,
    }
}

/// What a half-filled form outlives.
pub(super) fn outlives(value: Outlives) -> ui::OutlivesCode {
    match value {
        Outlives::Nothing => ui::OutlivesCode::Nothing,
        Outlives::Crash => ui::OutlivesCode::Crash,
        Outlives::PowerCut => ui::OutlivesCode::PowerCut,
    }
}

/// How far the dossier is.
pub(super) fn delivery(value: Delivery) -> ui::Delivery {
    match value {
        Delivery::Unknown => ui::Delivery::Unknown,
        Delivery::Waiting => ui::Delivery::Waiting,
        Delivery::Sent => ui::Delivery::Sent,
    }
}

/// Which keys are offered.
pub(super) fn keyboard(value: Keyboard) -> ui::KeyboardLayout {
    match value {
        Keyboard::Hidden => ui::KeyboardLayout::Hidden,
        Keyboard::Letters => ui::KeyboardLayout::Letters,
        Keyboard::Digits => ui::KeyboardLayout::Digits,
        Keyboard::Date => ui::KeyboardLayout::Date,
        Keyboard::Email => ui::KeyboardLayout::Email,
        Keyboard::Code => ui::KeyboardLayout::Code,
    }
}

/// How a field is filled.
pub(super) fn kind(rule: Rule) -> ui::FieldKind {
    match rule.answering() {
        Answering::Choice(_) => ui::FieldKind::Choice,
        Answering::List(_) => ui::FieldKind::List,
        Answering::Text => ui::FieldKind::Text,
    }
}

/// What happened.
pub(super) fn trouble(value: Option<Trouble>) -> ui::TroubleCode {
    match value {
        None => ui::TroubleCode::None,
        Some(Trouble::ConsentRefused) => ui::TroubleCode::ConsentRefused,
        Some(Trouble::NotSaved(SaveFailure::DiskFull)) => ui::TroubleCode::DiskFull,
        Some(Trouble::NotSaved(SaveFailure::Busy)) => ui::TroubleCode::QueueBusy,
        Some(Trouble::NotSaved(SaveFailure::Broken)) => ui::TroubleCode::QueueBroken,
        Some(Trouble::NotSaved(SaveFailure::OfficeKeyMissing)) => ui::TroubleCode::OfficeKeyMissing,
        Some(Trouble::NoRoom) => ui::TroubleCode::NoRoom,
        Some(Trouble::Stopping) => ui::TroubleCode::Stopping,
    }
}
