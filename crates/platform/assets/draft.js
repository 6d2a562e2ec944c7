// @ts-check
// Keeps what is typed into a request: on this device at once, on the server a moment later, or when the network is back.
// Without network the page that stands in for the draft is made of that copy, and goes on keeping and sending it.

const form = document.getElementById("draft-form");
const notice = document.getElementById("offline");
const saved = document.getElementById("saved");
const WAIT = 1500;
/** How often it is tried again to send what could not be sent, in milliseconds: browsers do not always notice that the network is back. */
const AGAIN = 5000;
/** The draft is no more: it was sent in, or thrown away. */
const GONE = [404, 410];
/** Another device saved something since. */
const CHANGED = 409;

/**
 * A field as it can be drawn again.
 * @typedef {{ name: string, label: string, type: string, options: [string, string][] }} Field
 * @typedef {{ since?: string, title: string, fields: Field[], values: Record<string, string> }} Copy
 */

/** @param {HTMLFormElement} form @returns {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]} */
const asked = (form) =>
  /** @type {any[]} */ (Array.from(form.elements)).filter(
    (one) =>
      one.name && one.type !== "hidden" && (one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement || one instanceof HTMLSelectElement),
  );

/** @param {HTMLFormElement} form @returns {Field[]} */
const describe = (form) =>
  asked(form).map((one) => ({
    name: one.name,
    label: one.labels?.[0]?.textContent?.trim() ?? one.name,
    type: one.type,
    options: one instanceof HTMLSelectElement ? Array.from(one.options, (option) => [option.value, option.text]) : [],
  }));

/** @param {Field} field */
const draw = ({ name, label, type, options }) => {
  const input = document.createElement(type === "select-one" ? "select" : type === "textarea" ? "textarea" : "input");
  if (input instanceof HTMLInputElement) input.type = type;
  if (input instanceof HTMLInputElement && type === "checkbox") input.value = "on";
  if (input instanceof HTMLSelectElement) input.append(...options.map(([value, text]) => new Option(text, value)));
  if (input instanceof HTMLTextAreaElement) input.rows = 4;
  [input.id, input.name] = [name, name];
  const words = Object.assign(document.createElement("label"), { htmlFor: name, textContent: label });
  const field = Object.assign(document.createElement("div"), { className: type === "checkbox" ? "field check" : "field" });
  field.append(...(type === "checkbox" ? [input, words] : [words, input]));
  return field;
};

/** @param {string} key @returns {Copy | null} */
const read = (key) => {
  try {
    const copy = JSON.parse(localStorage.getItem(key) ?? "null");
    return copy && typeof copy.values === "object" ? copy : null;
  } catch {
    return null;
  }
};

/** Makes the form of the page that stands in for a draft from the device's copy. @param {HTMLFormElement} form */
const rebuild = (form) => {
  const draft = location.pathname.match(/^\/procedures\/drafts\/([^/]+)/)?.[1] ?? "";
  const copy = read(`vneid-draft-${draft}`);
  if (!copy?.fields) {
    document.getElementById("nothing-kept")?.removeAttribute("hidden");
    return;
  }
  form.dataset.draft = draft;
  form.action = `/procedures/drafts/${draft}`;
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "form", value: "on" }), ...copy.fields.map(draw));
  form.hidden = false;
  const title = document.getElementById("kept-title");
  if (title && copy.title) title.textContent = copy.title;
  if (notice) notice.hidden = false;
};

if (form instanceof HTMLFormElement && "kept" in form.dataset) rebuild(form);
if (form instanceof HTMLFormElement && form.dataset.draft) {
  const key = `vneid-draft-${form.dataset.draft}`;
  const standsIn = "kept" in form.dataset;
  const before = read(key);
  /** The moment of the saved state that is being changed here. */
  let since = before?.since ?? form.dataset.saved;
  let timer = 0;

  /** @returns {Record<string, string>} What stands in the form now; ticks that are gone are told by `form`. */
  const typed = () => {
    /** @type {Record<string, string>} */
    const values = {};
    for (const [name, value] of new FormData(form)) if (typeof value === "string") values[name] = value;
    return values;
  };

  /** @param {Record<string, string>} values */
  const fill = (values) => {
    for (const one of asked(form)) {
      if (one instanceof HTMLInputElement && one.type === "checkbox") one.checked = one.name in values;
      else if (one.name in values) one.value = values[one.name] ?? "";
    }
  };

  /** @param {boolean} away */
  const tell = (away) => {
    if (!notice) return;
    if (away) notice.hidden = false;
    else if (!notice.hidden) notice.textContent = notice.dataset.sent ?? "";
  };

  const later = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(send, AGAIN);
  };

  /** Another device saved something else meanwhile: the person decides which of the two stays. */
  /** @param {Copy} mine */
  const ask = (mine) => {
    const question = document.getElementById("conflict");
    if (question) question.hidden = false;
    since = form.dataset.saved;
    document.getElementById("conflict-mine")?.addEventListener("click", () => {
      fill(mine.values);
      if (question) question.hidden = true;
      keep();
    });
    document.getElementById("conflict-theirs")?.addEventListener("click", () => {
      localStorage.removeItem(key);
      location.reload();
    });
  };

  /** @returns {Promise<boolean>} Whether the server took what is here. */
  const send = async () => {
    const sent = localStorage.getItem(key);
    const values = { ...typed(), go: "keep", ...(since ? { since } : {}) };
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(values),
      });
      if (answer.status >= 500) throw new Error(String(answer.status));
      if (answer.status === CHANGED) {
        location.reload();
        return false;
      }
      if (answer.ok) form.dataset.saved = since = (await answer.json()).saved_at;
      if (answer.ok || GONE.includes(answer.status)) {
        // What was typed meanwhile is newer, and goes next.
        if (localStorage.getItem(key) === sent) localStorage.removeItem(key);
        tell(false);
        if (saved) saved.dataset.kept = "yes";
      }
      // The draft itself can be shown again; or whoever is not signed in any more is asked to sign in, and the copy stays.
      if (standsIn) location.reload();
      return true;
    } catch {
      tell(true);
      later();
      return false;
    }
  };

  const keep = () => {
    const title = document.querySelector("h1")?.textContent ?? "";
    localStorage.setItem(key, JSON.stringify({ since, title, fields: describe(form), values: typed() }));
    window.clearTimeout(timer);
    timer = window.setTimeout(send, WAIT);
  };

  // What did not reach the server the last time is newer than what the server has, unless another device saved something since.
  /** @param {Record<string, string>} values */
  const order = (values) => JSON.stringify(Object.entries(values).sort());
  const isOther = before && !standsIn && before.since !== form.dataset.saved && order(before.values) !== order(typed());
  if (before && isOther) ask(before);
  else if (before) {
    since = standsIn ? since : form.dataset.saved;
    fill(before.values);
    void send();
  } else localStorage.removeItem(key);

  form.addEventListener("input", keep);
  form.addEventListener("change", (event) => {
    const from = event.target;
    if (!(from instanceof HTMLElement) || !("decides" in from.dataset)) return;
    const save = document.getElementById("save");
    if (save instanceof HTMLButtonElement) form.requestSubmit(save);
  });
  // A form that is sent while the server cannot be reached is lost with its page; so it is kept, and goes only once that worked.
  let reached = false;
  form.addEventListener("submit", async (event) => {
    if (reached) return;
    event.preventDefault();
    keep();
    window.clearTimeout(timer);
    reached = await send();
    if (reached && !standsIn) form.requestSubmit(event.submitter);
  });
  window.addEventListener("online", () => void send());
  window.addEventListener("offline", () => tell(true));
}
