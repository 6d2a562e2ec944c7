// @ts-check
// Keeps this page for when there is no network: the script that does it is named in the page's head.

const worker = document.querySelector("meta[name=worker]")?.getAttribute("content");
if (worker && navigator.serviceWorker) {
  navigator.serviceWorker
    .register(worker, { scope: new URL(worker, location.href).pathname.replace(/\/worker\.js$/, "") })
    .then(() => navigator.serviceWorker.ready)
    .then(() => (document.documentElement.dataset.kept = "yes"))
    .catch((error) => console.warn("this page is not kept for when there is no network:", error.message));
}
