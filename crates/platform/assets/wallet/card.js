// @ts-check
// The card and the documents as they look on the screen.

import { claims } from "./disclosures.js";
import { day, element, moment, word } from "./words.js";

/** Claims that are shown, in this order, by their sentences. @type {[string, string][]} */
const FIELDS = [
  ["personal_number", "claim-number"],
  ["full_name", "claim-name"],
  ["birthdate", "claim-birth"],
  ["sex", "claim-sex"],
  ["nationalities", "claim-nationality"],
  ["residence", "claim-residence"],
];

/** What a claim says, for people. @param {string} name @param {any} value */
export function told(name, value) {
  if (typeof value === "boolean") return word(value ? "yes" : "no");
  if (name === "sex") return word(value === 2 ? "female" : "male");
  if (name === "birthdate") return day(String(value));
  if (name === "personal_number") return String(value).replace(/(\d{3})(?=\d)/g, "$1 ");
  if (Array.isArray(value)) return value.map((item) => (typeof item === "object" ? Object.values(item).join(" ") : item)).join(", ");
  if (typeof value === "object" && value !== null) return String(value.formatted ?? Object.values(value).join(", "));
  return String(value);
}

/** The name of a claim, for people. @param {string} name */
export function named(name) {
  const known = FIELDS.find(([claim]) => claim === name)?.[1];
  const age = /^age_over_(\d+)$/.exec(name)?.[1];
  if (age) return `${word("claim-age")} ${age}`;
  const fixed = { picture: "claim-portrait", residence_province: "claim-province" }[name] ?? known;
  return fixed ? word(fixed) : name.replaceAll("_", " ");
}

/** The electronic identity card. @param {HTMLElement} place @param {{ sd_jwt: string, expires_at: string }} credential @param {boolean} specimen */
export async function showCard(place, credential, specimen) {
  const said = await claims(credential.sd_jwt);
  const card = element("article", undefined, { class: "eid", id: "eid", "aria-label": word("card") });
  if (specimen) card.append(element("p", "SPECIMEN · MẪU", { class: "specimen", "aria-hidden": "true" }));
  const header = element("header");
  const state = element("p");
  state.append(element("strong", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", { lang: "vi" }), element("small", "Độc lập – Tự do – Hạnh phúc", { lang: "vi" }));
  const kind = element("p", undefined, { class: "kind" });
  kind.append(element("strong", "CĂN CƯỚC ĐIỆN TỬ", { lang: "vi" }), element("small", "Electronic identity card", { lang: "en" }));
  header.append(element("span", "★", { class: "emblem", "aria-hidden": "true" }), state, kind);
  const body = element("div", undefined, { class: "body" });
  if (said.picture) body.append(element("img", undefined, { src: said.picture, alt: word("claim-portrait"), width: "300", height: "400", id: "eid-portrait" }));
  const list = element("dl");
  for (const [name] of FIELDS) {
    if (said[name] === undefined) continue;
    const row = element("div", undefined, { class: ["birthdate", "sex"].includes(name) ? "" : "full" });
    const kinds = { personal_number: "number", full_name: "name" };
    row.append(element("dt", named(name)), element("dd", told(name, said[name]), { id: `card-${name}`, class: kinds[/** @type {keyof typeof kinds} */ (name)] ?? "" }));
    list.append(row);
  }
  body.append(list);
  card.append(header, body);
  place.replaceChildren(card, element("p", `${word("card-until")} ${moment(new Date(credential.expires_at))}`, { class: "muted small" }));
}

/** The documents beside the card. @param {HTMLElement} place @param {{ document: string, sd_jwt: string, expires_at: string }[]} credentials */
export async function showDocuments(place, credentials) {
  const parts = await Promise.all(
    credentials.map(async ({ document: kind, sd_jwt, expires_at }) => {
      const said = sd_jwt ? await claims(sd_jwt) : {};
      const part = element("section", undefined, { class: "card document" });
      const list = element("dl", undefined, { class: "facts" });
      for (const [claim, value] of Object.entries(said)) {
        if (["iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status", "picture", "portrait"].includes(claim)) continue;
        list.append(element("dt", named(claim)), element("dd", told(claim, value)));
      }
      part.append(element("h3", word(`document-${kind}`) || kind), list, element("p", `${word("card-until")} ${moment(new Date(expires_at))}`, { class: "muted small" }));
      return part;
    }),
  );
  place.replaceChildren(...(parts.length > 0 ? parts : [element("p", word("documents-none"), { class: "empty" })]));
}
