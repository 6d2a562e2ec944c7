// @ts-check
// What a verifier asks for, before anything is shown: who, why, exactly what; then the holder's yes or no.

import { named, told } from "./card.js";
import { unfolded } from "./held.js";
import { record } from "./history.js";
import { Refused, answer, fetchRequest, parseLink, refuse } from "./request.js";
import { element, word } from "./words.js";

/** Asks the holder about the request of a link. @param {HTMLElement} place @param {string} link @param {import("./held.js").Held[]} credentials */
export async function consider(place, link, credentials) {
  const parsed = parseLink(link);
  if (!parsed) return tell(place, "request-broken", "bad");
  tell(place, "request-fetching", "");
  try {
    const asked = await fetchRequest(parsed, credentials);
    show(place, asked);
  } catch (error) {
    tell(place, error instanceof Refused ? error.message : "request-network", "bad");
  }
}

/** @param {HTMLElement} place @param {string} what @param {string} kind */
export function tell(place, what, kind) {
  place.replaceChildren(element("p", word(what), { class: `notice ${kind}`, role: "status", id: "consent-told", "data-told": what }));
  place.hidden = false;
}

/** @param {HTMLElement} place @param {import("./request.js").Asked} asked */
function show(place, asked) {
  if (asked.matches.length === 0) return tell(place, "request-missing", "warn");
  const part = element("section", undefined, { class: "card consent", id: "consent", "aria-labelledby": "consent-title" });
  part.append(element("h2", word("consent-title"), { id: "consent-title" }), element("p", `${word("consent-who")} `));
  part.lastElementChild?.append(element("strong", asked.name, { id: "consent-who" }));
  part.append(element("p", `${asked.host} · ${word("consent-vouched")} ${asked.authority}`, { class: "muted small", id: "consent-vouched" }));
  part.append(element("p", `${word("consent-why")} `));
  part.lastElementChild?.append(element("strong", asked.purpose || word("consent-no-purpose"), { id: "consent-why" }));
  part.append(element("h3", word("consent-what")));
  const list = element("ul", undefined, { id: "consent-what" });
  const shown = asked.matches.flatMap(({ held, shown: facts }) => facts.map(([name, value]) => /** @type {const} */ ([named(name, held), name, value])));
  for (const [label, name, value] of shown) {
    const item = element("li", `${label}: `);
    if (name === "picture" || name === "portrait") item.append(element("img", undefined, { src: value, alt: label, width: "90", height: "120" }));
    else item.append(element("strong", told(name, value)));
    list.append(item);
  }
  part.append(list, element("p", word("consent-nothing-else"), { class: "hint" }));
  for (const data of asked.transaction_data) {
    const facts = Object.entries(unfolded(data)).filter(([name]) => !["credential_ids", "transaction_data_hashes_alg"].includes(name));
    part.append(element("p", `${word("consent-agrees")} ${facts.map(([name, value]) => `${name}: ${value}`).join(", ")}`, { class: "notice warn" }));
  }
  const actions = element("p", undefined, { class: "actions" });
  const [yes, no] = [element("button", word("consent-yes"), { class: "btn", id: "consent-yes", type: "button" }), element("button", word("consent-no"), { class: "btn ghost", id: "consent-no", type: "button" })];
  actions.append(yes, no);
  part.append(actions);
  place.replaceChildren(part);
  place.hidden = false;
  yes.focus();
  const what = shown.map(([label]) => label);
  yes.addEventListener("click", () => agree(place, asked, what));
  no.addEventListener("click", async () => {
    await record({ kind: "refused", to: asked.name, what });
    await refuse(asked).catch(() => undefined);
    tell(place, "request-refused", "");
  });
}

/** @param {HTMLElement} place @param {import("./request.js").Asked} asked @param {string[]} what */
async function agree(place, asked, what) {
  tell(place, "request-sending", "");
  try {
    const { redirect_uri } = await answer(asked);
    await record({ kind: "presented", to: asked.name, what });
    tell(place, "request-sent", "good");
    if (redirect_uri && /^https?:/.test(redirect_uri)) location.assign(redirect_uri);
  } catch (error) {
    tell(place, error instanceof Refused ? error.message : "request-network", "bad");
  }
}
