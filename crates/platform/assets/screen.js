// @ts-check
// Waits until the phone has answered, or the code is over, and then shows the page anew.

const until = document.getElementById("screen-until")?.dataset.until ?? "";

const timer = setInterval(async () => {
  const answer = await fetch("/signin/screen/here", { headers: { accept: "application/json" } }).catch(() => undefined);
  const state = answer?.ok ? (await answer.json()).state : undefined;
  const over = answer?.status === 410 || Date.parse(until) < Date.now();
  if (over || (state !== undefined && state !== "waiting")) {
    clearInterval(timer);
    location.reload();
  }
}, 1500);
