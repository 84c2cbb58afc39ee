//! `/my-report/files`: pictures, video and other files for a report that was sent. The form carries them, or names those
//! that the page's script has sent before. One that is not taken is named on the page that says so, and nowhere else;
//! the others then stand there, ready to be sent.

use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::multipart::{Multipart, Part};
use backbone::problem::Problem;
use minijinja::{Value, context};

use super::my_report::{ONE_MORE, act_id, act_on, open, problem};
use super::visit::{self, Visit};
use super::{Site, acts, see_other};
use crate::domain::file_type::Class;
use crate::domain::form::free_words;
use crate::evidence::settings::{FILES_MAX, MIB};
use crate::evidence::{Refused, Why};
use crate::http::add_evidence::{ABOUT_CHARS_MAX, Brought, NotKept, TOKEN_BYTES_MAX};
use crate::http::client::Client;
use crate::identity;
use crate::pages::errors::Wrong;
use crate::pages::site::Page;
use crate::pages::typed;
use crate::returning::{Opened, ReturnError};
use crate::submit::SubmitError;

/// A field of the page may hold so much.
const FIELD_BYTES_MAX: usize = 4 * ABOUT_CHARS_MAX;

const CHECKING: &str = "A file is still being checked. Choose “Send files” again in a moment";
const NOT_NOW: &str =
    "We cannot take files at the moment. Wait a little, then choose “Send files” again";

/// The form as it came.
#[derive(Default)]
struct Came {
    fields: typed::Fields,
    brought: Brought,
    /// By the names that their device gives them.
    refused: Vec<(String, Why)>,
    /// The report that it is for, once that had to be known.
    report: Option<(Visit, Opened)>,
}

