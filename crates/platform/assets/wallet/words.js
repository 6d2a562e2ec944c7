// @ts-check
// The sentences of the wallet's page, in the page's language.

const place = document.getElementById("words");

/** @param {string} id */
export const word = (id) => place?.querySelector(`[data-word="wallet-${id}"]`)?.textContent ?? "";

/** @param {Date} at */
export const moment = (at) =>
  at.toLocaleString(document.documentElement.lang === "en" ? "en-GB" : "vi-VN", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit", year: "numeric" });

/** A date of birth as people in Viet Nam write it. @param {string} date */
export const day = (date) => date.split("-").reverse().join("/");

/** @param {string} tag @param {string} [text] @param {Record<string, string>} [attributes] */
export function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
