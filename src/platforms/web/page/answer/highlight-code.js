/** Longer code is not highlighted; that would take too long. */
const maxChars = 8_000;
const names = new Map(
  "bash bash,sh bash,shell bash,zsh bash,console bash,c c,h c,cpp c,c++ c,cc c,hpp c,css css,diff diff,patch diff,docker docker,dockerfile docker,go go,golang go,html html,http http,ini ini,java java,js js,javascript js,jsx js,mjs js,json json,jsonc json,lua lua,make make,makefile make,pl pl,perl pl,py py,python py,rs rs,rust rs,sql sql,toml toml,ts ts,typescript ts,tsx ts,xml xml,svg xml,yaml yaml,yml yaml"
    .split(",")
    .map((pair) => pair.split(" ")),
);

/** Highlights complete code in an element with its language's class, without changing its nodes. */
export async function highlightCode(code) {
  if (globalThis.Highlight === undefined || CSS.highlights === undefined) return;
  const language = names.get(/^language-(.+)$/u.exec(code.className)?.[1]?.toLowerCase() ?? "");
  const text = code.textContent;
  if (language === undefined || text.length > maxChars || code.childNodes.length !== 1) return;
  const [{ tokenizer }, first] = await Promise.all([
    import("@speed-highlight/core/tokenize"),
    languageOf(language),
  ]);
  if (first === undefined || code.textContent !== text) return;
  let at = 0;
  const [node] = code.childNodes;
  const tokens = tokenizer(text, first, (piece, type) => {
    const [startOffset, endOffset] = [at, at + piece.length];
    at = endOffset;
    // A StaticRange costs nothing when the code is removed.
    const range = () => new StaticRange({ startContainer: node, startOffset, endContainer: node, endOffset });
    if (type !== undefined && type !== null) highlight(type).add(range());
  });
  let step = tokens.next();
  while (!step.done) step = tokens.next(await languageOf(step.value));
}

function highlight(type) {
  const name = `code-${type}`;
  if (!CSS.highlights.has(name)) CSS.highlights.set(name, new Highlight());
  return CSS.highlights.get(name);
}

/** Undefined if there is no such language. */
async function languageOf(name) {
  if (!/^[\w-]{1,20}$/u.test(name)) return undefined;
  return import(`../packages/language-${name}.js`).then(
    (module) => module.default,
    () => undefined,
  );
}
