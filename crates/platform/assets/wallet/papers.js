// @ts-check
// The papers of the wallet of documents, for when there is no network: the list as the platform showed it, each paper with its source and its time.

import { word } from "./words.js";

/** @typedef {{ html: string, at: string }} Papers */

/** Fetches the list for the passcode; nothing, where the platform does not show it. @param {string} passcode @returns {Promise<Papers | undefined>} */
export async function fetchPapers(passcode) {
  const body = new URLSearchParams({ passcode });
  const answer = await fetch("/documents", { method: "POST", headers: { accept: "text/html" }, body, signal: AbortSignal.timeout(20000) });
  if (!answer.ok) return undefined;
  const list = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("papers");
  // Their own pages are not kept.
  for (const link of list?.querySelectorAll("a[href]") ?? []) link.removeAttribute("href");
  return list ? { html: list.outerHTML, at: new Date().toISOString() } : undefined;
}

/** Shows the list that was kept, and from when it is. @param {HTMLElement} box @param {Papers | undefined} papers */
export function showPapers(box, papers) {
  const list = papers && new DOMParser().parseFromString(papers.html, "text/html").getElementById("papers");
  if (!papers || !list) return;
  const note = document.createElement("p");
  note.className = "hint";
  note.id = "papers-kept";
  note.textContent = `${word("papers-kept")} ${new Date(papers.at).toLocaleString("vi-VN")}`;
  box.append(note, document.adoptNode(list));
}
