import { SqliteLocks } from "../../../src/storage/sqlite/stores/sqlite-locks.ts";
import { locksContract } from "../../contracts/locks-contract.ts";

locksContract(async () => ({ locks: new SqliteLocks(), [Symbol.asyncDispose]: async () => undefined }));
