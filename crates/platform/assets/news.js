// @ts-check
// Says so where the page is a copy that was kept for when there is no network.

/** How old a page from the network can be, in milliseconds. */
const FRESH = 90_000;

const note = document.querySelector("#kept-copy");
if (note instanceof HTMLElement) {
  const told = Date.parse(note.dataset.at ?? "");
  const show = () => {
    if (!navigator.onLine || Date.now() - told > FRESH) note.hidden = false;
  };
  show();
  addEventListener("offline", show);
}
