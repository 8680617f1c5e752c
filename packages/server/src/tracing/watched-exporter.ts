/** As exporters of spans and of log lines have it in common. */
interface Exporter<Item> {
  export(items: Item[], done: (result: { readonly code: number; readonly error?: Error }) => void): void;
  shutdown(): Promise<void>;
  forceFlush(): Promise<void>;
}

/** Tells how each sending ended; the batching in front of it keeps that to itself. */
export function watched<Item>(exporter: Exporter<Item>, onEnd: (error: Error | undefined) => void): Exporter<Item> {
  return {
    export: (items, done) =>
      exporter.export(items, (result) => {
        onEnd(result.code === 0 ? undefined : (result.error ?? new Error("The collector did not take it.")));
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  };
}
