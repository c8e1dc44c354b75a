import { setFlagsFromString } from "node:v8";

/**
 * Sets the flags of V8 that the program runs with. Compiled code, also Node's own, is valid for the flags that it was compiled
 * with. So call it late: before the first thread, which must not see them change while it loads, and when everything is loaded.
 */
export function setV8Flags(): void {
  // Node strips types with WebAssembly. When V8 replaces the calls out of WebAssembly by faster ones, it sometimes reads freed
  // memory and crashes (seen in Node 24.21: Runtime_TierUpWasmToJSWrapper, WasmEngine::FreeDeadCode, NativeModule::FreeCode).
  // This budget prevents the replacement. It counts for WebAssembly that is loaded from now on.
  setFlagsFromString("--wasm-wrapper-tiering-budget=1000000000");
  // As in idle-memory.ts, which says why.
  setFlagsFromString("--no-memory-saver-mode");
  // V8 compiles a function with TurboFan after 3,000 calls. A team writes some hundred messages a day: it would wait for weeks.
  setFlagsFromString("--invocation-count-for-turbofan=600");
}
