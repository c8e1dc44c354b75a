/** Whoever stops the bench leaves no server behind. */
export function endedBySignal(opened: AsyncDisposable): Disposable {
  const stop = (): void => {
    const closed = opened[Symbol.asyncDispose]();
    closed.then(
      () => process.exit(1),
      () => process.exit(1),
    );
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  return { [Symbol.dispose]: () => void process.off("SIGINT", stop).off("SIGTERM", stop) };
}
