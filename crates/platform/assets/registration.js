// @ts-check
// The camera of the card page: sends frames until one can be read. Without this script the page works by picture or by typing.

const section = /** @type {HTMLElement} */ (document.getElementById("camera"));
const video = /** @type {HTMLVideoElement} */ (document.getElementById("viewfinder"));
const state = /** @type {HTMLElement} */ (document.getElementById("camera-state"));
const start = /** @type {HTMLButtonElement} */ (document.getElementById("camera-start"));
const stop = /** @type {HTMLButtonElement} */ (document.getElementById("camera-stop"));
const said = section.dataset;

/** Pause between frames in milliseconds: fewer than the limit of requests in a minute. */
const PAUSE = 700;
/** The longest side of a frame in pixels. */
const LONGEST = 1280;
/** After so many frames without a code the next advice is shown. */
const FRAMES_PER_ADVICE = 4;

/** @type {MediaStream | undefined} */
let stream;

if (navigator.mediaDevices !== undefined) {
  section.hidden = false;
  start.addEventListener("click", begin);
  stop.addEventListener("click", end);
}

/** @param {string | undefined} text @param {string} kind */
function tell(text, kind = "") {
  state.hidden = !text;
  state.className = `notice ${kind}`;
  if (state.textContent !== text) state.textContent = text ?? "";
}

async function begin() {
  start.hidden = true;
  try {
    const wish = { facingMode: "environment", width: { ideal: LONGEST }, height: { ideal: 720 } };
    stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
  } catch {
    start.hidden = false;
    tell(said.refused, "bad");
    return;
  }
  video.srcObject = stream;
  video.hidden = stop.hidden = false;
  await video.play();
  tell(said.looking);
  await look(stream);
}

function end() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
  video.hidden = stop.hidden = true;
  start.hidden = false;
  tell(undefined);
}

/**
 * Sends frame after frame, one at a time, until one is read, is refused, or the camera is stopped.
 * @param {MediaStream} mine
 */
async function look(mine) {
  for (let frames = 1; stream === mine; frames++) {
    const answer = await send().catch(() => undefined);
    if (stream !== mine) return;
    if (answer === undefined) {
      tell(said.offline, "warn");
    } else if (answer.ok) {
      tell(said.found, "good");
      location.assign(/** @type {string} */ (said.next));
      return;
    } else if (!(await goesOn(answer, frames))) {
      return;
    }
    const wait = Number(answer?.headers.get("retry-after") ?? 0) * 1000;
    await new Promise((done) => setTimeout(done, Math.max(PAUSE, wait)));
  }
}

/** @returns {Promise<Response | undefined>} */
async function send() {
  const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  const frame = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  if (!frame) return undefined;
  const form = new FormData();
  form.append("picture", frame, "frame.jpg");
  return fetch(/** @type {string} */ (said.post), { method: "POST", body: form, headers: { accept: "application/json" } });
}

/**
 * What a refusal means: another frame may be better, or the person has to know.
 * @param {Response} answer @param {number} frames
 */
async function goesOn(answer, frames) {
  const problem = await answer.json().catch(() => ({}));
  const slug = String(problem.type ?? "").split("/").pop();
  if (slug === "registration-no-code" || slug === "too-many-requests") {
    const turn = Math.floor(frames / FRAMES_PER_ADVICE);
    if (turn > 0) tell([said.adviceNear, said.adviceGlare, said.adviceStill][(turn - 1) % 3]);
    return true;
  }
  if (slug === "registration-not-a-card" || slug === "registration-other-card") {
    tell([problem.title, problem.detail].filter(Boolean).join(". "), "warn");
    return true;
  }
  // The card was read: the next page says what stands against it.
  location.assign(/** @type {string} */ (said.next));
  return false;
}
