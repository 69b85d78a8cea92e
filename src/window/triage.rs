//! The triage between the core and the screens.

use super::{SCREEN_QR, qr, update};
use crate::domain::flow::{Event, Page, Tap, TriageTap, TriageView, View};
use crate::domain::triage::{Advice, Question, Reply, Weight};
use crate::kiosk::Tell;
use kiosk_ui::{self as ui, Kiosk};

pub(super) fn bind(kiosk: &Kiosk<'_>, tell: &Tell) {
    let tap = {
        let tell = tell.clone();
        move |tap: TriageTap| tell.tell(Event::Tap(Tap::Triage(tap)))
    };
    let press = tap.clone();
    kiosk.on_reply(move |code| press(TriageTap::Reply(reply_from(code))));
    let press = tap.clone();
    kiosk.on_check_sim(move || press(TriageTap::CheckSim));
    let press = tap.clone();
    kiosk.on_sim_name(move |right| press(TriageTap::SimName(right)));
    let press = tap.clone();
    kiosk.on_sim_number(move |right| press(TriageTap::SimNumber(right)));
    let press = tap.clone();
    kiosk.on_sim_guide(move || press(TriageTap::SimGuide));
    kiosk.on_ask_again(move |code| tap(TriageTap::Again(question_from(code))));
}

pub(super) fn render(kiosk: &Kiosk<'_>, view: &View) {
    let Some(triage) = &view.triage else {
        kiosk.set_triage(ui::TriageInfo::default());
        update(&kiosk.get_replies(), Vec::new(), PartialEq::eq, |model| kiosk.set_replies(model));
        update(&kiosk.get_advice(), Vec::new(), PartialEq::eq, |model| kiosk.set_advice(model));
        return;
    };
    let (page, asked) = page(triage.page);
    let replies = asked
        .map_or(&[][..], Question::replies)
        .iter()
        .map(|code| ui::ReplyRow { chosen: triage.answers.to(code.question()) == Some(*code), code: reply(*code) });
    update(&kiosk.get_replies(), replies.collect(), PartialEq::eq, |model| kiosk.set_replies(model));
    let advice: Vec<Advice> = triage.answers.advice().collect();
    let sim = advice.iter().any(|advice| matches!(advice, Advice::RenameSim | Advice::UpdateSim | Advice::CheckSim));
    let rows = advice.into_iter().map(advice_row).collect();
    update(&kiosk.get_advice(), rows, PartialEq::eq, |model| kiosk.set_advice(model));
    kiosk.set_triage(info(triage, page, asked, sim));
}

pub(super) fn advice_row(code: Advice) -> ui::AdviceRow {
    ui::AdviceRow { code: advice(code), weight: weight(code.weight()) }
}

fn info(triage: &TriageView, page: ui::TriagePage, asked: Option<Question>, sim: bool) -> ui::TriageInfo {
    ui::TriageInfo {
        page,
        qr: if triage.link.is_empty() {
            slint::Image::default()
        } else {
            qr(&triage.link, SCREEN_QR).map(|(_, image)| image).unwrap_or_default()
        },
        question: question(asked.unwrap_or(Question::Sim)),
        sim,
        step: triage.step.try_into().unwrap_or(i32::MAX),
        steps: Question::ALL.len().try_into().unwrap_or(i32::MAX),
        weight: weight(triage.weight),
    }
}

fn page(page: Page) -> (ui::TriagePage, Option<Question>) {
    match page {
        Page::Question(question) => (ui::TriagePage::Question, Some(question)),
        Page::SimName => (ui::TriagePage::SimName, None),
        Page::SimNumber => (ui::TriagePage::SimNumber, None),
        Page::SimGuide => (ui::TriagePage::SimGuide, None),
        Page::Advice => (ui::TriagePage::Advice, None),
    }
}

fn question(value: Question) -> ui::QuestionCode {
    match value {
        Question::Card => ui::QuestionCode::Card,
        Question::Age => ui::QuestionCode::Age,
        Question::Vneid => ui::QuestionCode::Vneid,
        Question::Sim => ui::QuestionCode::Sim,
        Question::Payer => ui::QuestionCode::Payer,
        Question::Passport => ui::QuestionCode::Passport,
        Question::Photo => ui::QuestionCode::Photo,
        Question::Delivery => ui::QuestionCode::Delivery,
    }
}

/// Which question is asked again.
pub fn question_from(code: ui::QuestionCode) -> Question {
    match code {
        ui::QuestionCode::Card => Question::Card,
        ui::QuestionCode::Age => Question::Age,
        ui::QuestionCode::Vneid => Question::Vneid,
        ui::QuestionCode::Sim => Question::Sim,
        ui::QuestionCode::Payer => Question::Payer,
        ui::QuestionCode::Passport => Question::Passport,
        ui::QuestionCode::Photo => Question::Photo,
        ui::QuestionCode::Delivery => Question::Delivery,
    }
}

