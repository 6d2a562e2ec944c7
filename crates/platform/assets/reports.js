// @ts-check
// The form of a report: the communes of a province without loading the page anew, and files that are too large told before they are sent.

const by = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ (by("report-form"));
const files = /** @type {HTMLInputElement} */ (by("attachments"));
const fault = by("attachments-fault");
const province = /** @type {HTMLSelectElement} */ (by("province"));
/** What else a form holds beside its files, in bytes, with room to spare. */
const ROOM = 64 * 1024;

/** Whether the files can be sent; says why not. */
function fit() {
  const chosen = Array.from(files.files ?? []);
  const size = chosen.reduce((sum, file) => sum + file.size, 0);
  const large = size > Number(form.dataset.largest) - ROOM;
  const many = chosen.length > Number(form.dataset.most);
  fault.textContent = (large ? fault.dataset.large : many ? fault.dataset.many : "") ?? "";
  files.toggleAttribute("aria-invalid", large || many);
  return !large && !many;
}

/** @param {HTMLSelectElement} list @param {{ code: string, name: string }[]} choices @param {string} before */
function fill(list, choices, before) {
  const kept = Array.from(list.options).filter(({ value }) => value.length < 5);
  list.replaceChildren(...kept, ...choices.map(({ code, name }) => new Option(before + name, code)));
  list.value = "";
}

async function communes() {
  const named = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const address = `/reports/new?kind=${named("kind").value}&province=${encodeURIComponent(province.value)}`;
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  if (!answer.ok) return;
  const { communes } = await answer.json();
  fill(/** @type {HTMLSelectElement} */ (by("commune")), communes, "");
  const unit = /** @type {HTMLSelectElement} */ (by("unit"));
  fill(unit, communes, `${unit.dataset.police} `);
  named("province").value = province.value;
  by("commune-hint")?.remove();
}

files.addEventListener("change", fit);
form.addEventListener("submit", (event) => {
  if (fit()) return;
  event.preventDefault();
  files.focus();
});
province.addEventListener("change", communes);
by("province-choose").parentElement?.remove();
