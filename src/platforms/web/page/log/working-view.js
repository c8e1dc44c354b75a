const slowMs = 12_000;
const verySlowMs = 60_000;

/** The line in the place of the coming answer. `work`: see `Conversation.work`. */
export function workingNode() {
  const node = document.createElement("div");
  node.className = "working";
  const dots = document.createElement("span");
  dots.className = "dots";
  dots.setAttribute("aria-hidden", "true");
  dots.append(...["•", "•", "•"].map(dot));
  const line = document.createElement("span");
  line.className = "line";
  node.append(dots, line);
  return node;
}

/** Shows what is being done, and for how long. */
export function showWork(node, work) {
  const text = lineFor(work, Date.now() - work.sinceMs);
  const line = node.querySelector(".line");
  if (line.textContent !== text) line.textContent = text;
}

function lineFor({ words, makes }, ms) {
  if (ms > verySlowMs) return "Still no answer. Keep waiting, or press Stop.";
  if (makes === "image") return "Making an image …";
  if (words !== undefined) return `Looking up “${words}” …`;
  return ms > slowMs ? "Still thinking …" : "Thinking …";
}

function dot(text) {
  const node = document.createElement("span");
  node.textContent = text;
  return node;
}
