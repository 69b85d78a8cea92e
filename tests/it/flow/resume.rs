//! A dossier's slip: its own citizen goes on, everybody else learns nothing.

use super::check;
use expect_test::expect;

#[test]
fn slip_and_card_bring_the_dossier_back_to_the_review_and_it_is_saved_again() {
    check(
        "
        slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        card duc
        card mai                // while it is looked for, nobody else's card counts
        not-reopened other-card
        card mai
        reopened mai
        show family_name
        submit-only             // it is answered for anew
        edit phone
        phone 0000000002
        next
        submit
        saved 7F3K-92QX
        ",
        expect![[r#"
            slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA resume wantscard
            card duc                     resume looking → reopen
            card mai                     resume looking
            not-reopened other-card      resume refused(othercard { left: 4 })
            card mai                     resume looking → reopen
            reopened mai                 review
            show family_name             "NGUYỄN" (card)
            submit-only                  review
            edit phone                   form contact 4/17 @phone
            phone 0000000002             form contact 4/17 @phone
            next                         review
            submit                       saving → save
            saved 7F3K-92QX              slip 7F3K-92QX •••••••••017, being sent
        "#]],
    );
}

#[test]
fn what_does_not_come_back_says_why_and_leaves_nothing() {
    check(
        "
        have-slip
        card mai                // a card alone opens nothing
        slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        card mai
        not-reopened not-here
        card mai
        back
        slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        card mai
        leave
        reopened mai            // comes too late: it is nobody's
        slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        card mai
        not-reopened void
        slip t1.00000000        // another slip may still go on
        ",
        expect![[r#"
            have-slip                    resume
            card mai                     resume
            slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA resume wantscard
            card mai                     resume looking → reopen
            not-reopened not-here        resume refused(nothere)
            card mai                     resume refused(nothere)
            back                         welcome, take your card → forget
            slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA resume wantscard
            card mai                     resume looking → reopen
            leave                        welcome, take your card → forget
            reopened mai                 welcome, take your card
            slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA resume wantscard
            card mai                     resume looking → reopen
            not-reopened void            resume refused(void)
            slip t1.00000000             triage advice
        "#]],
    );
}

#[test]
fn a_consent_to_another_text_is_asked_for_anew() {
    check(
        "
        slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        card mai
        reopened mai other-text
        next
        consent required
        next
        show phone
        ",
        expect![[r#"
            slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA resume wantscard
            card mai                     resume looking → reopen
            reopened mai other-text      consent
            next                         consent
            consent required             consent, may go on
            next                         review
            show phone                   "0000000001" (typed)
        "#]],
    );
}
