//! How the platform is: for those who run it.

use std::sync::OnceLock;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::Span;

use super::jobs;
use super::problem::Problem;
use crate::app::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(tell_metrics))
}

/// Ready when the database answers.
async fn ready(State(app): State<App>) -> Result<&'static str, (StatusCode, &'static str)> {
    match jobs::count_dead(&app).await {
        Ok(_) => Ok("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err((StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"))
        }
    }
}

async fn tell_metrics(State(app): State<App>) -> Result<String, Problem> {
    let recorder = recorder();
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and the counts are small")]
    {
        metrics::gauge!("vneid_jobs_due").set(jobs::count_due(&app).await? as f64);
        metrics::gauge!("vneid_jobs_dead").set(jobs::count_dead(&app).await? as f64);
    }
    Ok(recorder.render())
}

/// The upper ends of the times that requests are counted by, in seconds: counts of many nodes can be added up.
const BUCKETS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// The one recorder of the process.
pub(crate) fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let counted_in_buckets = PrometheusBuilder::new().set_buckets(&BUCKETS);
        let recorder = counted_in_buckets.unwrap_or_default().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another recorder of metrics is installed");
        }
        handle
    })
}

/// A request that is being answered: it has an id, and is counted and logged, never what it carried.
pub(super) struct Seen {
    id: String,
    route: String,
    method: Method,
    begun: Instant,
}

impl Seen {
    pub(super) fn new(app: &App, request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>();
        Self {
            id: jobs::JobId::draw(&app.chance).to_string(),
            route: route.map_or("unmatched", MatchedPath::as_str).to_owned(),
            method: request.method().clone(),
            begun: Instant::now(),
        }
    }

    /// In which all that is done for it is logged.
    pub(super) fn span(&self) -> Span {
        tracing::info_span!("request", id = self.id, method = %self.method, route = self.route)
    }

    /// Counts it, and gives its answer the id.
    pub(super) fn answered(self, mut response: Response) -> Response {
        let took = self.begun.elapsed();
        let status = response.status();
        tracing::debug!(status = status.as_u16(), micros = took.as_micros(), "answered");
        metrics::histogram!("vneid_request_seconds", "route" => self.route, "method" => self.method.to_string(), "status" => status.as_str().to_owned())
            .record(took.as_secs_f64());
        if let Ok(id) = HeaderValue::try_from(self.id) {
            response
                .headers_mut()
                .insert(HeaderName::from_static("x-request-id"), id);
        }
        response
    }
}
