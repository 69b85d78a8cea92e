//! The ways out: idle, saved, not saved, switched off.

use super::{BY_HAND, REVIEW, check, check_from};
use expect_test::expect;

#[test]
fn idleness_is_warned_of_and_then_everything_is_wiped() {
    check_from(
        BY_HAND,
        "
        family_name Thử
        idle 59
        idle 60
        stay
        idle 60
        type n                  // a key is a touch
        idle 89
        idle 90
        idle 91
        start
        consent required
        next
        by-hand
        show family_name
        ",
        expect![[r#"
            family_name Thử              form person 1/15 @family_name
            idle 59                      form person 1/15 @family_name
            idle 60                      form person 1/15 @family_name, wiped in 30 s
            stay                         form person 1/15 @family_name
            idle 60                      form person 1/15 @family_name, wiped in 30 s
            type n                       form person 1/15 @family_name
            idle 89                      form person 1/15 @family_name, wiped in 1 s
            idle 90                      welcome → forget
            idle 91                      welcome
            start                        consent
            consent required             consent, may go on
            next                         card
            by-hand                      form person 1/15 @family_name
            show family_name             "", letters keys
        "#]],
    );
}

#[test]
fn nobody_is_wiped_while_the_disk_is_at_work() {
    check_from(
        REVIEW,
        "
        submit
        idle 90
        leave
        submit
        card duc
        save-failed busy
        idle 90                 // an officer was called: the form waits for a quarter of an hour more
        idle 989
        idle 990
        saved 7F3K-92QX         // too late: nobody is there any more
        ",
        expect![[r#"
            submit                       saving → save
            idle 90                      saving
            leave                        saving
            submit                       saving
            card duc                     saving
            save-failed busy             trouble busy, may retry
            idle 90                      trouble busy, may retry
            idle 989                     trouble busy, may retry, wiped in 1 s
            idle 990                     welcome, take your card → forget
            saved 7F3K-92QX              welcome, take your card
        "#]],
    );
}

#[test]
fn a_full_disk_a_busy_queue_and_a_missing_key_leave_the_form_as_it_is() {
    check_from(
        REVIEW,
        "
        submit
        save-failed disk-full
        retry
        save-failed busy
        back
        show phone
        submit
        save-failed office-key-missing
        retry
        saved 7F3K-92QX
        ",
        expect![[r#"
            submit                       saving → save
            save-failed disk-full        trouble disk-full, may retry
            retry                        saving → save
            save-failed busy             trouble busy, may retry
            back                         review
            show phone                   "0000000001" (typed)
            submit                       saving → save
            save-failed office-key-missing trouble office-key-missing, may retry
            retry                        saving → save
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
        "#]],
    );
}

#[test]
fn after_a_broken_queue_only_the_same_dossier_may_be_tried_again() {
    check_from(
        REVIEW,
        "
        submit
        save-failed broken
        back                    // it may have been committed: no second dossier
        retry
        save-failed busy
        back                    // nor now
        retry
        save-failed broken
        leave
        ",
        expect![[r#"
            submit                       saving → save
            save-failed broken           trouble broken, may retry
            back                         trouble broken, may retry
            retry                        saving → save
            save-failed busy             trouble busy, may retry
            back                         trouble busy, may retry
            retry                        saving → save
            save-failed broken           trouble broken, may retry
            leave                        welcome, take your card → forget
        "#]],
    );
}

#[test]
fn the_slips_qr_is_shown_on_request_and_hides_by_itself() {
    check_from(
        REVIEW,
        "
        submit
        saved 7F3K-92QX
        outbox 1 offline
        reveal
        wait 19
        wait 1
        reveal
        leave
        ",
        expect![[r#"
            submit                       saving → save
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
            outbox 1 offline             slip 7F3K-92QX •••••••••017, waiting for the line
            reveal                       slip 7F3K-92QX •••••••••017, waiting for the line, QR for 20 s
            wait 19                      slip 7F3K-92QX •••••••••017, waiting for the line, QR for 1 s
            wait 1                       slip 7F3K-92QX •••••••••017, waiting for the line
            reveal                       slip 7F3K-92QX •••••••••017, waiting for the line, QR for 20 s
            leave                        welcome → forget
        "#]],
    );
}

#[test]
fn only_its_own_receipt_marks_a_slip_as_sent() {
    check_from(
        REVIEW,
        "
        submit
        saved 7F3K-92QX
        delivered AAAA-AAAA
        outbox 2 offline
        outbox 1 online
        delivered 7F3K-92QX
        outbox 0 offline        // what is there stays there
        ",
        expect![[r#"
            submit                       saving → save
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
            delivered AAAA-AAAA          slip 7F3K-92QX •••••••••017, being sent
            outbox 2 offline             slip 7F3K-92QX •••••••••017, waiting for the line
            outbox 1 online              slip 7F3K-92QX •••••••••017, being sent
            delivered 7F3K-92QX          slip 7F3K-92QX •••••••••017, at the office
            outbox 0 offline             slip 7F3K-92QX •••••••••017, at the office
        "#]],
    );
}

#[test]
fn switching_off_wipes_a_form_but_waits_for_a_save() {
    check_from(
        REVIEW,
        "
        stopping
        leave
        start
        stopping
        ",
        expect![[r#"
            stopping                     trouble stopping → forget
            leave                        welcome → forget
            start                        consent
            stopping                     trouble stopping → forget
        "#]],
    );
    check_from(
        REVIEW,
        "
        submit
        stopping
        saved 7F3K-92QX
        stopping                // the slip may be read to its end
        ",
        expect![[r#"
            submit                       saving → save
            stopping                     saving
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
            stopping                     slip 7F3K-92QX •••••••••017, being sent
        "#]],
    );
}

#[test]
fn a_full_machine_begins_nothing_and_ends_nothing_that_has_begun() {
    check(
        "
        room full
        start
        next                    // nothing leads in
        retry
        card mai
        door                    // the officer can always come
        back
        idle 60
        idle 90
        start
        room enough             // somebody made room: whoever waits sees it
        start
        room full               // never in the middle of one
        consent required
        next
        card mai
        leave
        start
        door
        type 739152
        next
        judged granted
        leave
        ",
        expect![[r#"
            room full                    welcome
            start                        trouble no-room
            next                         trouble no-room
            retry                        trouble no-room
            card mai                     trouble no-room
            door                         pin 0 digits, ready → ask the door
            back                         trouble no-room
            idle 60                      trouble no-room, wiped in 30 s
            idle 90                      welcome → forget
            start                        trouble no-room
            room enough                  welcome → forget
            start                        consent
            room full                    consent
            consent required             consent, may go on
            next                         card
            card mai                     identity
            leave                        welcome, take your card → forget
            start                        trouble no-room
            door                         pin 0 digits, ready → ask the door
            type 739152                  pin 6 digits, ready
            next                         pin 0 digits, being judged → try
            judged granted               officer Tổ 1 → forget → report
            leave                        welcome → forget
        "#]],
    );
    check_from(
        REVIEW,
        "
        room full
        submit
        saved 7F3K-92QX
        finish
        taken
        start
        door
        room enough
        back
        ",
        expect![[r#"
            room full                    review
            submit                       saving → save
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
            finish                       slip 7F3K-92QX •••••••••017, being sent, card and slip?
            taken                        welcome → forget
            start                        trouble no-room
            door                         pin 0 digits, ready → ask the door
            room enough                  pin 0 digits, ready
            back                         welcome → forget
        "#]],
    );
}
