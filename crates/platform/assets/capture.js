// Takes a still from the camera into a file field, so that the form is the same with and without script.
// <div class="capture" data-field="portrait" data-facing="user" data-width="900" data-height="1200" data-open="…" data-take="…" data-again="…" data-denied="…">

/** @param {HTMLElement} box */
function enhance(box) {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById(box.dataset.field ?? ""));
  if (!field || !navigator.mediaDevices?.getUserMedia) return;

  const video = Object.assign(document.createElement("video"), { playsInline: true, muted: true, hidden: true });
  const still = Object.assign(document.createElement("img"), { hidden: true, alt: "" });
  still.className = "viewfinder";
  const note = document.createElement("p");
  note.className = "hint";
  note.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn ghost";
  button.id = `${field.id}-camera`;
  button.textContent = box.dataset.open ?? "";
  box.append(video, still, note, button);

  /** @type {MediaStream | null} */
  let stream = null;

  button.addEventListener("click", async () => {
    if (stream) return take();
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: box.dataset.facing ?? "user", width: { ideal: 1280 }, height: { ideal: 1280 } },
      });
    } catch {
      note.textContent = box.dataset.denied ?? "";
      return;
    }
    video.srcObject = stream;
    await video.play();
    video.hidden = false;
    still.hidden = true;
    note.textContent = "";
    button.textContent = box.dataset.take ?? "";
  });

  async function take() {
    const canvas = document.createElement("canvas");
    const shape = Number(box.dataset.width) / Number(box.dataset.height);
    const height = Math.min(video.videoHeight, video.videoWidth / shape);
    const width = height * shape;
    canvas.width = Math.round(width);
    canvas.height = Math.round(height);
    const [left, top] = [(video.videoWidth - width) / 2, (video.videoHeight - height) / 2];
    canvas.getContext("2d")?.drawImage(video, left, top, width, height, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
    if (!blob || !field) return;
    const files = new DataTransfer();
    files.items.add(new File([blob], `${field.id}.jpg`, { type: "image/jpeg" }));
    field.files = files.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    stop();
    still.src = URL.createObjectURL(blob);
    still.hidden = false;
    video.hidden = true;
    button.textContent = box.dataset.again ?? "";
  }

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
  }

  field.form?.addEventListener("submit", stop);
  window.addEventListener("pagehide", stop);
}

for (const box of document.querySelectorAll(".capture")) enhance(/** @type {HTMLElement} */ (box));
