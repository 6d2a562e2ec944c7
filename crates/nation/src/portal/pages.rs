//! The pages of the portal: plain HTML, or JSON for who asks for it.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::PortalError;
use super::legacy::Kind;

/// What the page of the portal shows.
pub(super) enum Shown {
    /// Somebody unknown.
    Stranger,
    /// Somebody who signed in.
    SignedIn {
        name: String,
        claims: Value,
        /// The old account that is linked.
        linked: Option<String>,
        /// What VNeID last said about linking.
        said: Option<Value>,
    },
}

/// The page, or its JSON.
pub(super) fn show(shown: &Shown, headers: &HeaderMap) -> Response {
    if wants_json(headers) {
        return Json(match shown {
            Shown::Stranger => json!({ "signed_in": false, "login": "/login" }),
            Shown::SignedIn { name, claims, linked, said } => {
                json!({ "signed_in": true, "name": name, "claims": claims, "linked": linked, "said": said, "logout": "/logout" })
            }
        })
        .into_response();
    }
    match shown {
        Shown::Stranger => page("Cổng dịch vụ công mẫu", STRANGER),
        Shown::SignedIn {
            name,
            claims,
            linked,
            said,
        } => {
            let body = signed_in(name, claims) + &old_accounts(linked.as_deref(), said.as_ref());
            page(&format!("Xin chào {}", escape(name)), &body)
        }
    }
}

/// Why somebody is not signed in.
pub(super) fn refuse(error: &PortalError, headers: &HeaderMap) -> Response {
    tracing::warn!(%error, "nobody was signed in at the demo portal");
    let (status, vietnamese, english) = match error {
        PortalError::State => (
            StatusCode::BAD_REQUEST,
            "Lần đăng nhập này không bắt đầu từ trình duyệt của bạn hoặc đã hết hạn. Hãy đăng nhập lại.",
            "This sign-in did not begin in your browser, or is over. Please sign in again.",
        ),
        PortalError::Refused(_) => (
            StatusCode::FORBIDDEN,
            "VNeID không xác nhận lần đăng nhập này. Bạn có thể thử lại.",
            "VNeID did not confirm this sign-in. You can try again.",
        ),
        PortalError::Settings(_) | PortalError::Http(_) | PortalError::Issuer(_) => (
            StatusCode::BAD_GATEWAY,
            "Chưa kết nối được với VNeID. Hãy thử lại sau ít phút.",
            "VNeID cannot be reached. Please try again in a few minutes.",
        ),
    };
    let code = match error {
        PortalError::Refused(code) => Some(code.as_str()),
        _ => None,
    };
    if wants_json(headers) {
        let body = json!({ "status": status.as_u16(), "title": english, "error": code });
        return (status, Json(body)).into_response();
    }
    let code = code
        .map(|code| format!("<p><code id=\"error-code\">{}</code></p>", escape(code)))
        .unwrap_or_default();
    let body = format!(
        "<h1 id=\"error\">Chưa đăng nhập được</h1>\n<p>{vietnamese}</p>\n<p lang=\"en\" class=\"en\">{english}</p>\n{code}\n\
         <p><a id=\"login\" class=\"button\" href=\"/login\">Đăng nhập bằng VNeID</a></p>"
    );
    (status, page("Chưa đăng nhập được", &body)).into_response()
}

/// The style of the pages.
pub(super) async fn style() -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (header::CACHE_CONTROL, "max-age=3600"),
        ],
        STYLE,
    )
}

const STRANGER: &str = r#"<h1>Cổng dịch vụ công mẫu</h1>
<p>Nộp và theo dõi hồ sơ của bạn. Hãy đăng nhập bằng tài khoản định danh điện tử.</p>
<p lang="en" class="en">Sample public service portal. Sign in with your electronic identity.</p>
<p><a id="login" class="button" href="/login">Đăng nhập bằng VNeID</a></p>"#;

const STYLE: &str = include_str!("style.css");

