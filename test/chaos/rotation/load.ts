import { setTimeout as pause } from "node:timers/promises";
import { Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import type { OAuthServer } from "../../oauth/start-oauth-server.ts";
import type { FarEnds, Target } from "./far-ends.ts";
import type { Installation } from "./installation.ts";
import { hooksEndpoint, signatureHeader } from "./names.ts";
import type { Tally } from "./tally.ts";

/** What callers use now; a rotation changes it when its far end would. */
export interface CallersSecrets {
  webhook: string;
  deskWebhook: string;
  apiKey: string;
  adminToken: string;
}

export interface LoadParts {
  readonly installation: Pick<Installation, "send">;
  readonly farEnds: Pick<FarEnds, "written">;
  readonly operators: Pick<OAuthServer, "agree">;
  readonly tally: Tally;
  readonly secrets: CallersSecrets;
  /** Of the connection that was made by the form. */
  readonly desk: { readonly id: string; readonly ingestPath: string };
}

interface Caller {
  readonly what: string;
  readonly everyMs: number;
  /** @returns why it failed. */
  readonly call: () => Promise<string | undefined>;
}

const signature = hmacSignature({ header: signatureHeader });
const eventTypes = ["ledger", "crm", "desk"] as const;
/** Slower callers wait for their answers before they ask again. */
const mostAtOnce = 20;

/** Everybody who calls Belay, all the time. */
export class Load {
  readonly #parts: LoadParts;
  readonly #stop = new AbortController();
  readonly #loops: Promise<void>[];
  /** Events that were acknowledged, by where they have to arrive. */
  readonly #accepted: Record<Target, Set<string>> = { ledger: new Set(), crm: new Set(), desk: new Set() };
  #number = 0;

  constructor(parts: LoadParts) {
    this.#parts = parts;
    const { secrets, desk } = parts;
    const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    const callers: Caller[] = [
      { what: "webhook", everyMs: 100, call: () => this.#sendHook() },
      { what: "webhook of a stored connection", everyMs: 200, call: () => this.#sendNote() },
      { what: "API by key", everyMs: 250, call: () => this.#ask("/v1/connections?limit=2", bearer(secrets.apiKey)) },
      { what: "API by admin token", everyMs: 250, call: () => this.#ask("/v1/session", bearer(secrets.adminToken)) },
      ...["ledger", "crm", desk.id].map((connection) => ({
        what: `proxy to ${connection === desk.id ? "desk" : connection}`,
        everyMs: 300,
        call: () => this.#ask(`/v1/proxy/${connection}/entries`, bearer(secrets.apiKey)),
      })),
      { what: "sign-in", everyMs: 1_000, call: () => this.#signIn() },
    ];
    this.#loops = callers.map((caller) => this.#run(caller));
  }

  /** No more calls; those under way end. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
  }

  /** Acknowledged events whose effect is not at the provider. */
  get missing(): string[] {
    const { written } = this.#parts.farEnds;
    return eventTypes.flatMap((target) =>
      [...this.#accepted[target]].filter((id) => !written[target].has(id)).map((id) => `${target} ${id}`),
    );
  }

  get accepted(): number {
    return eventTypes.reduce((sum, target) => sum + this.#accepted[target].size, 0);
  }

  async #run({ what, everyMs, call }: Caller): Promise<void> {
    const { tally } = this.#parts;
    const running = new Set<Promise<void>>();
    while (!this.#stop.signal.aborted) {
      if (running.size < mostAtOnce) {
        const { phase } = tally;
        const one = call()
          .catch((error: unknown) => (error instanceof Error ? `${error.name} ${error.message}` : String(error)))
          .then((failure) => tally.add(what, failure, phase))
          .finally(() => running.delete(one));
        running.add(one);
      }
      await pause(everyMs);
    }
    await Promise.all(running);
  }

  async #ask(path: string, init: RequestInit): Promise<string | undefined> {
    const response = await this.#parts.installation.send(path, init);
    return response.ok ? undefined : await describe(response);
  }

  async #sendHook(): Promise<string | undefined> {
    const id = `hook-${(this.#number += 1)}`;
    const type = eventTypes[this.#number % eventTypes.length] ?? "ledger";
    return await this.#deliver(`/in/${hooksEndpoint}`, { id, type }, this.#parts.secrets.webhook, type);
  }

  async #sendNote(): Promise<string | undefined> {
    const id = `note-${(this.#number += 1)}`;
    return await this.#deliver(this.#parts.desk.ingestPath, { id, type: "noted" }, this.#parts.secrets.deskWebhook, "ledger");
  }

  async #deliver(
    path: string,
    event: { readonly id: string; readonly type: string },
    secret: string,
    target: Target,
  ): Promise<string | undefined> {
    const body = Buffer.from(JSON.stringify(event));
    const signed = signature.sign(body, new Secret(secret), new Date(), "");
    const headers = { ...signed, "content-type": "application/json" };
    const failure = await this.#ask(path, { method: "POST", headers, body });
    if (failure === undefined) this.#accepted[target].add(event.id);
    return failure;
  }

  /** As a browser does: to the provider, where the user agrees, and back, maybe to another process. */
  async #signIn(): Promise<string | undefined> {
    const { installation, operators } = this.#parts;
    const begun = await installation.send("/sign-in/oidc");
    const location = begun.headers.get("location");
    const cookie = (begun.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
    if (location === null) return await describe(begun);
    const back = new URL(await operators.agree(location));
    const ended = await installation.send(back.pathname + back.search, { headers: { cookie } });
    const isIn = ended.headers.getSetCookie().some((each) => each.startsWith("belay=") && !each.startsWith("belay=;"));
    return isIn ? undefined : `${ended.status} ${ended.headers.get("location") ?? ""}`;
  }
}

async function describe(response: Response): Promise<string> {
  const text = await response.text();
  return `${response.status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 80)}`;
}
