// @ts-check
// The identity QR on the screen: made anew by this device every 30 seconds, with no network.

import { sign } from "../device.js";
import { draw, svg } from "../qr/encode.js";
import { seconds } from "../time.js";
import { utf8 } from "../verifier/bytes.js";
import { Pass } from "../verifier/identity.js";
import { moment, word } from "./words.js";

/** How long a code is shown, in seconds. */
const EACH = 30;

/** A code that renews itself while it is shown. */
export class Code {
  /** @param {HTMLElement} box @param {HTMLElement} state @param {HTMLProgressElement} left @param {HTMLElement} size */
  constructor(box, state, left, size) {
    this.box = box;
    this.state = state;
    this.left = left;
    this.size = size;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.clock = undefined;
    this.until = 0;
    this.turn = 0;
  }

  /** Begins to show. @param {Uint8Array} pass @param {string} challenge six digits, or nothing */
  async begin(pass, challenge) {
    this.end();
    this.pass = new Pass(pass);
    this.challenge = challenge;
    await this.renew();
    this.clock = setInterval(() => this.tick(), 500);
  }

  end() {
    clearInterval(this.clock);
    this.clock = undefined;
    this.turn += 1;
    this.box.replaceChildren();
    delete this.box.dataset.text;
  }

  async tick() {
    const now = seconds();
    this.left.value = Math.max(0, this.until - now);
    if (now >= this.until) await this.renew();
  }

  async renew() {
    if (!this.pass) return;
    const now = seconds();
    this.until = now + EACH;
    const expires = this.pass.expiresAt();
    if (expires <= now) {
      this.end();
      this.state.textContent = word("code-expired");
      return;
    }
    const turn = this.turn;
    const text = await this.pass.show(sign, now, this.challenge ? utf8(this.challenge) : undefined);
    const drawn = draw(text, "M") ?? draw(text, "L");
    if (!drawn || turn !== this.turn) return;
    this.box.innerHTML = svg(drawn);
    this.box.dataset.text = text;
    this.left.max = EACH;
    this.left.value = EACH;
    this.state.textContent = `${word("code-until")} ${moment(new Date(expires * 1000))}`;
    this.size.textContent = `QR ${drawn.version}-${drawn.level}, ${drawn.modules.length} × ${drawn.modules.length}`;
  }
}
