use ::http::header;
use axum::response::{IntoResponse, Response};

use super::rules::TEMPLATE;

/// Gives an empty list with its columns, as spreadsheets open it.
pub(in crate::stays) async fn template() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"danh-sach-khach.csv\"",
        ),
    ];
    (headers, TEMPLATE).into_response()
}
