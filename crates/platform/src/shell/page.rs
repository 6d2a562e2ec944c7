//! One answer, as a page for people or as JSON for programs.
//!
//! A handler returns a view; the request decides how it is told. The view is both the template and the resource.

use std::sync::Arc;

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;

use super::problem::Problem;
use super::scene::Scene;

/// What can be shown: a template that is also a resource.
pub trait View: Template + Serialize + Send + Sync + 'static {}

impl<T: Template + Serialize + Send + Sync + 'static> View for T {}

/// Answers with a view.
#[derive(Debug)]
pub struct Page<V>(pub V);

/// Answers to something done: a browser is sent on to the page that shows it, a program gets the view at once.
#[derive(Debug)]
pub struct Next<V> {
    /// The address of the page, a path of this platform.
    pub to: String,
    /// What that page shows.
    pub view: V,
}

/// Marks a page whose form may end on the site of a relying party, by way of redirects.
#[derive(Clone, Copy, Debug)]
pub struct LeadsElsewhere;

/// Marks a page that any site may load in a frame: it shows nothing and takes no click.
#[derive(Clone, Copy, Debug)]
pub struct Framable;

/// Marks a page that loads frames from these origins, separated by spaces.
#[derive(Clone, Debug)]
pub struct Frames(pub String);

/// Marks a page whose script speaks with the devices on the officer's table.
#[derive(Clone, Copy, Debug)]
pub struct UsesDevices;

/// Marks a page whose script fetches from whom the holder chooses: issuers and verifiers anywhere.
#[derive(Clone, Copy, Debug)]
pub struct ReachesOthers;

/// Marks an answer that is the same for everybody and holds no secret: it may be compressed. Of another, whoever can make a browser ask for it
/// and sees its length could guess what is in it (BREACH).
#[derive(Clone, Copy, Debug)]
pub struct SameForAll;

/// Marks every answer that passes.
pub async fn same_for_all(mut response: Response) -> Response {
    response.extensions_mut().insert(SameForAll);
    response
}

/// Marks every answer that passes.
pub async fn reaches_others(mut response: Response) -> Response {
    response.extensions_mut().insert(ReachesOthers);
    response
}

/// Marks every answer that passes.
pub async fn uses_devices(mut response: Response) -> Response {
    response.extensions_mut().insert(UsesDevices);
    response
}

/// A view with its type forgotten.
pub trait Show: Send + Sync {
    /// The view as a page.
    ///
    /// # Errors
    /// If a template asks for what the scene does not have.
    fn html(&self, scene: &Scene) -> askama::Result<String>;

    /// The view as JSON.
    ///
    /// # Errors
    /// If the view cannot be told in JSON.
    fn json(&self) -> serde_json::Result<Vec<u8>>;
}

impl<V: View> Show for V {
    fn html(&self, scene: &Scene) -> askama::Result<String> {
        self.render_with_values(scene)
    }

    fn json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }
}

/// An answer that still has to be told, on its way from the handler to the front.
#[derive(Clone)]
pub(super) enum Untold {
    Page(Arc<dyn Show>),
    Next { to: String, view: Arc<dyn Show> },
    Problem(Arc<Problem>),
}

/// The slug of the problem that an answer, which is still to be told, has.
pub(crate) fn slug_of(response: &Response) -> Option<&'static str> {
    match response.extensions().get::<Untold>()? {
        Untold::Problem(problem) => Some(problem.slug()),
        Untold::Page(_) | Untold::Next { .. } => None,
    }
}

impl Untold {
    pub(super) fn into_response(self, status: StatusCode) -> Response {
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl<V: View> IntoResponse for Page<V> {
    fn into_response(self) -> Response {
        Untold::Page(Arc::new(self.0)).into_response(StatusCode::OK)
    }
}

impl<V: View> IntoResponse for Next<V> {
    fn into_response(self) -> Response {
        Untold::Next {
            to: self.to,
            view: Arc::new(self.view),
        }
        .into_response(StatusCode::OK)
    }
}
