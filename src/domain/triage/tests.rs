use super::*;

fn all() -> impl Iterator<Item = Reply> {
    Question::ALL.into_iter().flat_map(|question| question.replies().iter().copied())
}

fn answered(replies: &[Reply]) -> Answers {
    let mut answers = Answers::default();
    for reply in replies {
        answers.give(*reply);
    }
    answers
}

#[test]
fn every_reply_answers_one_question() {
    for question in Question::ALL {
        for reply in question.replies() {
            assert_eq!(reply.question(), question);
            assert_eq!(all().filter(|other| other == reply).count(), 1, "{reply:?}");
        }
    }
}

#[test]
fn every_advice_follows_from_a_reply() {
    for advice in Advice::ALL {
        assert_eq!(all().filter(|reply| reply.advice() == Some(advice)).count(), 1, "{advice:?}");
    }
    assert_eq!(all().filter_map(Reply::advice).count(), Advice::ALL.len());
}

#[test]
fn the_slip_s_code_gives_back_every_set_of_answers_and_nothing_else_is_one() {
    let mut rng = fastrand::Rng::with_seed(4);
    for _ in 0..5_000 {
        let mut answers = Answers::default();
        for question in Question::ALL.into_iter().filter(|_| rng.bool()).collect::<Vec<_>>() {
            answers.give(*rng.choice(question.replies()).unwrap());
        }
        assert_eq!(Answers::parse(&answers.code()), Some(answers));
    }
    for wrong in ["", "t1.", "t1.0000000", "t1.000000000", "t1.9-------", "t2.--------", "t1.x-------", "T1.--------"] {
        assert_eq!(Answers::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn who_needs_another_card_or_another_form_is_asked_nothing_more() {
    for reply in [Reply::CardExpired, Reply::CardNineDigits, Reply::CardNone] {
        assert_eq!(answered(&[reply]).open(), None);
        assert_eq!(answered(&[reply]).weight(), Weight::ComeBack);
    }
    for reply in [Reply::AgeChild, Reply::AgeRepresented] {
        assert_eq!(answered(&[Reply::CardValid, reply]).open(), None);
        assert_eq!(answered(&[Reply::CardValid, reply]).weight(), Weight::Refer);
    }
}

#[test]
fn what_the_portal_needs_later_does_not_keep_anybody_from_the_form() {
    let lacking = [
        Reply::CardValid,
        Reply::AgeAdult,
        Reply::VneidMissing,
        Reply::SimOldNumber,
        Reply::PayerNone,
        Reply::PassportLost,
        Reply::PhotoOnPhone,
        Reply::DeliveryPost,
    ];
    let answers = answered(&lacking);
    assert_eq!(answers.open(), None);
    assert_eq!(answers.weight(), Weight::BeforeHandOver);
    let advice: Vec<_> = answers.advice().collect();
    let wanted = [Advice::GetVneid, Advice::UpdateSim, Advice::FindPayer, Advice::ReportLoss, Advice::BringPhoto];
    assert_eq!(advice, wanted, "in the order of the questions");
}
