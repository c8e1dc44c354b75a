import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const documents = globSync(["*.md", "docs/**/*.md", "src/**/*.md", ".github/**/*.md"], { cwd: root });
/** They tell what was, under the names of that time. */
const past = new Set(["CHANGELOG.md"]);

/** The files and folders that a document names in backticks, as it writes them. */
function pathsIn(text: string): readonly string[] {
  return [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`/gu)].map(([, path = ""]) => path);
}

function linksIn(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/gu)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/iu.test(link));
}

/** A path may be written from the root, from `src` or `test`, or from the document's own folder. */
function exists(document: string, path: string): boolean {
  return ["", "src", "test", dirname(document)].some((base) => existsSync(join(root, base, path)));
}

test.each(documents.filter((each) => !past.has(each)))("every path in %s exists", (document) => {
  const text = readFileSync(join(root, document), "utf8");
  const sources = pathsIn(text).filter((path) =>
    /^(?:src|test|docs|bench|domain|ports|conversation|commands|platforms|models|storage|engine|runtime|config|cli)\//u.test(
      path,
    ),
  );
  expect(sources.filter((path) => !exists(document, path))).toEqual([]);
  const links = linksIn(text);
  expect(links.filter((link) => !existsSync(join(root, dirname(document), link)))).toEqual([]);
});

test("a path that does not exist is found", () => {
  expect(pathsIn("see `src/nowhere/at-all.ts` and [here](docs/none.md)")).toEqual(["src/nowhere/at-all.ts"]);
  expect(linksIn("see [here](docs/none.md) and [there](https://example.com)")).toEqual(["docs/none.md"]);
  expect(exists("README.md", "src/nowhere/at-all.ts")).toBe(false);
});
