// @ts-check
// Keeps what is typed into a request: on this device at once, on the server a moment later, or when the network is back.

const form = document.getElementById("draft-form");
const notice = document.getElementById("offline");
const saved = document.getElementById("saved");
const WAIT = 1500;

if (form instanceof HTMLFormElement && form.dataset.draft) {
  const key = `vneid-draft-${form.dataset.draft}`;
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
    for (const element of Array.from(form.elements)) {
      if (element instanceof HTMLInputElement && element.type === "checkbox") element.checked = element.name in values;
      else if (
        (element instanceof HTMLInputElement && element.type !== "hidden") ||
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement
      ) {
        if (element.name in values) element.value = values[element.name] ?? "";
      }
    }
  };

  /** @param {boolean} away */
  const tell = (away) => {
    if (!notice) return;
    if (away) notice.hidden = false;
    else if (!notice.hidden) notice.textContent = notice.dataset.sent ?? "";
  };

  const send = async () => {
    const values = { ...typed(), go: "keep" };
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(values),
      });
      if (!answer.ok) return;
      localStorage.removeItem(key);
      tell(false);
      if (saved) saved.dataset.kept = "yes";
    } catch {
      tell(true);
    }
  };

  const keep = () => {
    localStorage.setItem(key, JSON.stringify({ since: form.dataset.saved, values: typed() }));
    window.clearTimeout(timer);
    timer = window.setTimeout(send, WAIT);
  };

  // What did not reach the server the last time is newer than what the server has.
  const before = localStorage.getItem(key);
  if (before) {
    try {
      fill(JSON.parse(before).values);
      void send();
    } catch {
      localStorage.removeItem(key);
    }
  }

  form.addEventListener("input", keep);
  form.addEventListener("change", (event) => {
    const from = event.target;
    if (!(from instanceof HTMLElement) || !("decides" in from.dataset)) return;
    window.clearTimeout(timer);
    localStorage.removeItem(key);
    const save = document.getElementById("save");
    if (save instanceof HTMLButtonElement) form.requestSubmit(save);
  });
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault();
      keep();
      tell(true);
      return;
    }
    window.clearTimeout(timer);
    localStorage.removeItem(key);
  });
  window.addEventListener("online", () => void send());
  window.addEventListener("offline", () => tell(true));
}
