import { describe } from "vitest";

import { whenWritableContract } from "../../contracts/when-writable-contract.ts";
import { openReplicas } from "../../support/web/open-replicas.ts";

describe("the web chat's rate plan", () => {
  whenWritableContract(
    async () => {
      const replicas = openReplicas();
      const { web } = await replicas.open();
      const to = { platform: "web", target: { user: "u1", conversation: "c1" } };
      return { platform: web, to, [Symbol.asyncDispose]: () => replicas[Symbol.asyncDispose]() };
    },
    { isLimited: false, answers: 2 },
  );
});
