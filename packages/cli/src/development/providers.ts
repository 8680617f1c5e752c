import type { Config } from "@belay/sdk";
import type { Belay } from "@belay/server";
import { firstEvents, openSimulation } from "./open-simulation.ts";
import type { OpenSimulation } from "./open-simulation.ts";
import { sameProviders } from "./same-providers.ts";

export interface ProvidersOptions {
  readonly perMinute: number;
  readonly seed: number;
  /** Hears of what happens, a line each. */
  readonly happened: (line: string) => void;
}

/** The simulated providers and what happens at them, from one configuration to the next. */
export class Providers implements AsyncDisposable {
  readonly #perMinute: number;
  readonly #seed: number;
  readonly #happened: (line: string) => void;
  #config: Config;
  #simulation: OpenSimulation;
  #happening: Disposable | undefined;
  #rounds = 0;

  private constructor(config: Config, simulation: OpenSimulation, { perMinute, seed, happened }: ProvidersOptions) {
    this.#config = config;
    this.#simulation = simulation;
    this.#perMinute = perMinute;
    this.#seed = seed;
    this.#happened = happened;
  }

  static async open(url: string, config: Config, options: ProvidersOptions): Promise<Providers> {
    return new Providers(config, await openSimulation(url, config, options.seed, options.happened), options);
  }

  get simulation(): OpenSimulation {
    return this.#simulation;
  }

  /** Lets things happen, the first at once. */
  start(belay: Belay): void {
    this.#simulation.deliverTo(belay.url);
    this.#happening = this.#simulation.start(this.#config, firstEvents, this.#perMinute);
  }

  /**
   * Lets Belay run another state of the configuration. Providers that changed begin anew, without their records and with other events.
   *
   * @throws what `Belay.reload` throws; then everything is as before.
   */
  async reload(belay: Belay, config: Config, url: string): Promise<string | undefined> {
    if (sameProviders(this.#config, config)) {
      await belay.reload(this.#simulation.overlaid(url));
      this.#config = config;
      this.#happening?.[Symbol.dispose]();
      this.#happening = this.#simulation.start(config, 0, this.#perMinute);
      return undefined;
    }
    const next = await openSimulation(url, config, this.#seed + (this.#rounds += 1), this.#happened);
    try {
      await belay.reload(next.configUrl);
    } catch (error) {
      await next[Symbol.asyncDispose]();
      throw error;
    }
    const before = this.#simulation;
    this.#config = config;
    this.#simulation = next;
    this.#happening?.[Symbol.dispose]();
    await before[Symbol.asyncDispose]();
    this.start(belay);
    return "the simulated providers begin anew";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#happening?.[Symbol.dispose]();
    await this.#simulation[Symbol.asyncDispose]();
  }
}