fn reply(value: Reply) -> ui::ReplyCode {
    match value {
        Reply::CardValid => ui::ReplyCode::CardValid,
        Reply::CardExpired => ui::ReplyCode::CardExpired,
        Reply::CardNineDigits => ui::ReplyCode::CardNineDigits,
        Reply::CardNone => ui::ReplyCode::CardNone,
        Reply::AgeAdult => ui::ReplyCode::AgeAdult,
        Reply::AgeChild => ui::ReplyCode::AgeChild,
        Reply::AgeRepresented => ui::ReplyCode::AgeRepresented,
        Reply::VneidReady => ui::ReplyCode::VneidReady,
        Reply::VneidLocked => ui::ReplyCode::VneidLocked,
        Reply::VneidMissing => ui::ReplyCode::VneidMissing,
        Reply::VneidUnsure => ui::ReplyCode::VneidUnsure,
        Reply::SimOwn => ui::ReplyCode::SimOwn,
        Reply::SimOtherName => ui::ReplyCode::SimOtherName,
        Reply::SimOldNumber => ui::ReplyCode::SimOldNumber,
        Reply::SimUnsure => ui::ReplyCode::SimUnsure,
        Reply::PayerSelf => ui::ReplyCode::PayerSelf,
        Reply::PayerOther => ui::ReplyCode::PayerOther,
        Reply::PayerNone => ui::ReplyCode::PayerNone,
        Reply::PassportNever => ui::ReplyCode::PassportNever,
        Reply::PassportValid => ui::ReplyCode::PassportValid,
        Reply::PassportExpired => ui::ReplyCode::PassportExpired,
        Reply::PassportLost => ui::ReplyCode::PassportLost,
        Reply::PassportDamaged => ui::ReplyCode::PassportDamaged,
        Reply::PhotoHere => ui::ReplyCode::PhotoHere,
        Reply::PhotoOnPhone => ui::ReplyCode::PhotoOnPhone,
        Reply::DeliveryPost => ui::ReplyCode::DeliveryPost,
        Reply::DeliveryCollect => ui::ReplyCode::DeliveryCollect,
    }
}

/// Which reply was pressed.
pub fn reply_from(code: ui::ReplyCode) -> Reply {
    match code {
        ui::ReplyCode::CardValid => Reply::CardValid,
        ui::ReplyCode::CardExpired => Reply::CardExpired,
        ui::ReplyCode::CardNineDigits => Reply::CardNineDigits,
        ui::ReplyCode::CardNone => Reply::CardNone,
        ui::ReplyCode::AgeAdult => Reply::AgeAdult,
        ui::ReplyCode::AgeChild => Reply::AgeChild,
        ui::ReplyCode::AgeRepresented => Reply::AgeRepresented,
        ui::ReplyCode::VneidReady => Reply::VneidReady,
        ui::ReplyCode::VneidLocked => Reply::VneidLocked,
        ui::ReplyCode::VneidMissing => Reply::VneidMissing,
        ui::ReplyCode::VneidUnsure => Reply::VneidUnsure,
        ui::ReplyCode::SimOwn => Reply::SimOwn,
        ui::ReplyCode::SimOtherName => Reply::SimOtherName,
        ui::ReplyCode::SimOldNumber => Reply::SimOldNumber,
        ui::ReplyCode::SimUnsure => Reply::SimUnsure,
        ui::ReplyCode::PayerSelf => Reply::PayerSelf,
        ui::ReplyCode::PayerOther => Reply::PayerOther,
        ui::ReplyCode::PayerNone => Reply::PayerNone,
        ui::ReplyCode::PassportNever => Reply::PassportNever,
        ui::ReplyCode::PassportValid => Reply::PassportValid,
        ui::ReplyCode::PassportExpired => Reply::PassportExpired,
        ui::ReplyCode::PassportLost => Reply::PassportLost,
        ui::ReplyCode::PassportDamaged => Reply::PassportDamaged,
        ui::ReplyCode::PhotoHere => Reply::PhotoHere,
        ui::ReplyCode::PhotoOnPhone => Reply::PhotoOnPhone,
        ui::ReplyCode::DeliveryPost => Reply::DeliveryPost,
        ui::ReplyCode::DeliveryCollect => Reply::DeliveryCollect,
    }
}

pub(super) fn advice(value: Advice) -> ui::AdviceCode {
    match value {
        Advice::RenewCard => ui::AdviceCode::RenewCard,
        Advice::ReplaceCard => ui::AdviceCode::ReplaceCard,
        Advice::GetCard => ui::AdviceCode::GetCard,
        Advice::ChildForm => ui::AdviceCode::ChildForm,
        Advice::RepresentedForm => ui::AdviceCode::RepresentedForm,
        Advice::UnlockVneid => ui::AdviceCode::UnlockVneid,
        Advice::GetVneid => ui::AdviceCode::GetVneid,
        Advice::CheckVneid => ui::AdviceCode::CheckVneid,
        Advice::RenameSim => ui::AdviceCode::RenameSim,
        Advice::UpdateSim => ui::AdviceCode::UpdateSim,
        Advice::CheckSim => ui::AdviceCode::CheckSim,
        Advice::TellPayer => ui::AdviceCode::TellPayer,
        Advice::FindPayer => ui::AdviceCode::FindPayer,
        Advice::HandInPassport => ui::AdviceCode::HandInPassport,
        Advice::BringPassport => ui::AdviceCode::BringPassport,
        Advice::ReportLoss => ui::AdviceCode::ReportLoss,
        Advice::ReportDamage => ui::AdviceCode::ReportDamage,
        Advice::BringPhoto => ui::AdviceCode::BringPhoto,
    }
}

fn weight(value: Weight) -> ui::AdviceWeight {
    match value {
        Weight::GoOn => ui::AdviceWeight::GoOn,
        Weight::BeforeHandOver => ui::AdviceWeight::BeforeHandOver,
        Weight::ComeBack => ui::AdviceWeight::ComeBack,
        Weight::Refer => ui::AdviceWeight::Refer,
    }
}
