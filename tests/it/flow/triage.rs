//! What is missing, before anything is typed.

use super::check;
use super::script::Stage;
use expect_test::expect;
use passport_kiosk::domain::flow::{Effect, Screen};
use passport_kiosk::domain::form::Field;
use passport_kiosk::domain::triage::Advice;

#[test]
fn eight_presses_lead_to_the_advice_and_nothing_is_typed() {
    check(
        "
        begin
        reply card-valid
        reply age-adult
        reply vneid-missing
        check-sim               // TTTB to 1414
        sim-name right
        sim-number wrong        // nine digits
        reply payer-other
        reply passport-lost
        reply photo-here
        reply delivery-post
        sim-guide
        back
        next
        back
        ask-again
        reply sim-own
        next
        ",
        expect![[r#"
            begin                        triage question(card)
            reply card-valid             triage question(age)
            reply age-adult              triage question(vneid)
            reply vneid-missing          triage question(sim) get-vneid
            check-sim                    triage simname get-vneid
            sim-name right               triage simnumber get-vneid
            sim-number wrong             triage question(payer) get-vneid update-sim
            reply payer-other            triage question(passport) get-vneid update-sim tell-payer
            reply passport-lost          triage question(photo) get-vneid update-sim tell-payer report-loss
            reply photo-here             triage question(delivery) get-vneid update-sim tell-payer report-loss
            reply delivery-post          triage advice get-vneid update-sim tell-payer report-loss
            sim-guide                    triage simguide get-vneid update-sim tell-payer report-loss
            back                         triage advice get-vneid update-sim tell-payer report-loss
            next                         consent
            back                         triage advice get-vneid update-sim tell-payer report-loss
            ask-again                    triage question(sim) get-vneid update-sim tell-payer report-loss
            reply sim-own                triage advice get-vneid tell-payer report-loss
            next                         consent
        "#]],
    );
}

#[test]
fn who_must_come_back_is_not_asked_for_consent_and_takes_the_answers_home() {
    check(
        "
        begin
        reply card-nine-digits
        next
        slip t1.2-------        // months later, still the old card
        ask-again
        back
        back
        back
        slip t1.01------        // for a child
        next
        slip t1.000-----        // stopped at the fourth question: it goes on there
        leave
        ",
        expect![[r#"
            begin                        triage question(card)
            reply card-nine-digits       triage advice replace-card, QR #t1.2-------
            next                         welcome → forget
            slip t1.2-------             triage advice replace-card, QR #t1.2-------
            ask-again                    triage question(sim) replace-card
            back                         triage question(vneid) replace-card
            back                         triage question(age) replace-card
            back                         triage question(card) replace-card
            slip t1.01------             triage question(card) replace-card
            next                         triage question(card) replace-card
            slip t1.000-----             triage question(card) replace-card
            leave                        welcome → forget
        "#]],
    );
}

#[test]
fn what_was_said_before_the_form_is_not_asked_again_in_it() {
    let stage = Stage::after(
        "begin\nreply card-valid\nreply age-adult\nreply vneid-ready\nreply sim-own\nreply payer-self\nreply passport-lost\n\
         reply photo-here\nreply delivery-collect\nnext\nconsent required\nnext\ncard mai\nnext\nto review",
    );
    let view = stage.view();
    let request = view.rows.iter().find(|row| row.field == Field::Request).unwrap();
    assert_eq!(request.value, "lost");
}

#[test]
fn each_advice_is_counted_once_however_often_its_page_is_seen() {
    let mut stage = Stage::new();
    let mut advised = Vec::new();
    for line in
        ["slip t1.00212310", "next", "back", "ask-again", "reply sim-own", "back", "reply delivery-post", "next"]
    {
        for effect in stage.play(line).into_iter().flat_map(|seen| seen.effects) {
            if let Effect::Advised(advice) = effect {
                advised.extend(advice);
            }
        }
    }
    assert_eq!(stage.screen(), Screen::Consent);
    let once = [Advice::GetVneid, Advice::RenameSim, Advice::FindPayer, Advice::ReportLoss, Advice::BringPhoto];
    assert_eq!(advised, once);
}

#[test]
fn behind_the_curtain_nothing_is_shown_and_nothing_is_pressed() {
    check(
        "
        start
        consent required
        next
        by-hand
        family_name Thử
        curtain
        type n
        next
        curtain
        show family_name
        curtain
        leave
        ",
        expect![[r#"
            start                        consent
            consent required             consent, may go on
            next                         card
            by-hand                      form person 1/15 @family_name
            family_name Thử              form person 1/15 @family_name
            curtain                      form, curtain
            type n                       form, curtain
            next                         form, curtain
            curtain                      form person 1/15 @family_name
            show family_name             "THỬ" (typed), letters keys
            curtain                      form, curtain
            leave                        welcome → forget
        "#]],
    );
}
