// @ts-check
// Offers of credentials by other issuers: what is offered and by whom, then the holder's yes or no.

import { tell } from "./consent.js";
import { checked } from "./held.js";
import { NotIssued, accept, metadata, readOffer } from "./issuer.js";
import { element, word } from "./words.js";

/**
 * Asks the holder about an offer.
 * @param {HTMLElement} place @param {string} text @param {(held: import("./held.js").Held[]) => Promise<void>} keep
 */
export async function considerOffer(place, text, keep) {
  tell(place, "offer-fetching", "");
  try {
    const offer = await readOffer(text);
    show(place, offer, await metadata(offer), keep);
  } catch (error) {
    refused(place, error);
  }
}

/** @param {HTMLElement} place @param {unknown} error */
function refused(place, error) {
  tell(place, error instanceof NotIssued ? error.message : "offer-network", "bad");
}

/** @param {HTMLElement} place @param {import("./issuer.js").Offer} offer @param {import("./issuer.js").About} about @param {(held: import("./held.js").Held[]) => Promise<void>} keep */
function show(place, offer, about, keep) {
  const part = element("form", undefined, { class: "card consent", id: "offer", "aria-labelledby": "offer-title" });
  part.append(element("h2", word("offer-title"), { id: "offer-title" }), element("p", `${word("offer-who")} `));
  part.lastElementChild?.append(element("strong", new URL(offer.issuer).host, { id: "offer-who" }));
  const list = element("ul", undefined, { id: "offer-what" });
  const { lang } = document.documentElement;
  const name = (/** @type {string} */ id) => {
    const { credential_metadata, display } = about.about.credential_configurations_supported[id];
    const names = credential_metadata?.display ?? display ?? [];
    return (names.find((/** @type {any} */ one) => one.locale?.startsWith(lang)) ?? names[0])?.name ?? id;
  };
  list.append(...new Set(about.known.map(name)).values().map((said) => element("li", said)));
  part.append(element("p", word("offer-what")), list);
  /** @type {HTMLInputElement | undefined} */
  let field;
  if (offer.asksFor) {
    const box = element("div", undefined, { class: "field" });
    box.append(element("label", word("offer-code"), { for: "offer-code" }));
    if (offer.asksFor.description) box.append(element("p", offer.asksFor.description, { class: "hint" }));
    field = /** @type {HTMLInputElement} */ (element("input", undefined, { id: "offer-code", class: "code", autocomplete: "off", required: "" }));
    box.append(field);
    part.append(box);
  }
  const actions = element("p", undefined, { class: "actions" });
  actions.append(element("button", word("offer-yes"), { class: "btn", id: "offer-yes", type: "submit" }), element("button", word("offer-no"), { class: "btn ghost", id: "offer-no", type: "button" }));
  part.append(actions);
  place.replaceChildren(part);
  place.hidden = false;
  (field ?? part.querySelector("button"))?.focus();
  part.querySelector("#offer-no")?.addEventListener("click", () => tell(place, "offer-declined", ""));
  part.addEventListener("submit", async (event) => {
    event.preventDefault();
    await take(place, offer, about, field?.value.trim(), keep);
  });
}

/** @param {HTMLElement} place @param {import("./issuer.js").Offer} offer @param {import("./issuer.js").About} about @param {string | undefined} tx_code @param {(held: import("./held.js").Held[]) => Promise<void>} keep */
async function take(place, offer, about, tx_code, keep) {
  tell(place, "offer-taking", "");
  try {
    const { fetched, waiting } = await accept(offer, about, { tx_code });
    const held = (await Promise.all(fetched.map(checked))).filter((one) => one !== undefined);
    if (held.length > 0) await keep(held);
    const all = held.length === fetched.length && waiting === 0;
    tell(place, held.length === 0 ? "offer-nothing" : all ? "offer-taken" : "offer-partly", all ? "good" : "warn");
  } catch (error) {
    refused(place, error);
  }
}
