import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";
import { z } from "zod";

const root = new URL("../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

const entry = z.object({ resolved: z.string().optional(), integrity: z.string().default("") });
const lockFile = z.object({ packages: z.record(z.string(), entry) });
const versions = z.record(z.string(), z.string());
const manifest = z.object({
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
});

const { packages } = lockFile.parse(JSON.parse(read("package-lock.json")));
const installed = Object.entries(packages).filter(([path]) => path !== "");

test("every package in the lock file has its integrity, also those of other machines", () => {
  expect(installed.length).toBeGreaterThan(100);
  const unchecked = installed.filter(([, { integrity }]) => !integrity.startsWith("sha512-"));
  expect(unchecked.map(([path]) => path)).toEqual([]);
});

test("no package of the lock file comes from outside of the registry", () => {
  const elsewhere = installed.filter(
    ([, { resolved }]) => resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/"),
  );
  expect(elsewhere.map(([path]) => path)).toEqual([]);
});

test("dependencies have exact versions, and no package runs scripts when it is installed", () => {
  const all = manifest.parse(JSON.parse(read("package.json")));
  const ranges = Object.values(all).flatMap((each) =>
    Object.entries(each).filter(([, version]) => !/^\d+\.\d+\.\d+$/u.test(version)),
  );
  expect(ranges).toEqual([]);
  expect(read(".npmrc")).toMatch(/^ignore-scripts=true$/mu);
});

test("images are pinned by digest", () => {
  const images = [
    ...read("Dockerfile").matchAll(/^FROM\s+(?<image>\S+)/gmu),
    ...read("compose.yaml").matchAll(/^\s*image:\s*(?<image>\S+)/gmu),
  ].map((match) => match.groups?.["image"] ?? "");
  expect(images.length).toBeGreaterThan(3);
  expect(images.filter((image) => !/@sha256:[0-9a-f]{64}$/u.test(image))).toEqual([]);
  expect(read("Dockerfile")).not.toMatch(/^# *syntax=/mu);
});

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
});
