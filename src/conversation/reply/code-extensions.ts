/**
 * The words that models write behind a fence, by extension. The names and aliases are those of GitHub's Linguist, for the
 * languages that people ask for.
 * https://github.com/github-linguist/linguist/blob/main/lib/linguist/languages.yml
 */
const programs: Readonly<Record<string, string>> = {
  py: "python py python3 py3",
  js: "javascript js node mjs",
  jsx: "jsx",
  ts: "typescript ts",
  tsx: "tsx",
  java: "java",
  kt: "kotlin kt",
  scala: "scala",
  go: "go golang",
  rs: "rust rs",
  c: "c",
  h: "h",
  cpp: "cpp c++ cc cxx",
  cs: "csharp cs c#",
  fs: "fsharp f# fs",
  swift: "swift",
  m: "objective-c objectivec objc matlab octave",
  rb: "ruby rb",
  php: "php",
  pl: "perl pl",
  lua: "lua",
  r: "r",
  jl: "julia jl",
  dart: "dart",
  ex: "elixir ex exs",
  erl: "erlang erl",
  hs: "haskell hs",
  clj: "clojure clj",
  ml: "ocaml ml",
  zig: "zig",
  sh: "bash sh shell zsh shellscript",
  fish: "fish",
  ps1: "powershell ps1 pwsh",
  bat: "batch bat cmd",
  vb: "vbnet vb",
  asm: "asm assembly nasm",
  sol: "solidity sol",
  groovy: "groovy",
};

const others: Readonly<Record<string, string>> = {
  json: "json json5 jsonc",
  jsonl: "jsonl ndjson",
  yaml: "yaml yml",
  toml: "toml",
  xml: "xml",
  svg: "svg",
  html: "html htm xhtml",
  css: "css",
  scss: "scss sass",
  less: "less",
  sql: "sql postgresql postgres mysql sqlite plsql tsql",
  graphql: "graphql gql",
  proto: "protobuf proto",
  csv: "csv",
  tsv: "tsv",
  md: "markdown md mdx",
  tex: "latex tex",
  diff: "diff patch",
  ini: "ini dosini properties",
  tf: "terraform hcl tf",
  dockerfile: "dockerfile docker",
  mk: "makefile make",
  vue: "vue",
  svelte: "svelte",
  log: "log",
  mmd: "mermaid",
};

const extensions = new Map([...entriesOf(programs), ...entriesOf(others)]);
const programWords = new Set(entriesOf(programs).map(([word]) => word));

/** The extension of a file in this language: the first word behind a fence. Unknown ones get `txt`. */
export function extensionOf(language: string): string {
  return extensions.get(language.toLowerCase()) ?? "txt";
}

/** Whether it is a programming language, and not data or markup. */
export function isProgram(language: string): boolean {
  return programWords.has(language.toLowerCase());
}

function entriesOf(table: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(table).flatMap(([extension, words]) =>
    words.split(" ").map((word) => [word, extension] as const),
  );
}
