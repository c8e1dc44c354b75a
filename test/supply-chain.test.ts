import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";
import { z } from "zod";

import { lockFaults } from "./support/lock-faults.ts";

const root = new URL("../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

const versions = z.record(z.string(), z.string());
const manifest = z.object({
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
});
const benchManifest = z.object({ dependencies: versions });

const lock = read("package-lock.json");
/** Stands for packages that another one asks for and does not need. */
const aliases = new Map([
  ["sqlite3", "empty-npm-package"],
  ["@napi-rs/canvas", "empty-npm-package"],
]);

test("every package in the lock files has its integrity, also those of other machines", () => {
  for (const path of ["package-lock.json", "bench/package-lock.json"]) {
    expect(lockFaults(read(path), aliases)).toEqual([]);
    expect(read(path).match(/"integrity"/gu)?.length).toBeGreaterThan(100);
  }
});

const good = `sha512-${"a".repeat(86)}==`;
test.each([
  ["no integrity", { integrity: undefined }],
  ["an empty one", { integrity: "sha512-" }],
  ["one that npm can't read", { integrity: "sha512-changed" }],
  ["a weaker one", { integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" }],
  ["a second one beside it", { integrity: `${good} ${good.replaceAll("a", "b")}` }],
  ["a file from elsewhere", { resolved: "https://registry.npmjs.org.evil.example/zod/-/zod-4.6.7.tgz" }],
  ["another package's file", { resolved: "https://registry.npmjs.org/evil/-/evil-4.6.7.tgz" }],
  ["another version's file", { resolved: "https://registry.npmjs.org/zod/-/zod-4.6.6.tgz" }],
  ["a repository", { resolved: "git+ssh://git@github.com/evil/zod.git#0123456" }],
  ["a folder", { resolved: "../zod", link: true }],
  ["a part of another package", { inBundle: true }],
  ["another package under its name", { name: "evil" }],
  ["a version that is a range", { version: "^4.6.7" }],
])("a lock file with a package of %s is detected", (_, change) => {
  const changed = z
    .looseObject({ packages: z.record(z.string(), z.looseObject({})) })
    .parse(JSON.parse(lock));
  changed.packages["node_modules/zod"] = { ...changed.packages["node_modules/zod"], ...change };
  expect(lockFaults(JSON.stringify(changed), aliases).join()).toContain("node_modules/zod: ");
});

test("dependencies have exact versions, and no package runs scripts when it is installed", () => {
  const all = manifest.parse(JSON.parse(read("package.json")));
  const bench = benchManifest.parse(JSON.parse(read("bench/package.json")));
  const ranges = Object.values({ ...all, bench: bench.dependencies }).flatMap((each) =>
    Object.entries(each).filter(([, version]) => !/^\d+\.\d+\.\d+$/u.test(version)),
  );
  expect(ranges).toEqual([]);
  // npm reads the one that stands beside the manifest only.
  for (const path of [".npmrc", "bench/.npmrc"]) {
    expect(read(path)).toBe("ignore-scripts=true\nloglevel=error\n");
  }
});

test("the comparison bench measures the packages that the bot has, in the same versions", () => {
  const { dependencies } = manifest.parse(JSON.parse(read("package.json")));
  const bench = benchManifest.parse(JSON.parse(read("bench/package.json"))).dependencies;
  const shared = Object.keys(bench).filter((name) => name in dependencies);
  expect(shared).toContain("openai");
  expect(shared.filter((name) => bench[name] !== dependencies[name])).toEqual([]);
});

test("images are pinned by digest", () => {
  const images = [
    ...read("Dockerfile").matchAll(/^FROM\s+(?<image>\S+)/gmu),
    ...read("Dockerfile").matchAll(/--from=(?<image>(?!dependencies\b)\S+)/gu),
    ...read("compose.yaml").matchAll(/^\s*image:\s*(?<image>\S+)/gmu),
  ].map((match) => match.groups?.["image"] ?? "");
  expect(images.length).toBeGreaterThan(3);
  expect(images.filter((image) => !/@sha256:[0-9a-f]{64}$/u.test(image))).toEqual([]);
  expect(read("Dockerfile")).not.toMatch(/^# *syntax=/mu);
});

/** What fetches something that no digest was written down for. */
const unpinned =
  /\b(?:curl|wget|npx|pip3?|npm (?:i|install|exec)|docker:\/\/)|^[ \t]*(?:container|image):[ \t]*\S/mu;

test("actions are pinned by commit", () => {
  const workflows = readdirSync(new URL(".github/workflows/", root));
  const actions = workflows.flatMap((file) =>
    Array.from(read(`.github/workflows/${file}`).matchAll(/^\s*(?:- )?uses:\s*(?<action>\S+)/gmu)),
  );
  expect(actions.length).toBeGreaterThan(1);
  const floating = actions
    .map((match) => match.groups?.["action"] ?? "")
    .filter((action) => !/@[0-9a-f]{40}$/u.test(action));
  expect(floating).toEqual([]);
  const others = [...workflows.map((file) => `.github/workflows/${file}`), "Dockerfile"].filter((file) =>
    unpinned.test(read(file)),
  );
  expect(others).toEqual([]);
});
