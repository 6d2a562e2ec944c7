// @ts-check
// Keeps the desk of the counter open while the network is down. It serves pages and scripts, never anybody's data.

const worker = /** @type {any} */ (self);
const CACHE = "counter-1";
const DESK = "/counter/desk";
const PARTS = [
  DESK,
  "/assets/app.css",
  "/assets/applications.css",
  "/assets/icon.svg",
  "/assets/capture.js",
  "/assets/counter-store.js",
  "/assets/counter-agent.js",
  "/assets/counter-desk.js",
];

worker.addEventListener("install", (/** @type {any} */ event) => {
  worker.skipWaiting();
  // The desk is asked for as a page: a program would get JSON from the same address.
  const asked = (/** @type {string} */ part) => new Request(part, { headers: { accept: "text/html,*/*" } });
  event.waitUntil(caches.open(CACHE).then((cache) => Promise.all(PARTS.map((part) => cache.add(asked(part)).catch(() => {})))));
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(worker.clients.claim());
});

/** What the network says; without one, what it said last. @param {Request} request @param {string} path */
async function answer(request, path) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await cache.put(path, fresh.clone());
    return fresh;
  } catch (cut) {
    const kept = await cache.match(path, { ignoreVary: true });
    if (kept) return kept;
    throw cut;
  }
}

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { pathname, origin } = new URL(event.request.url);
  const ours = origin === worker.location.origin && (pathname === DESK || pathname.startsWith("/assets/"));
  if (event.request.method === "GET" && ours) event.respondWith(answer(event.request, pathname));
});
