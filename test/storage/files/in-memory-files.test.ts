import { describe } from "vitest";

import { systemClock } from "../../../src/runtime/clock.ts";
import { contractLimits, fileStoreContract } from "../../contracts/file-store-contract.ts";
import { InMemoryFiles } from "../../support/core/in-memory-files.ts";

describe("the file store of the core's test benches", () => {
  fileStoreContract(async () => {
    const files = new InMemoryFiles(systemClock, contractLimits);
    return { files, other: files, [Symbol.asyncDispose]: () => files[Symbol.asyncDispose]() };
  });
});
