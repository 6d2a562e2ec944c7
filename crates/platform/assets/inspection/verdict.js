// @ts-check
// The verdict on the page: word, sign, colour, reasons, what was checked, how fresh the status is, and what the purpose may see.

import { ago, day, moment, reasonOf, word, label } from "./words.js";

const FIELDS = /** @type {const} */ ([
  ["name", "full_name"],
  ["number", "number"],
  ["birth", "date_of_birth"],
  ["sex", "sex"],
  ["nationality", "nationality"],
  ["address", "address"],
]);

/** @typedef {{ outcome: string, reasons: { code: string }[], checked: string[], claims: any, portrait?: string, by: "by-device" | "by-platform", status?: { as_of: number, age_seconds: number, source?: string } }} Told */

/** @param {string} tag @param {string} [text] @param {string} [kind] */
function element(tag, text, kind) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

/** Shows a verdict. @param {HTMLElement} box @param {Told} told @param {string[]} sees the attributes of the purpose */
export function tell(box, told, sees) {
  const sign = element("p", undefined, "sign");
  sign.setAttribute("aria-hidden", "true");
  const heading = element("h2", word(told.outcome));
  heading.id = "verdict-word";
  const reasons = told.reasons.map(({ code }) => {
    const reason = element("p", reasonOf(code), "reason");
    reason.append(element("small", `${word("technical")}: ${code}`));
    return reason;
  });
  box.replaceChildren(sign, heading, element("p", word(`${told.outcome}-means`), "means"), ...reasons);
  if (told.claims) box.append(holder(told, sees));
  if (told.checked.length > 0) {
    const list = element("ul");
    list.append(...told.checked.map((check) => element("li", word(`check-${check}`))));
    box.append(element("h3", word("checked")), list);
  }
  if (told.status) {
    const source = told.by === "by-device" ? `, ${word(told.status.source === "list" ? "known-list" : "known-stapled")}` : "";
    const known = element("p", `${word("known")} ${moment(told.status.as_of)} (${ago(told.status.age_seconds)}${source})`);
    known.id = "known";
    known.dataset.age = String(told.status.age_seconds);
    box.append(known);
  }
  const by = element("p", word(told.by), "muted small");
  by.id = "by";
  by.dataset.by = told.by;
  box.append(by);
  box.className = `verdict ${told.outcome}`;
  box.hidden = false;
  box.dataset.outcome = told.outcome;
}

/** @param {Told} told @param {string[]} sees */
function holder({ claims, portrait }, sees) {
  const part = element("div", undefined, "holder");
  if (portrait) {
    const picture = document.createElement("img");
    Object.assign(picture, { src: portrait, alt: word("field-portrait"), width: 150, height: 200, id: "holder-portrait" });
    part.append(picture);
  }
  const list = element("dl", undefined, "facts");
  for (const [attribute, name] of FIELDS) {
    if (!sees.includes(attribute) || !claims[name]) continue;
    const value = attribute === "sex" ? word(claims[name]) : attribute === "birth" ? day(claims[name]) : claims[name];
    const field = element("dd", value);
    field.id = `holder-${attribute}`;
    list.append(element("dt", word(`field-${attribute}`)), field);
  }
  part.append(list);
  if (claims.licence) part.append(licence(claims.licence));
  for (const said of claims.papers ?? []) part.append(paper(said));
  return part;
}

/** @typedef {{ name: string, value: string | { word: string } }} Field */

/** What a source says of a paper, as far as the purpose may see. @param {any} said */
function paper({ kind, state, content, provenance }) {
  const part = element("div", undefined, "card");
  part.id = `paper-${kind}`;
  part.append(element("h3", label(`kind-${kind}`)));
  if (state !== "here") {
    part.append(element("p", label(state === "absent" ? "missing-absent" : "missing-silent")));
    return part;
  }
  if (content.number) part.append(element("p", content.number, "mono"));
  for (const { title, fields } of [{ title: "", fields: content.fields }, ...content.parts]) {
    const list = element("dl", undefined, "facts");
    for (const { name, value } of /** @type {Field[]} */ (fields)) {
      const text = typeof value === "string" ? value.replace(/^(\d{4})-(\d\d)-(\d\d)$/, "$3/$2/$1") : label(`word-${value.word}`);
      list.append(element("dt", label(`field-${name}`)), element("dd", text));
    }
    if (title) part.append(element("h4", title));
    part.append(list);
  }
  part.append(element("p", moment(Date.parse(provenance.as_of) / 1000), "muted small"));
  return part;
}

/** The driving licence as its source says it. @param {any} said */
function licence(said) {
  const part = element("div", undefined, "card");
  part.id = "licence";
  part.append(element("h3", word("field-licence")));
  if (said.known !== "found") {
    part.append(element("p", word(`licence-${said.known}`)));
    return part;
  }
  part.append(element("p", word(`licence-${said.state}`), `badge ${said.state === "valid" ? "good" : "bad"}`), element("p", said.number, "mono"));
  const list = element("dl", undefined, "facts");
  for (const { name, expires_on } of said.classes) {
    list.append(element("dt", name), element("dd", expires_on ? `${word("licence-until")} ${day(expires_on)}` : word("licence-for-ever")));
  }
  list.append(element("dt", word("licence-points")), element("dd", `${said.points}/12`));
  part.append(list, element("p", `${word("licence-worth")} ${moment(Date.parse(said.as_of) / 1000)}`, "muted small"));
  return part;
}
