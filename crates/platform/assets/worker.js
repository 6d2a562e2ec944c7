// @ts-check
// Keeps one page and its files for when there is no network. PAGE, FILES and VERSION stand above.
/* global PAGE, FILES, VERSION */

const KEPT = `${PAGE} ${VERSION}`;
/** What was kept answers whatever the language or the query. */
const ANY = { ignoreVary: true, ignoreSearch: true };
/** How long the network may take before the kept page is shown, in milliseconds. */
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

async function keep() {
  const cache = await caches.open(KEPT);
  const whole = await fetch(PAGE, { headers: { accept: "text/html" } });
  if (!whole.ok) throw new Error(String(whole.status));
  await cache.put(PAGE, whole);
  await cache.addAll(FILES);
}

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name.startsWith(`${PAGE} `) && name !== KEPT));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(page(request));
  else if (FILES.includes(pathname)) event.respondWith(file(request, pathname));
});

/** The page as it is now, else as it was kept. */
async function page(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(String(answer.status));
    await cache.put(PAGE, answer.clone());
    return answer;
  } catch {
    return (await cache.match(PAGE, ANY)) ?? Response.error();
  }
}

/** A file as it was kept with the page. */
async function file(request, pathname) {
  const cache = await caches.open(KEPT);
  return (await cache.match(pathname, ANY)) ?? fetch(request);
}
