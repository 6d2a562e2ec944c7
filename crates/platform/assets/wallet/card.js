// @ts-check
// The card and the documents as they look on the screen.

import { facts, from, label, title } from "./held.js";
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

/** Names of the same facts in mobile documents, and further ones. @type {Record<string, string>} */
const OTHERS = {
  picture: "claim-portrait",
  portrait: "claim-portrait",
  residence_province: "claim-province",
  resident_state: "claim-province",
  personal_administrative_number: "claim-number",
  birth_date: "claim-birth",
  nationality: "claim-nationality",
  resident_address: "claim-residence",
};
const NUMBERS = ["personal_number", "personal_administrative_number"];
/** What every SD-JWT says of itself, and pictures, which are not words. */
const UNSAID = ["iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status", "picture", "portrait", "signature_usual_mark"];

/** What a claim says, for people. @param {string} name @param {any} value */
export function told(name, value) {
  if (typeof value === "boolean") return word(value ? "yes" : "no");
  if (name === "sex") return word(value === 2 ? "female" : "male");
  if (name === "birthdate" || /^\d{4}-\d{2}-\d{2}$/.test(value)) return day(String(value));
  if (NUMBERS.includes(name)) return String(value).replace(/(\d{3})(?=\d)/g, "$1 ");
  if (Array.isArray(value)) return value.map((item) => told("", item)).join("; ");
  if (typeof value === "object" && value !== null) return value.class ? drivingClass(value) : (value.formatted ?? Object.values(value).filter((item) => item !== null).map((item) => told("", item)).join(", "));
  return String(value);
}

/** A class of a driving licence. @param {{ class: string, issue_date: string, expiry_date?: string | null, valid?: boolean }} said */
function drivingClass({ class: name, issue_date, expiry_date, valid }) {
  const until = expiry_date ? day(expiry_date) : word("no-end");
  return `${name} (${day(issue_date)} – ${until}${valid === false ? `, ${word("over")}` : ""})`;
}

/** The name of a claim, for people: as its issuer gives it, else as we call it. @param {string} name @param {import("./held.js").Held} held */
export function named(name, held) {
  const given = label(held, name);
  if (given) return given;
  const age = /^age_over_(\d+)$/.exec(name)?.[1];
  if (age) return word("claim-age").replace("#", age);
  const known = FIELDS.find(([claim]) => claim === name)?.[1] ?? OTHERS[name];
  return known ? word(known) : name.replaceAll("_", " ");
}

/** The electronic identity card. @param {HTMLElement} place @param {import("./held.js").Held} held @param {boolean} specimen */
export async function showCard(place, held, specimen) {
  const said = await facts(held);
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
    row.append(element("dt", named(name, held)), element("dd", told(name, said[name]), { id: `card-${name}`, class: kinds[/** @type {keyof typeof kinds} */ (name)] ?? "" }));
    list.append(row);
  }
  body.append(list);
  card.append(header, body);
  place.replaceChildren(card, element("p", `${word("card-until")} ${moment(new Date(held.until * 1000))}`, { class: "muted small" }));
}

/** The documents beside the card: each once, in whichever format it is kept. @param {HTMLElement} place @param {import("./held.js").Held[]} credentials */
export async function showDocuments(place, credentials) {
  const one = (/** @type {import("./held.js").Held} */ held) => `${held.issuer} ${title(held)}`;
  const each = new Map(credentials.toSorted((a, b) => b.format.localeCompare(a.format)).map((held) => [one(held), held]));
  const parts = await Promise.all(
    Array.from(each.values(), async (held) => {
      const formats = credentials.filter((other) => one(other) === one(held)).map(({ format }) => word(`format-${format === "mso_mdoc" ? "mdoc" : "sd-jwt"}`));
      const said = await facts(held);
      const part = element("section", undefined, { class: "card document", "data-type": held.type });
      const list = element("dl", undefined, { class: "facts" });
      const picture = said.portrait ?? said.picture;
      for (const [claim, value] of Object.entries(said)) {
        if (!UNSAID.includes(claim) && !claim.startsWith("age_over_")) list.append(element("dt", named(claim, held)), element("dd", told(claim, value)));
      }
      const vouched = held.vouched ? `${word("vouched")} ${held.vouched}` : word("not-vouched");
      part.append(element("h3", title(held)), element("p", `${from(held)} · ${vouched}`, { class: held.vouched ? "muted small" : "notice warn" }));
      if (typeof picture === "string" && picture.startsWith("data:image/")) part.append(element("img", undefined, { src: picture, alt: word("claim-portrait"), width: "90", height: "120" }));
      part.append(list, element("p", `${formats.join(", ")} · ${word("card-until")} ${Number.isFinite(held.until) ? moment(new Date(held.until * 1000)) : "–"}`, { class: "muted small" }));
      return part;
    }),
  );
  place.replaceChildren(...(parts.length > 0 ? parts : [element("p", word("documents-none"), { class: "empty" })]));
}
