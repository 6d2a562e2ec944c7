//! The pages of the shell itself.

use askama::Template;

use super::filters;
use super::scene::Scene;

/// Tells a problem that has no page of its own.
#[derive(Template)]
#[template(path = "shell/pages/problem.html")]
pub(super) struct ProblemPage;

impl ProblemPage {
    pub(super) fn render_in(&self, scene: &Scene) -> askama::Result<String> {
        self.render_with_values(scene)
    }
}
