// @ts-check
// The time in seconds: that of this device; in the sandbox as far ahead as the sandbox's clock was moved.

const ahead = Number(document.querySelector("meta[name=ahead]")?.getAttribute("content") ?? 0);

export const seconds = () => Date.now() / 1000 + ahead;
