// @ts-check
// Keeps one page and its files for when there is no network, and the pages below it that MORE lists; both as the reader last chose by CHOICE in
// the address of the page. PAGE, FILES, MORE, CHOICE, STANDS_IN and VERSION stand above.
/* global PAGE, FILES, MORE, CHOICE, STANDS_IN, VERSION */

const KEPT = `${PAGE} ${VERSION}`;
/** Where the reader's choice is kept; it outlives a new version of the page. */
const CHOSEN = `choice of ${PAGE}`;
/** What was kept answers whatever the language or the query. */
const ANY = { ignoreVary: true, ignoreSearch: true };
/** How long the network may take before the kept page is shown, in milliseconds. */
const PATIENCE = 4000;
/** What is gone for good: a kept copy must not be shown any more. */
const GONE = [404, 410];

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

async function keep() {
  const [cache, query] = [await caches.open(KEPT), await chosen()];
  const whole = await fetch(PAGE + query, { headers: { accept: "text/html" } });
  if (!whole.ok) throw new Error(String(whole.status));
  await cache.put(PAGE, whole);
  await cache.addAll(FILES);
  if (MORE !== "") await keepMore(cache, query);
}

/** The reader's choice, as an address says it: `?province=01`. */
async function chosen() {
  const answer = await (await caches.open(CHOSEN)).match(PAGE);
  return (await answer?.text()) ?? "";
}

/** Remembers the choice that an address of the page makes, if it makes that one alone; answers the one that counts. */
async function choose(search) {
  const said = [...new URLSearchParams(search)].filter(([name, value]) => name === CHOICE || (value !== "" && name !== "lang"));
  if (CHOICE !== "" && said.length === 1 && said[0]?.[0] === CHOICE) {
    const query = said[0][1] === "" ? "" : `?${new URLSearchParams(said)}`;
    await (await caches.open(CHOSEN)).put(PAGE, new Response(query));
  }
  return chosen();
}

/** Keeps the page as the reader chose it, and the pages that are listed for that choice. `shown` is the page that came from the network. */
async function keepChosen(cache, { search }, shown) {
  const query = await choose(search);
  const whole = search === query ? shown : await fetch(PAGE + query, { headers: { accept: "text/html" } });
  if (whole.ok) await cache.put(PAGE, whole);
  await keepMore(cache, query);
}

/** Keeps the pages that are listed now, and forgets those that were listed before. */
async function keepMore(cache, query) {
  const listed = await fetch(MORE + query, { headers: { accept: "application/json" } });
  if (!listed.ok) return;
  const { pages } = await listed.json();
  const kept = await cache.keys();
  const before = kept.map((request) => new URL(request.url).pathname).filter((path) => path.startsWith(`${PAGE}/`));
  await Promise.all(before.filter((path) => !pages.includes(path)).map((path) => cache.delete(path, ANY)));
  for (const path of pages.filter((page) => !before.includes(page))) {
    const answer = await fetch(path, { headers: { accept: "text/html,image/*" } });
    if (answer.ok) await cache.put(path, answer);
  }
}

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name.startsWith(`${PAGE} `) && name !== KEPT));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  const below = MORE !== "" && pathname.startsWith(`${PAGE}/`) && pathname !== MORE && !pathname.endsWith(".js");
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(page(event));
  else if (STANDS_IN && request.mode === "navigate" && pathname.startsWith(`${PAGE}/`)) event.respondWith(fetch(request).catch(kept));
  else if (below) event.respondWith(more(request, pathname));
  else if (FILES.includes(pathname)) event.respondWith(file(request, pathname));
});

/** The page as it is now, else as it was kept. */
async function page(event) {
  const { request } = event;
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(String(answer.status));
    if (MORE === "") await cache.put(PAGE, answer.clone());
    else event.waitUntil(keepChosen(cache, new URL(request.url), answer.clone()).catch(() => null));
    return answer;
  } catch {
    return (await cache.match(PAGE, ANY)) ?? Response.error();
  }
}

/** The page as it was kept, in the place of one below it that cannot be reached. */
async function kept() {
  const cache = await caches.open(KEPT);
  return (await cache.match(PAGE, ANY)) ?? Response.error();
}

/** A page below as it is now, else as it was kept; one that is gone is forgotten. */
async function more(request, pathname) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (GONE.includes(answer.status)) await cache.delete(pathname, ANY);
    return answer;
  } catch {
    return (await cache.match(pathname, ANY)) ?? Response.error();
  }
}

/** A file as it was kept with the page. */
async function file(request, pathname) {
  const cache = await caches.open(KEPT);
  return (await cache.match(pathname, ANY)) ?? fetch(request);
}
