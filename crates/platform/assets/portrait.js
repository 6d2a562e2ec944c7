// Takes a portrait with guidance: an oval to fit the face into, live hints on light and movement, and the server's judgement before it is sent.
// The picture goes into a file field, so that the form is the same with and without script. The server judges again when it is sent.
// <div class="portrait-camera" data-field="portrait" data-judge="/applications/portrait" data-open="…" …>

/** The width at which light and movement are measured. */
const MEASURED_AT = 48;
/** How often hints are renewed, in milliseconds: often enough to help, seldom enough to be read out. */
const HINT_EVERY = 700;

/** @param {HTMLElement} box */
function enhance(box) {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById(box.dataset.field ?? ""));
  if (!field || !navigator.mediaDevices?.getUserMedia) return;

  const stage = document.createElement("div");
  stage.className = "stage";
  stage.hidden = true;
  const video = Object.assign(document.createElement("video"), { playsInline: true, muted: true });
  const oval = document.createElement("div");
  oval.className = "oval";
  oval.setAttribute("aria-hidden", "true");
  stage.append(video, oval);
  const still = Object.assign(document.createElement("img"), { hidden: true, alt: box.dataset.preview ?? "" });
  still.className = "viewfinder";
  const note = document.createElement("p");
  note.className = "hint";
  note.id = `${field.id}-guidance`;
  note.setAttribute("role", "status");
  const advice = document.createElement("ul");
  advice.className = "advice";
  advice.id = `${field.id}-advice`;
  advice.hidden = true;
  advice.setAttribute("role", "alert");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn ghost";
  button.id = `${field.id}-camera`;
  button.textContent = box.dataset.open ?? "";
  button.setAttribute("aria-describedby", note.id);
  box.append(stage, still, note, advice, button);

  /** @type {MediaStream | null} */
  let stream = null;
  /** @type {number | undefined} */
  let timer;
  /** @type {Uint8ClampedArray | null} */
  let before = null;

  button.addEventListener("click", () => (stream ? take() : open()));

  async function open() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 1280 } },
      });
    } catch {
      note.textContent = box.dataset.denied ?? "";
      return;
    }
    video.srcObject = stream;
    await video.play();
    stage.hidden = false;
    still.hidden = true;
    advice.hidden = true;
    note.textContent = box.dataset.frame ?? "";
    button.textContent = box.dataset.take ?? "";
    before = null;
    timer = window.setInterval(hint, HINT_EVERY);
  }

  /** The part of the camera's picture that is taken: three by four, in the middle. */
  function part() {
    const height = Math.min(video.videoHeight, (video.videoWidth * 4) / 3);
    const width = (height * 3) / 4;
    return { left: (video.videoWidth - width) / 2, top: (video.videoHeight - height) / 2, width, height };
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  function drawn(width, height) {
    const { left, top, width: wide, height: high } = part();
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context?.drawImage(video, left, top, wide, high, 0, 0, width, height);
    return { canvas, context };
  }

  /** Says what can be seen without finding the face: light and movement. */
  function hint() {
    if (!stream || video.videoWidth === 0) return;
    const high = (MEASURED_AT * 4) / 3;
    const pixels = drawn(MEASURED_AT, high).context?.getImageData(0, 0, MEASURED_AT, high).data;
    if (!pixels) return;
    let [light, moved] = [0, 0];
    for (let at = 0; at < pixels.length; at += 4) {
      light += 0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2];
      if (before) moved += Math.abs(pixels[at + 1] - before[at + 1]);
    }
    const count = pixels.length / 4;
    before = pixels;
    const say =
      light / count < 80 ? "dark" : light / count > 235 ? "bright" : moved / count > 14 ? "still" : "ready";
    oval.dataset.state = say;
    const text = box.dataset[say] ?? "";
    if (note.textContent !== text) note.textContent = text;
  }

  async function take() {
    const { width, height } = part();
    const { canvas } = drawn(Math.round(width), Math.round(height));
    const blob = /** @type {Blob | null} */ (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92)));
    if (!blob || !field) return;
    const files = new DataTransfer();
    files.items.add(new File([blob], `${field.id}.jpg`, { type: "image/jpeg" }));
    field.files = files.files;
    stop();
    still.src = URL.createObjectURL(blob);
    still.hidden = false;
    stage.hidden = true;
    button.textContent = box.dataset.again ?? "";
    await judge(blob);
  }

  /** @param {Blob} picture */
  async function judge(picture) {
    note.textContent = box.dataset.judging ?? "";
    const form = new FormData();
    form.append("portrait", picture, "portrait.jpg");
    let words = [];
    try {
      const answer = await fetch(box.dataset.judge ?? "", {
        method: "POST",
        body: form,
        headers: { accept: "application/json" },
      });
      const told = await answer.json();
      if (!answer.ok) words = told.errors?.map((/** @type {{detail: string}} */ fault) => fault.detail) ?? [told.title];
    } catch {
      // Without a line the server judges when the form is sent.
      note.textContent = "";
      return;
    }
    note.textContent = words.length === 0 ? (box.dataset.good ?? "") : "";
    box.dataset.judged = words.length === 0 ? "good" : "poor";
    advice.replaceChildren(
      ...words.map((/** @type {string} */ word) => Object.assign(document.createElement("li"), { textContent: word })),
    );
    advice.hidden = words.length === 0;
  }

  function stop() {
    window.clearInterval(timer);
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
  }

  field.addEventListener("change", () => {
    const file = field.files?.[0];
    if (file) judge(file);
  });
  field.form?.addEventListener("submit", stop);
  window.addEventListener("pagehide", stop);
}

for (const box of document.querySelectorAll(".portrait-camera")) enhance(/** @type {HTMLElement} */ (box));
