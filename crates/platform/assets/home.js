// @ts-check
// While somebody types, the first page shows only the tiles that answer. Sending the search finds the rest: procedures, guide, answers, news;
// where no tile answers, the page offers that.

const field = document.querySelector("#q");
const tiles = [...document.querySelectorAll("li[data-words]")];
const none = document.querySelector("#no-tile");
const sections = [...document.querySelectorAll("section[data-group], #favourites-section")];

/** @param {string | null | undefined} text */
const words = (text) =>
  (text ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d").split(/[^\p{L}\p{N}]+/u).filter(Boolean);

const known = tiles.map((tile) => words(`${tile.querySelector(".name")?.textContent} ${tile.getAttribute("data-words")}`));

function filter() {
  const wanted = words(field instanceof HTMLInputElement ? field.value : "");
  tiles.forEach((tile, at) => {
    const answers = wanted.every((word) => known[at]?.some((one) => one.startsWith(word)));
    tile.toggleAttribute("hidden", !answers);
  });
  for (const section of sections) section.toggleAttribute("hidden", section.querySelector("li:not([hidden])") === null);
  none?.toggleAttribute("hidden", tiles.some((tile) => !tile.hasAttribute("hidden")));
}

field?.addEventListener("input", filter);
if (field instanceof HTMLInputElement && field.value !== "") filter();
