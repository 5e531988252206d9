/** The photo field of the character's form: a preview, and a word about its size before it is sent. */

export function start() {
  const input = document.getElementById("reference_photo");
  input.addEventListener("change", () => show(input));
  document.getElementById("preview").addEventListener("error", ({ target }) => reveal(target, false));
  show(input);
}

/** @param {HTMLInputElement} input */
function show(input) {
  const [photo] = input.files;
  const problem = photo ? problemWith(photo, input) : "";
  const wrong = document.getElementById("wrong-photo");
  if (photo) wrong.textContent = problem;
  wrong.hidden = !wrong.textContent;
  input.setCustomValidity(problem);
  const preview = document.getElementById("preview");
  URL.revokeObjectURL(preview.src);
  reveal(preview, photo && !problem);
  if (preview.hidden) preview.removeAttribute("src");
  else preview.src = URL.createObjectURL(photo);
}

/** The picture, or the empty place where it would be. @param {HTMLImageElement} preview */
function reveal(preview, shown) {
  preview.hidden = !shown;
  preview.previousElementSibling.hidden = shown;
}

/** @param {File} photo @param {HTMLInputElement} input */
function problemWith(photo, input) {
  if (!input.accept.split(",").includes(photo.type)) return "This is not a PNG, JPEG or WebP picture.";
  const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)}\u00a0MiB`;
  const { limit } = input.dataset;
  if (photo.size > limit) return `This photo has ${mebibytes(photo.size)}; at most ${mebibytes(limit)} can be sent.`;
  return "";
}
