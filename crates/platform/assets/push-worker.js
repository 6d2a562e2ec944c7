// @ts-check
// Shows the push messages of VNeID, and opens what they are about.

const worker = /** @type {any} */ (self);

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("push", (/** @type {any} */ event) => {
  /** @type {{tag: string, title: string, text: string, link: string, lang: string} | undefined} */
  let told;
  try {
    told = event.data?.json();
  } catch {
    told = undefined;
  }
  if (!told) return;
  // The same tag takes the place of what was shown before.
  const shown = { body: told.text, tag: told.tag, lang: told.lang, icon: "/assets/icon.svg", data: { link: told.link } };
  event.waitUntil(worker.registration.showNotification(told.title, shown));
});

worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  const wanted = new URL(event.notification.data?.link ?? "/notices", worker.location.origin);
  const link = wanted.origin === worker.location.origin ? wanted.href : new URL("/notices", worker.location.origin).href;
  event.waitUntil(worker.clients.openWindow(link));
});
