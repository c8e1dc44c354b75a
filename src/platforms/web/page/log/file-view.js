import { sizeOf } from "../common/size-of.js";

const imageTypes = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);
const maxPictures = 100;
/** Address → its picture. A message that is drawn again keeps its pictures, which would otherwise flicker. */
const pictures = new Map();

/** The files of a message: images as pictures, others as links. Undefined: it has none. */
export function filesNode(files = []) {
  if (files.length === 0) return undefined;
  const list = document.createElement("ul");
  list.className = "files";
  list.setAttribute("aria-label", "Files");
  for (const file of files) {
    const item = document.createElement("li");
    item.append(isPicture(file) ? pictureOf(file, item) : linkTo(file));
    list.append(item);
  }
  return list;
}

function isPicture({ mediaType, url }) {
  return url !== undefined && imageTypes.has(mediaType);
}

function pictureOf(file, item) {
  const { name, description = name, url, width, height } = file;
  const known = pictures.get(url);
  pictures.delete(url);
  const link = known ?? document.createElement("a");
  pictures.set(url, link);
  if (pictures.size > maxPictures) pictures.delete(pictures.keys().next().value);
  if (known !== undefined) return known;
  link.className = "picture";
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener";
  const image = document.createElement("img");
  image.alt = description;
  image.loading = "lazy";
  if (width > 0 && height > 0) Object.assign(image, { width, height });
  else link.classList.add("unmeasured");
  image.addEventListener("error", () => {
    pictures.delete(url);
    (link.parentElement ?? item).replaceChildren(linkTo({ ...file, url: undefined }));
  });
  image.src = url;
  link.append(image);
  return link;
}

function linkTo({ name, url, bytes }) {
  const node = document.createElement(url === undefined ? "span" : "a");
  node.className = "chip";
  const label = document.createElement("span");
  label.className = "name";
  label.dir = "auto";
  label.textContent = name;
  const detail = document.createElement("span");
  detail.className = "detail";
  detail.textContent = url === undefined ? "no longer kept" : sizeOf(bytes);
  node.append(label, " ", detail);
  if (url === undefined) return node;
  node.href = url;
  node.download = name;
  node.title = `Download ${name}`;
  return node;
}
