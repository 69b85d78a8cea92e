//! A half-filled form that outlives its process: it goes on for whoever shows the same card.

use super::check;
use super::script::today;
use expect_test::expect;
use passport_kiosk::domain::flow::{Effect, Event, HalfFilled};
use passport_kiosk::domain::keep::Outlives;

/// What the keeper does with what it is asked.
pub(super) fn keep(kept: &mut Option<Box<HalfFilled>>, effects: &[Effect]) {
    for effect in effects {
        match effect {
            Effect::Keep(half) => kept.clone_from(half),
            Effect::Forget | Effect::Save(_) => *kept = None,
            _ => {}
        }
    }
}

pub(super) fn standing(rest: &str) -> Event {
    let (outlives, holds) = rest.split_once(' ').unwrap_or((rest, ""));
    let outlives = match outlives {
        "nothing" => Outlives::Nothing,
        "crash" => Outlives::Crash,
        "power-cut" => Outlives::PowerCut,
        _ => panic!("{rest:?}: nothing, crash or power-cut"),
    };
    Event::Kept { outlives, holds: holds == "held" }
}

pub(super) fn answer(kept: Option<&HalfFilled>, rest: &str) -> Event {
    Event::Recalled { half: kept.filter(|_| rest != "nothing").cloned().map(Box::new), today: today() }
}

/// Every step is kept, which would be on every line.
pub(super) fn told(half: Option<&HalfFilled>) -> &'static str {
    if half.is_some() { "" } else { " → keep nothing" }
}

#[test]
fn after_a_crash_the_card_at_the_first_screen_leads_on_where_it_stopped() {
    check(
        "
        keeps crash
        start
        consent required
        next
        card mai
        recalled nothing
        next
        to contact
        phone 0000000001
        focus email
        email mai@example.invalid
        crash
        keeps crash held
        card mai
        recalled
        next
        show phone
        show email              // it was being written: no more than the field before is kept
        to review
        ",
        expect![[r#"
            keeps crash                  welcome
            start                        consent
            consent required             consent, may go on
            next                         card
            card mai                     identity → recall
            recalled nothing             identity
            next                         form birthplace 1/14 @birth_place
            to contact                   form contact 4/14 @phone
            phone 0000000001             form contact 4/14 @phone
            focus email                  form contact 4/14 @email
            email mai@example.invalid    form contact 4/14 @email
            crash                        welcome
            keeps crash held             welcome
            card mai                     welcome → recall
            recalled                     identity, half filled in before
            next                         form contact 4/14 @email
            show phone                   "0000000001" (typed), email keys
            show email                   "", email keys
            to review                    review
        "#]],
    );
}

#[test]
fn whoever_begins_anew_is_offered_it_when_their_card_is_read() {
    check(
        "
        keeps power-cut
        start
        consent all
        next
        card mai
        next
        to review
        edit phone
        crash
        keeps power-cut held
        start
        consent required
        next
        card mai
        recalled
        next
        show refund_account
        ",
        expect![[r#"
            keeps power-cut              welcome
            start                        consent
            consent all                  consent, may go on
            next                         card
            card mai                     identity → recall
            next                         form birthplace 1/15 @birth_place
            to review                    review
            edit phone                   form contact 4/15 @phone
            crash                        welcome
            keeps power-cut held         welcome
            start                        consent
            consent required             consent, may go on
            next                         card
            card mai                     identity → recall
            recalled                     identity, half filled in before
            next                         review
            show refund_account          not on this screen
        "#]],
    );
}

#[test]
fn another_card_opens_nothing_and_nobody_goes_on_under_anothers_consent() {
    check(
        "
        keeps crash
        start
        consent required
        next
        card mai
        next
        crash
        card duc                // nothing waits here
        keeps crash held
        card duc
        card mai                // one card at a time
        recalled nothing
        card mai
        recalled
        not-me
        recalled                // comes too late: it is nobody's
        card mai
        start
        recalled                // they have begun anew
        ",
        expect![[r#"
            keeps crash                  welcome
            start                        consent
            consent required             consent, may go on
            next                         card
            card mai                     identity → recall
            next                         form birthplace 1/14 @birth_place
            crash                        welcome
            card duc                     welcome
            keeps crash held             welcome
            card duc                     welcome → recall
            card mai                     welcome
            recalled nothing             welcome
            card mai                     welcome → recall
            recalled                     identity, half filled in before
            not-me                       welcome, take your card → forget
            recalled                     welcome, take your card
            card mai                     welcome, take your card → recall
            start                        consent
            recalled                     consent
        "#]],
    );
}

#[test]
fn what_was_refused_or_saved_or_opened_from_a_slip_is_not_kept() {
    check(
        "
        keeps crash
        start
        consent required
        next
        card mai
        next
        back
        back
        back
        refuse
        leave
        slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        card mai
        reopened mai
        edit phone
        crash
        keeps crash held
        card mai
        recalled
        ",
        expect![[r#"
            keeps crash                  welcome
            start                        consent
            consent required             consent, may go on
            next                         card
            card mai                     identity → recall
            next                         form birthplace 1/14 @birth_place
            back                         identity
            back                         card
            back                         consent, may go on
            refuse                       trouble consent-refused → keep nothing
            leave                        welcome → forget
            slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA resume wantscard
            card mai                     resume looking → reopen
            reopened mai                 review
            edit phone                   form contact 4/17 @phone
            crash                        welcome
            keeps crash held             welcome
            card mai                     welcome → recall
            recalled                     welcome
        "#]],
    );
}

#[test]
fn a_surname_divided_elsewhere_on_a_form_that_came_back_stays_so() {
    check(
        "
        keeps crash
        start
        consent required
        next
        card mai
        next
        crash
        keeps crash held
        card mai
        recalled
        show family_name
        split longer
        next
        to review
        show family_name
        ",
        expect![[r#"
            keeps crash                  welcome
            start                        consent
            consent required             consent, may go on
            next                         card
            card mai                     identity → recall
            next                         form birthplace 1/14 @birth_place
            crash                        welcome
            keeps crash held             welcome
            card mai                     welcome → recall
            recalled                     identity, half filled in before
            show family_name             "NGUYỄN" (card)
            split longer                 identity, half filled in before
            next                         form birthplace 1/14 @birth_place
            to review                    review
            show family_name             "NGUYỄN THỊ" (card)
        "#]],
    );
}
