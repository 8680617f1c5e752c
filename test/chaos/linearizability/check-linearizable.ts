/** One call by one of several clients that act at once. */
export interface Call<Input, Output> {
  readonly client: string;
  readonly input: Input;
  readonly output: Output;
  /** Any two orders that rise with time: when the call was made, and when its answer was there. */
  readonly calledAt: number;
  readonly answeredAt: number;
}

/** What an object does when its calls come one after the other. */
export interface SequentialModel<State, Input, Output> {
  readonly initial: State;
  /** The state after the call, or undefined when it could not have had this answer. `alone`: no other call overlapped it. */
  readonly step: (state: State, input: Input, output: Output, alone: boolean) => State | undefined;
}

/**
 * Whether the calls can be put in one order that the model allows and that keeps every call after those which were answered before it was made. Such an order is
 * searched for depth first; states that were reached with the same calls are tried once.
 *
 * @returns the order, or undefined when there is none.
 * @see Herlihy, Wing: Linearizability: A Correctness Condition for Concurrent Objects, TOPLAS 12 (1990)
 */
export function findLinearization<State, Input, Output>(
  calls: readonly Call<Input, Output>[],
  model: SequentialModel<State, Input, Output>,
): readonly Call<Input, Output>[] | undefined {
  const sorted = calls.toSorted((a, b) => a.calledAt - b.calledAt);
  const alone = sorted.map((call) => !sorted.some((other) => other !== call && overlap(call, other)));
  const tried = new Set<string>();

  const search = (done: ReadonlySet<number>, state: State): readonly number[] | undefined => {
    if (done.size === sorted.length) return [];
    const key = `${[...done].toSorted((a, b) => a - b).join(",")} ${JSON.stringify(state)}`;
    if (tried.has(key)) return undefined;
    tried.add(key);
    const open = sorted.map((_, index) => index).filter((index) => !done.has(index));
    const firstAnswer = Math.min(...open.map((index) => sorted[index]?.answeredAt ?? Number.POSITIVE_INFINITY));
    for (const index of open) {
      const call = sorted[index];
      // Called only after another open call was answered: that one comes first.
      if (call === undefined || call.calledAt > firstAnswer) continue;
      const next = model.step(state, call.input, call.output, alone[index] === true);
      if (next === undefined) continue;
      const rest = search(new Set([...done, index]), next);
      if (rest !== undefined) return [index, ...rest];
    }
    return undefined;
  };

  return search(new Set(), model.initial)?.flatMap((index) => sorted[index] ?? []);
}

function overlap(a: Call<unknown, unknown>, b: Call<unknown, unknown>): boolean {
  return a.calledAt < b.answeredAt && b.calledAt < a.answeredAt;
}
