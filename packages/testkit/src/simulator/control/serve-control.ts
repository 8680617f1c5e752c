import type { Simulator } from "../simulate.ts";
import { headerOf } from "../wire.ts";
import type { Exchange, WireOutcome, WireRequest } from "../wire.ts";
import { readCommand } from "./read-command.ts";
import type { Command } from "./read-command.ts";

/** No account can have this name: it begins with an underscore, which ids of connections do not. */
const prefix = "/_simulator";

/** Puts the control API in front of the provider's own. `simulator` gives it as soon as it is there. */
export function withControl(exchange: Exchange, simulator: () => Simulator | undefined): Exchange {
  return async (request, clientGone) => {
    const { pathname, searchParams } = new URL(request.path, request.origin);
    if (pathname !== prefix && !pathname.startsWith(`${prefix}/`)) return exchange(request, clientGone);
    const running = simulator();
    if (running === undefined) return answer(503, { error: "The simulator is starting." });
    try {
      return await serve(running, request, pathname.slice(prefix.length), searchParams.get("account") ?? undefined);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return answer(400, { error: error.message });
    }
  };
}

async function serve(simulator: Simulator, request: WireRequest, path: string, account: string | undefined): Promise<WireOutcome> {
  if (request.method === "GET" && path === "") return answer(200, describe(simulator));
  if (request.method === "GET" && path === "/history") return answer(200, simulator.history(account));
  if (request.method === "GET" && path === "/webhooks") return answer(200, simulator.webhooks.deliveries(account));
  // A web page can send anything else to loopback without being asked; for JSON its browser asks first, and gets no leave.
  if (!headerOf(request.headers, "content-type")?.startsWith("application/json")) {
    return answer(415, { error: "Send JSON, with content-type: application/json." });
  }
  const command = readCommand(`${request.method} ${path}`, parse(request.body));
  if (command === undefined)
    return answer(404, { error: `There is no ${request.method} ${prefix}${path}. GET ${prefix} lists what there is.` });
  return answer(200, await obey(simulator, command));
}

async function obey(simulator: Simulator, command: Command): Promise<unknown> {
  const first = simulator.accounts[0] ?? "";
  switch (command.kind) {
    case "send": {
      const { account = first, type, payload, faults } = command;
      const { payload: sent, ...event } = await simulator.webhooks.send(account, type, {
        ...(payload && { payload }),
        ...(faults && { faults }),
      });
      return { event: { ...event, payload: sent } };
    }
    case "redeliver":
      await simulator.webhooks.redeliver(command.event);
      return { redelivered: command.event };
    case "subscribe":
      simulator.webhooks.subscribe(command.account ?? first, command.endpoint);
      return { subscribed: command.endpoint.url };
    case "fault-rates":
      simulator.setFaults(command.rates, command.account);
      return { faults: command.rates };
    case "fault-rule":
      simulator.addFault(command.rule);
      return { rule: command.rule };
    case "webhook-faults":
      simulator.webhooks.setFaults(command.rates, command.account);
      return { faults: command.rates };
  }
}

function describe({ accounts, resources, url }: Simulator): unknown {
  return {
    accounts: Object.fromEntries(accounts.map((account) => [account, url(account)])),
    resources,
    control: [
      `GET ${prefix}/history?account=`,
      `GET ${prefix}/webhooks?account=`,
      `POST ${prefix}/webhooks { account, type, payload, faults: { drops, copies, delayMs, overtaken } }`,
      `POST ${prefix}/redeliver { event }`,
      `POST ${prefix}/endpoints { account, url, secret, types }`,
      `PUT ${prefix}/faults { account, tooManyRequests, serverError, unavailable, timeoutAfterCommit, resetBeforeCommit, slow }`,
      `POST ${prefix}/faults { account, method, path, after, times, fault: { kind } }`,
      `PUT ${prefix}/webhook-faults { account, dropped, doubled, delayed, reordered }`,
    ],
  };
}

function parse(body: string): unknown {
  try {
    return body === "" ? {} : JSON.parse(body);
  } catch {
    throw new TypeError("The body is not JSON.");
  }
}

function answer(status: number, body: unknown): WireOutcome {
  return {
    kind: "answer",
    answer: { status, headers: { "content-type": "application/json; charset=utf-8" }, body: `${JSON.stringify(body, undefined, 2)}\n` },
  };
}