fn signed_in(name: &str, claims: &Value) -> String {
    let sources = [("userinfo", "Thông tin đã chia sẻ"), ("id_token", "Lần đăng nhập")];
    let rows: String = sources
        .into_iter()
        .map(|(source, title)| section(source, title, claims.get(source)))
        .collect();
    format!(
        "<h1 id=\"greeting\">Xin chào {}</h1>\n<p>Bạn đã đăng nhập bằng VNeID. Cổng nhận được những thông tin sau.</p>\n\
         <p lang=\"en\" class=\"en\">You signed in with VNeID. This is what the portal received.</p>\n\
         <table id=\"claims\">\n{rows}</table>\n<p><a id=\"logout\" class=\"button\" href=\"/logout\">Đăng xuất</a></p>",
        escape(name)
    )
}

/// The old account that is linked, or those that can be.
fn old_accounts(linked: Option<&str>, said: Option<&Value>) -> String {
    if let Some(account) = linked {
        return format!(
            "<section id=\"old\"><h2>Tài khoản cũ</h2>\n<p>Đã liên kết tài khoản <strong id=\"linked\">{}</strong>; hồ sơ cũ của bạn ở đây.</p>\n\
             <form method=\"post\" action=\"/unlink\"><button id=\"unlink\" class=\"button\">Bỏ liên kết</button></form></section>",
            escape(account)
        );
    }
    let told = said.map(told).unwrap_or_default();
    let forms = Kind::ALL.map(|kind| {
        let ((vietnamese, english), word) = (kind.title(), kind.word());
        format!(
            "<form method=\"post\" action=\"/old\"><input type=\"hidden\" name=\"kind\" value=\"{word}\">\
             <p><button id=\"old-{word}\" class=\"button\">{vietnamese}</button> <span lang=\"en\" class=\"en\">{english}</span></p></form>"
        )
    });
    format!(
        "<section id=\"old\"><h2>Tài khoản cũ</h2>\n<p>Cổng có tài khoản cũ của bạn? Liên kết một lần, từ nay vào bằng VNeID.</p>\n\
         <p lang=\"en\" class=\"en\">Do you have an old account here? Link it once.</p>\n{told}{}</section>",
        forms.concat()
    )
}

/// What VNeID said about a proposal.
fn told(said: &Value) -> String {
    let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default();
    let (state, reason) = (text("state"), text("reason"));
    let sentence = match (state, reason) {
        ("confirm" | "choose", _) => {
            return format!(
                "<p id=\"said\" data-state=\"{}\"><a id=\"to-vneid\" class=\"button\" href=\"{}\">Xác nhận ở VNeID</a></p>",
                escape(state),
                escape(text("person_goes_to"))
            );
        }
        ("refused", "wrong-person") => "Tài khoản này mang số định danh của người khác, nên không liên kết.",
        ("refused", "different") => "Họ tên hoặc ngày sinh không khớp, nên không liên kết.",
        ("refused", "linked-elsewhere") => "Tài khoản này đã được người khác liên kết.",
        ("refused", "other-account-linked") => "Bạn đã liên kết một tài khoản khác ở cổng này.",
        ("linked", _) => "Đã liên kết.",
        _ => "VNeID chưa nhận đề nghị này. Hãy thử lại sau.",
    };
    format!(
        "<p id=\"said\" data-state=\"{}\" data-reason=\"{}\">{sentence}</p>",
        escape(state),
        escape(reason)
    )
}

/// The rows of the claims from one source.
fn section(source: &str, title: &str, claims: Option<&Value>) -> String {
    let Some(Value::Object(claims)) = claims else {
        return String::new();
    };
    let rows = claims.iter().map(|(claim, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let (claim, text) = (escape(claim), escape(&text));
        format!("<tr><th scope=\"row\">{claim}</th><td id=\"{source}-{claim}\">{text}</td></tr>\n")
    });
    let head = format!("<tr><th colspan=\"2\" scope=\"colgroup\">{title}</th></tr>\n");
    std::iter::once(head).chain(rows).collect()
}

fn page(title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"vi\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n\
         <header><a href=\"/\">Cổng dịch vụ công mẫu</a> <span class=\"mark\">Bản trình diễn</span></header>\n\
         <main id=\"main\">\n{body}\n</main>\n\
         <footer>Dữ liệu tổng hợp, không phải người thật. <span lang=\"en\">Synthetic data.</span></footer>\n\
         </body>\n</html>\n"
    );
    let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let mut response = axum::response::Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or("");
    accepted
        .split(',')
        .any(|kind| kind.trim().starts_with("application/json"))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
