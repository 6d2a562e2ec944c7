// @ts-check
// A form with data-once is sent once: its button rests from the press on, until another page is there or this one is shown again.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !("once" in form.dataset) || event.defaultPrevented) return;
  if ("sending" in form.dataset) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  const button = event.submitter;
  // Once the form has been read: a button that rests brings neither its name nor where it leads.
  setTimeout(() => button?.toggleAttribute("disabled", true));
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    if (!(form instanceof HTMLFormElement)) continue;
    delete form.dataset.sending;
    for (const one of form.elements) if (one instanceof HTMLButtonElement) one.disabled = false;
  }
});
