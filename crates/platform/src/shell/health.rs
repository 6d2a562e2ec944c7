//! How the platform is: for those who run it.

use std::sync::OnceLock;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderName, HeaderValue, StatusCode};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::Instrument;

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

/// Gives each request an id, and counts and logs it: never what it carried.
pub(super) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = jobs::JobId::draw(&app.chance).to_string();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", id, %method, route);
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = begun.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| tracing::debug!(status, micros = took.as_micros(), "answered"));
    metrics::histogram!("vneid_request_seconds", "route" => route, "method" => method.to_string(), "status" => status.to_string())
        .record(took.as_secs_f64());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}