pub(super) async fn get(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Problem> {
    let visit = Visit::of(&site, &headers).await?;
    if open(&site, &visit).await?.is_none() {
        return Ok(see_other("/my-report"));
    }
    draw(&site, &visit, &Came::default(), &[], (StatusCode::OK, &Wrong::default()))
}

pub(super) async fn post(
    State(site): State<Site>,
    client: Client,
    request: Request,
) -> Result<Response, Problem> {
    visit::require_own(request.headers())?;
    let headers = request.headers().clone();
    let form = Multipart::from_request(request, &()).await?;
    let place = site.limits.may_upload(client)?;
    // In a task of its own: what a form brings does not lie about because its sender has gone.
    let (tell, told) = tokio::sync::oneshot::channel();
    let within = site.clone();
    site.tasks.spawn(async move {
        let mut came = Came::default();
        let answer = match came.read(&within, &headers, form).await {
            Ok(()) => came.answer(&within, &headers).await,
            Err(problem) => {
                came.brought.discard(&within).await;
                Err(problem)
            }
        };
        drop(place);
        tell.send(answer).ok();
    });
    told.await.unwrap_or_else(|_| Err(Problem::unavailable()))
}

impl Came {
    async fn read(
        &mut self,
        site: &Site,
        headers: &HeaderMap,
        mut form: Multipart,
    ) -> Result<(), Problem> {
        while let Some(part) = form.next().await? {
            match part.name() {
                // The page's own fields stand before its files: nothing is kept for who has no report open.
                "file" => {
                    if self.report.is_none() {
                        self.report = act_on(site, headers, &self.fields).await?;
                    }
                    let name = part.file_name().unwrap_or_default().to_owned();
                    // Without a name: no file was chosen.
                    if self.report.is_some() && !name.is_empty() {
                        self.file(site, name, part).await?;
                    }
                }
                "upload" if self.brought.has_room() => {
                    self.brought.name(part.text(TOKEN_BYTES_MAX).await?);
                }
                "upload" => self.refused.push((String::new(), Why::TooMany)),
                "refused" => self.refused.push(refused(&part.text(FIELD_BYTES_MAX).await?)),
                name => {
                    let name = name.to_owned();
                    self.fields.push(&name, &part.text(FIELD_BYTES_MAX).await?);
                }
            }
        }
        self.brought.about = free_words(self.fields.get("about"));
        Ok(())
    }

    async fn file(&mut self, site: &Site, name: String, part: Part) -> Result<(), Problem> {
        if !self.brought.has_room() {
            self.refused.push((name, Why::TooMany));
            return Ok(());
        }
        match self.brought.keep(site, part).await {
            Ok(()) => Ok(()),
            Err(NotKept::Why(why)) => {
                self.refused.push((name, why));
                Ok(())
            }
            Err(NotKept::Problem(problem)) => Err(problem),
        }
    }

    async fn answer(mut self, site: &Site, headers: &HeaderMap) -> Result<Response, Problem> {
        let report = match self.report.take() {
            Some(report) => Some(report),
            None => act_on(site, headers, &self.fields).await?,
        };
        let Some((visit, opened)) = report else { return acts::nothing_done(site, &self.fields) };
        let mut wrong = Wrong::default();
        let mut status = StatusCode::UNPROCESSABLE_ENTITY;
        if self.brought.about.chars().count() > ABOUT_CHARS_MAX {
            wrong.push("about", "Use 5,000 characters or fewer");
        }
        if self.brought.tokens.is_empty() && self.refused.is_empty() {
            wrong.push("file", "Choose a file to send");
        }
        if wrong.is_empty() && self.refused.is_empty() {
            let act_id = act_id(site, &opened, &self.fields);
            match self.brought.add(site, opened.shown.report_id, act_id).await {
                Ok(done) => {
                    if done.replayed {
                        self.brought.discard(site).await;
                    }
                    return Ok(see_other("/my-report/done/files"));
                }
                Err(ReturnError::Files(places)) => {
                    let names = self.names(site).await;
                    self.refuse(&places, &names);
                }
                Err(ReturnError::Submit(SubmitError::KeyReused)) => wrong.push("file", ONE_MORE),
                Err(ReturnError::Submit(SubmitError::Checking)) => wrong.push("file", CHECKING),
                Err(error) => {
                    status = problem(error).status();
                    wrong.push("file", NOT_NOW);
                }
            }
        }
        for (name, why) in &self.refused {
            wrong.push("file", words(name, *why));
        }
        let names = self.names(site).await;
        draw(site, &visit, &self, &names, (status, &wrong))
    }

    /// What the files that the form brought are called. None where there is no such file.
    async fn names(&self, site: &Site) -> Vec<Option<String>> {
        let mut names = vec![];
        for token in &self.brought.tokens {
            names.push(site.evidence.find(token).await.ok().map(|upload| upload.about.name));
        }
        names
    }

    /// Takes files out that the report cannot have.
    fn refuse(&mut self, places: &[(usize, Why)], names: &[Option<String>]) {
        for (place, why) in places {
            let name = names.get(*place).cloned().flatten().unwrap_or_default();
            self.refused.push((name, *why));
        }
        let is_wrong = |at: usize| places.iter().any(|(place, _)| *place == at);
        let tokens = std::mem::take(&mut self.brought.tokens).into_iter().enumerate();
        self.brought.tokens =
            tokens.filter(|(at, _)| !is_wrong(*at)).map(|(_, token)| token).collect();
    }
}

/// A file that the script was told is not taken: why, and its name.
fn refused(said: &str) -> (String, Why) {
    let (code, name) = said.split_once(' ').unwrap_or((said, ""));
    let why = match code {
        "too_many_files" => Why::TooMany,
        code => Refused::parse(code).map_or(Why::Unknown, Why::Refused),
    };
    (name.to_owned(), why)
}

/// What is wrong with a file, and what to do: the report is sent already.
fn words(name: &str, why: Why) -> String {
    let name = if name.is_empty() { "A file" } else { name };
    let other = "Tell us about it below, and we will ask for it in another way";
    match why {
        Why::Refused(Refused::TooBig) => format!("{name} is too big. {other}"),
        Why::Refused(Refused::Empty) => format!("{name} is empty. Choose it again"),
        Why::Refused(Refused::Type) => format!("{name} cannot be opened safely. {other}"),
        Why::Refused(Refused::Infected) => {
            format!("{name} could harm a computer, so we have not kept it. {other}")
        }
        Why::Refused(Refused::Lost) | Why::Unknown | Why::Unfinished => {
            format!("{name} did not reach us whole. Choose it again")
        }
        Why::HasReport => format!("{name} was sent before. You do not need to send it again"),
        Why::Twice => format!("{name} was chosen twice. We have taken one of them out"),
        Why::TooMany => {
            format!("{name} is one too many: a report can have {FILES_MAX} files. {other}")
        }
        Why::TooMuch => format!("{name} is too much: your files are too big together. {other}"),
    }
}

fn draw(
    site: &Site,
    visit: &Visit,
    came: &Came,
    names: &[Option<String>],
    (status, wrong): (StatusCode, &Wrong),
) -> Result<Response, Problem> {
    let page = Page {
        title: "Add pictures, video or other files".to_owned(),
        in_error: !wrong.is_empty(),
        token: visit.form_token(site),
        exit: true,
        back: Some("/my-report".to_owned()),
        ..Page::default()
    };
    let kept = came.brought.tokens.iter().zip(names).filter_map(|(token, name)| {
        Some(context! { value => token, text => name.as_deref()?, checked => true })
    });
    let most = |class| site.evidence.settings().max(class) / MIB;
    let more = context! {
        errors => wrong.list(),
        file_error => wrong.all_at("file"),
        about_error => wrong.at("about"),
        about => came.fields.get("about"),
        kept => kept.collect::<Vec<Value>>(),
        key => identity::new_token(),
        most => FILES_MAX,
        picture => most(Class::Picture),
        document => most(Class::Document),
        audio => most(Class::Audio),
        video => most(Class::Video),
    };
    site.pages.draw(status, "files.html", &page, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, then: &str) {
        let (name, why) = refused(said);
        assert_eq!(words(&name, why), then, "{said}");
    }

    #[test]
    fn what_is_not_taken_is_told_by_its_name() {
        let other = "Tell us about it below, and we will ask for it in another way";
        check("file_too_big my film.mp4", &format!("my film.mp4 is too big. {other}"));
        check("file_type a.exe", &format!("a.exe cannot be opened safely. {other}"));
        check("file_empty a.txt", "a.txt is empty. Choose it again");
        check("who_knows a.txt", "a.txt did not reach us whole. Choose it again");
        check("", "A file did not reach us whole. Choose it again");
        let many = format!("b.jpg is one too many: a report can have 10 files. {other}");
        check("too_many_files b.jpg", &many);
    }
}
