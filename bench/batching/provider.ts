import { Secret } from "@belay/sdk";
import { simulate, type Simulator } from "@belay/testkit";
import { type Safety, sinks } from "./belay.config.ts";

/** The provider, on loopback: its calls take a while, as a provider's do that writes 100 records. */
export interface Provider extends AsyncDisposable {
  readonly url: string;
  /** How many items it has taken, doubles included. */
  taken(): number;
  /** How many calls for many it was asked, whatever it answered. */
  calls(): number;
  /** Names that it was made to hold more than once, and how many different ones it holds. */
  count(): { readonly doubled: number; readonly different: number };
}

const account = "bench";

/** `refuses`: names that it never takes. `planted`: names that it has from the start, and takes only once; without any it takes all as often as they come. */
export async function startProvider(safety: Safety, refuses: (name: string) => boolean, planted: readonly string[]): Promise<Provider> {
  const simulator: Simulator = await simulate(sinks[safety], {
    accounts: { [account]: { token: new Secret("bench-token") } },
    // A double has to be seen here, not refused.
    ...(planted.length === 0 && { resources: { record: { unique: [] } } }),
  });
  for (const name of planted) {
    const { status } = await fetch(`${simulator.url(account)}/records`, {
      method: "POST",
      headers: { authorization: "Bearer bench-token", "content-type": "application/json" },
      body: JSON.stringify({ name }),
      signal: AbortSignal.timeout(5_000),
    });
    if (status !== 201) throw new Error(`The provider could not be given a record: ${status}.`);
  }
  simulator.setFaults({ slow: 1, slowMs: [40, 80] });
  simulator.refuse(({ fields }) => refuses(String(fields["name"])));
  const names = (): readonly string[] =>
    simulator
      .writes("record")
      .slice(planted.length)
      .map(({ fields }) => String(fields["name"]));
  return {
    url: simulator.url(account),
    taken: () => names().length,
    calls: () => simulator.history().filter(({ path }) => path === "/records/batch").length,
    count: () => {
      const all = names();
      const different = new Set(all).size;
      return { doubled: all.length - different, different };
    },
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}
