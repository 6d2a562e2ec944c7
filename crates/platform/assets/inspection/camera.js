// @ts-check
// The camera, frame by frame, until a code is read; and codes on pictures.

import { find } from "../qr/find.js";

/** The longest side at which a picture is looked at, in pixels. */
const LONGEST = 1280;

/** @typedef {{ width: number, height: number, data: Uint8ClampedArray }} Pixels */

/** @param {CanvasImageSource} source @param {number} width @param {number} height @param {number} [longest] @returns {Pixels | undefined} */
function pixels(source, width, height, longest = LONGEST) {
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen || canvas.width === 0 || canvas.height === 0) return undefined;
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** The text of the code on a picture, or nothing. @param {Blob} file @returns {Promise<string | undefined>} */
export async function onPicture(file) {
  const picture = await createImageBitmap(file);
  for (const longest of [LONGEST, 800, 2400]) {
    const seen = pixels(picture, picture.width, picture.height, longest);
    const text = seen && find(seen);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** @param {string} id */
const by = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const typed = () => /** @type {HTMLInputElement | HTMLTextAreaElement} */ (by("code")).value.trim();
const chosen = () => /** @type {HTMLInputElement} */ (by("picture")).files?.[0];

/** Whether the form brings neither a text nor a picture. */
export const isEmpty = () => !typed() && !chosen();

/** The code that the form brings: its text, or what is on its picture. @returns {Promise<string | undefined>} */
export async function brought() {
  const picture = chosen();
  return typed() || (picture && onPicture(picture).catch(() => undefined));
}

/**
 * Lets the page's camera read codes, where there is one.
 * @param {{ looking?: string, denied?: string }} words
 * @param {(text?: string) => void} say
 * @param {(code: string) => Promise<unknown>} judge
 */
export function watch(words, say, judge) {
  if (navigator.mediaDevices === undefined) return;
  const camera = new Camera(/** @type {HTMLVideoElement} */ (by("viewfinder")));
  const runs = (/** @type {boolean} */ on) => ([by("camera-start").hidden, by("camera-stop").hidden] = [on, !on]);
  by("camera").hidden = false;
  by("camera-stop").addEventListener("click", () => camera.stop());
  by("camera-start").addEventListener("click", async () => {
    runs(true);
    say(words.looking);
    try {
      const code = await camera.read();
      say("");
      if (code !== undefined) await judge(code);
    } catch {
      say(words.denied);
    }
    runs(false);
  });
}

/** A running camera. */
export class Camera {
  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video;
    /** @type {MediaStream | undefined} */
    this.stream = undefined;
  }

  /** Looks until a code is read; answers nothing when it was stopped. Fails when there is no camera. @returns {Promise<string | undefined>} */
  async read() {
    const wish = { facingMode: "environment", width: { ideal: LONGEST }, height: { ideal: 720 } };
    const stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
    this.stream = stream;
    this.video.srcObject = stream;
    this.video.hidden = false;
    await this.video.play();
    while (this.stream === stream) {
      const frame = pixels(this.video, this.video.videoWidth, this.video.videoHeight);
      const text = frame && find(frame);
      if (text !== undefined) {
        this.stop();
        return text;
      }
      await new Promise((done) => setTimeout(done, 60));
    }
    return undefined;
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = undefined;
    this.video.hidden = true;
  }
}
