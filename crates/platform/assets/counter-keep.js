// @ts-check
// Keeps what is typed into a form of the counter on this device until it has arrived: an officer's session that ends, a page
// that is closed and a line that is cut lose nothing. <form data-keep="NAME" data-restored="…">, [data-arrived="NAME …"].

import { contents, drop, keep, recall, restore } from "./counter-store.js";

/** @param {HTMLFormElement} form */
async function enhance(form) {
  const name = form.dataset.keep ?? "";
  // The form has arrived when the browser was sent on to the place that shows what came of it.
  if (form.dataset.done && location.hash === form.dataset.done && sessionStorage.getItem(name)) await drop(name);
  sessionStorage.removeItem(name);
  const kept = await recall(name);
  if (kept && restore(form, kept)) {
    const note = document.createElement("p");
    note.className = "notice";
    note.id = `${form.id}-restored`;
    note.setAttribute("role", "status");
    note.textContent = form.dataset.restored ?? "";
    const clear = Object.assign(document.createElement("button"), { type: "button", className: "link", id: `${form.id}-clear`, textContent: form.dataset.clear ?? "" });
    clear.addEventListener("click", async () => {
      await drop(name);
      location.reload();
    });
    note.append(" ", clear);
    form.prepend(note);
  }

  let last = Promise.resolve();
  const save = () => {
    last = last.then(async () => keep(name, await contents(form))).catch(() => {});
    return last;
  };
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(save, 150);
  });
  form.addEventListener("change", save);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    await save();
    sessionStorage.setItem(name, "sent");
    form.submit();
  });
  form.dataset.keeps = "";
}

for (const arrived of document.querySelectorAll("[data-arrived]")) {
  for (const name of (/** @type {HTMLElement} */ (arrived).dataset.arrived ?? "").split(" ")) await drop(name);
}
for (const form of document.querySelectorAll("form[data-keep]")) await enhance(/** @type {HTMLFormElement} */ (form));
