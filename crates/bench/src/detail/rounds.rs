//! All are asked by turns, and what they answer is compared.

use std::{collections::HashMap, time::Duration};

use super::{
    answer::{Comparison, Row},
    data::Picked,
    ours::Ours,
    peer::{Engine, Peer},
    question::{Form, Question},
};
use crate::{
    error::BenchError,
    measure::{milliseconds, spread},
};

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Ours,
    Peer(Engine, Form),
}

/// What became of a question that one of them was asked in all rounds.
#[derive(Clone, Debug)]
pub struct Answers {
    pub question: Question,
    pub who: Who,
    /// How long each round took; of a question of many requests, their median.
    pub times: Vec<Duration>,
    /// Why there is no answer.
    pub failure: Option<String>,
    /// In what it differs from the answer that it is compared with.
    pub differences: Vec<String>,
}

/// Whom to ask, what and how often.
pub struct Asked<'a> {
    pub ours: &'a Ours,
    pub engines: &'a [Engine],
    pub picked: &'a Picked,
    pub questions: Vec<Question>,
    /// Beside the one that makes all of them warm, which does not count.
    pub rounds: u32,
}

impl Who {
    pub fn name(self) -> String {
        match self {
            Self::Ours => "regtrade".to_owned(),
            Self::Peer(engine, form) => format!("{} {}", engine.name(), form.title()),
        }
    }

    /// All that answer a question, ours first: the others are compared with it.
    fn all(question: Question, engines: &[Engine]) -> Vec<Self> {
        let peers = engines.iter().flat_map(|engine| {
            let forms = question.forms().iter();
            forms.map(move |form| Self::Peer(*engine, *form))
        });
        [Self::Ours].into_iter().chain(peers).collect()
    }
}

impl Asked<'_> {
    /// Asks all questions in all rounds.
    ///
    /// # Errors
    /// Where a peer cannot be started again.
    pub async fn run(
        &self,
        peers: &mut [Peer],
        restart: &dyn Fn(Engine) -> Result<Peer, BenchError>,
        say: &dyn Fn(&str),
    ) -> Result<Vec<Answers>, BenchError> {
        let mut found: Vec<Answers> = self
            .questions
            .iter()
            .flat_map(|question| {
                let all = Who::all(*question, self.engines).into_iter();
                all.map(|who| Answers {
                    question: *question,
                    who,
                    times: vec![],
                    failure: None,
                    differences: vec![],
                })
            })
            .collect();
        // What the first one answered that answered at all.
        let mut references: HashMap<(Question, usize), Vec<Row>> = HashMap::new();
        for round in 0..=self.rounds {
            say(&format!("round {round} of {}", self.rounds));
            for question in &self.questions {
                for at in turns(&found, *question, round) {
                    let answers = &mut found[at];
                    let mut times = vec![];
                    for request in 0..question.requests(self.picked) {
                        let reference = references.entry((*question, request)).or_default();
                        let time = match answers.who {
                            Who::Ours => self.of_ours(answers, request, reference).await,
                            Who::Peer(engine, form) => {
                                let peer = peers.iter_mut().find(|peer| peer.engine == engine);
                                let Some(peer) = peer else { continue };
                                let asked = self.of_peer(answers, peer, form, request, reference);
                                asked.or_else(|error| {
                                    // It broke down, under lack of memory for one: the others go on.
                                    *peer = restart(engine)?;
                                    Ok::<_, BenchError>(Err(error.to_string()))
                                })?
                            }
                        };
                        match time {
                            Ok(time) => times.push(time),
                            Err(failure) => {
                                say(&format!(
                                    "{} has no answer to {}: {failure}",
                                    answers.who.name(),
                                    question.title()
                                ));
                                answers.failure = Some(failure);
                                break;
                            }
                        }
                    }
                    if round > 0 && answers.failure.is_none() {
                        let median = spread(times.iter().map(|time| milliseconds(*time))).median;
                        answers
                            .times
                            .push(Duration::from_secs_f64(median / 1_000.0));
                    }
                }
            }
        }
        Ok(found)
    }

    async fn of_ours(
        &self,
        answers: &mut Answers,
        request: usize,
        reference: &mut Vec<Row>,
    ) -> Result<Duration, String> {
        let asked = self.ours.ask(answers.question, self.picked, request);
        let (time, rows) = asked.await?;
        compared(answers, reference, rows);
        Ok(time)
    }

    fn of_peer(
        &self,
        answers: &mut Answers,
        peer: &mut Peer,
        form: Form,
        request: usize,
        reference: &mut Vec<Row>,
    ) -> Result<Result<Duration, String>, BenchError> {
        let question = answers.question.of_peer(form, self.picked, request);
        if reference.is_empty() {
            let mut rows = vec![];
            let answered = peer.ask(&question, |row| rows.push(row))?;
            compared(answers, reference, rows);
            return Ok(answered);
        }
        // Row by row: of millions, one answer is kept and no second one.
        let mut comparison = Comparison::with(reference, answers.question.zero());
        let answered = peer.ask(&question, |row| comparison.row(&row))?;
        let differences = comparison.end();
        if answered.is_ok() && answers.differences.is_empty() {
            answers.differences = differences;
        }
        Ok(answered)
    }
}

/// Compares rows with the reference, and makes them the reference where there is none.
fn compared(answers: &mut Answers, reference: &mut Vec<Row>, rows: Vec<Row>) {
    if reference.is_empty() {
        if rows.is_empty() && answers.differences.is_empty() {
            answers
                .differences
                .push("an answer without a row".to_owned());
        }
        *reference = rows;
        return;
    }
    let mut comparison = Comparison::with(reference, answers.question.zero());
    rows.iter().for_each(|row| comparison.row(row));
    if answers.differences.is_empty() {
        answers.differences = comparison.end();
    }
}

/// Who is still asked a question in a round, and in which order: another one comes first in each.
fn turns(found: &[Answers], question: Question, round: u32) -> Vec<usize> {
    let of = |answers: &Answers| answers.question == question && answers.failure.is_none();
    let mut places: Vec<usize> = (0..found.len()).filter(|at| of(&found[*at])).collect();
    if !places.is_empty() {
        let first = usize::try_from(round).unwrap_or_default() % places.len();
        places.rotate_left(first);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_first_in_turn_and_who_failed_is_not_asked_again() {
        let question = Question::Series;
        let mut found: Vec<Answers> = Who::all(question, &Engine::ALL)
            .into_iter()
            .map(|who| Answers {
                question,
                who,
                times: vec![],
                failure: None,
                differences: vec![],
            })
            .collect();
        assert_eq!(found.len(), 4);
        assert_eq!(found[turns(&found, question, 0)[0]].who, Who::Ours);
        let firsts: Vec<usize> = (0..5)
            .map(|round| turns(&found, question, round)[0])
            .collect();
        assert_eq!(firsts, [0, 1, 2, 3, 0]);
        found[2].failure = Some("out of memory".to_owned());
        assert_eq!(turns(&found, question, 1), [1, 3, 0]);
        assert!(turns(&found, Question::Totals, 1).is_empty());
    }
}
