/**
 * Time that never goes back and never stands still: the larger of what the machine's two clocks say has passed. One is set now and then, the other stops while the machine sleeps; a permit
 * that is held by the slower of the two would outlive its time.
 *
 * @returns milliseconds since it was made.
 */
export function steadyClock(wallMs: () => number, monotonicMs: () => number): () => number {
  const [wall, monotonic] = [wallMs(), monotonicMs()];
  let newest = 0;
  return () => {
    newest = Math.max(newest, wallMs() - wall, monotonicMs() - monotonic);
    return newest;
  };
}
