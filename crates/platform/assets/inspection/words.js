// @ts-check
// The sentences of the inspector's page, in the page's language.

const place = document.getElementById("words");

/** @param {string} id */
export const word = (id) => place?.querySelector(`[data-word="inspection-${id}"]`)?.textContent ?? "";

/** A sentence about a paper. @param {string} id */
export const label = (id) => place?.querySelector(`[data-word="documents-${id}"]`)?.textContent ?? "";

/** The sentence for a reason; the one for forgeries where there is no other. @param {string} code */
export function reasonOf(code) {
  const all = Array.from(place?.querySelectorAll("[data-codes]") ?? []);
  const tells = (/** @type {string} */ known) => known === code || (known.endsWith("/") && code.startsWith(known));
  const found = all.find((span) => (span.getAttribute("data-codes") ?? "").split(" ").filter(Boolean).some(tells));
  return (found ?? all[all.length - 1])?.textContent ?? "";
}

/** @param {number} seconds since 1970 */
export const moment = (seconds) =>
  new Date(seconds * 1000).toLocaleString(document.documentElement.lang === "en" ? "en-GB" : "vi-VN", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit", year: "numeric" });

/** How long ago something was. @param {number} seconds */
export function ago(seconds) {
  if (seconds < 90) return word("ago-now");
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} ${word("ago-minutes")}` : `${Math.round(minutes / 60)} ${word("ago-hours")}`;
}

/** A date of birth as people in Viet Nam write it. @param {string} date */
export const day = (date) => date.split("-").reverse().join("/");
