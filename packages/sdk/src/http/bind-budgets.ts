import type { Limit } from "../connector/limit.ts";
import { toMs } from "../duration.ts";
import type { BudgetUse, ParsedLimit, SharedBudget } from "./budget.ts";
import { matchEndpoint } from "./endpoints.ts";
import type { Addressed } from "./endpoints.ts";

/** The connection whose calls are counted. */
export interface BudgetOwner {
  readonly connector: string;
  readonly tenant: string;
  /** The connection's id. */
  readonly id: string;
  /** The account at the provider. Default: the connection has one of its own. */
  readonly account?: string;
  /** The path of the base URL. Default: none. */
  readonly basePath?: string;
}

/** A limit in its budget. */
export interface BoundLimit {
  readonly declared: Limit;
  readonly budget: SharedBudget;
  /** Its place among the budget's limits. */
  readonly index: number;
}

/** The budgets of one connection. */
export interface BoundBudgets {
  readonly own: SharedBudget;
  readonly limits: readonly BoundLimit[];
  /** What a request uses; the same list for the same kind of request. */
  usesOf(request: Addressed): readonly BudgetUse[];
}

/** Kinds of requests that are remembered: operations are few, but paths are not. */
const mostRemembered = 1_000;

/** Finds the budgets that a connection's calls use, by the limits in force for it. */
export function bindBudgets(owner: BudgetOwner, limits: readonly Limit[]): BoundBudgets {
  const groups = new Map<string, { readonly tenant: string; readonly of: Limit[] }>();
  for (const limit of limits) {
    const { key, tenant } = addressOf(owner, limit);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { tenant, of: [limit] });
    else group.of.push(limit);
  }
  const budgets = [...groups].map(([key, { tenant, of }]) => ({ budget: { key, tenant, limits: of.map(parseLimit) }, of }));
  const { key, tenant } = addressOf(owner, {});
  const own = budgets.find(({ budget }) => budget.key === key)?.budget ?? { key, tenant, limits: [] };
  const matchers = budgets.map(({ budget, of }) => matcherOf(owner, budget, of));
  const byPath = limits.some(({ endpoint, costs }) => [endpoint ?? "", ...Object.keys(costs ?? {})].some((name) => name.includes(" ")));
  const remembered = new Map<string, readonly BudgetUse[]>();
  return {
    own,
    limits: budgets.flatMap(({ budget, of }) => of.map((declared, index) => ({ declared, budget, index }))),
    usesOf: (request) => {
      const name = byPath ? `${request.label} ${request.method} ${request.path}` : request.label;
      const known = remembered.get(name);
      if (known !== undefined) return known;
      const uses = matchers.flatMap((match) => match(request) ?? []);
      if (remembered.size < mostRemembered) remembered.set(name, uses);
      return uses;
    },
  };
}

function matcherOf(owner: BudgetOwner, budget: SharedBudget, limits: readonly Limit[]): (request: Addressed) => BudgetUse | undefined {
  const match = (endpoint: string): ((request: Addressed) => boolean) => matchEndpoint(endpoint, owner.connector, owner.basePath ?? "");
  // All limits of a budget are to the same endpoint: it is part of its key.
  const [{ endpoint } = {}] = limits;
  const counts = endpoint === undefined ? () => true : match(endpoint);
  const costs = limits.map(({ cost = 1, costs: byEndpoint }) => ({
    cost,
    rows: Object.entries(byEndpoint ?? {}).map(([name, dear]) => ({ fits: match(name), dear })),
  }));
  return (request) => {
    if (!counts(request)) return undefined;
    return { budget, costs: costs.map(({ cost, rows }) => rows.find(({ fits }) => fits(request))?.dear ?? cost) };
  };
}

function addressOf({ tenant, id, connector, account }: BudgetOwner, { scope, endpoint }: Limit): { key: string; tenant: string } {
  const suffix = endpoint === undefined ? "" : ` ${endpoint}`;
  if (scope === "app") return { key: `app:${connector}${suffix}`, tenant: "" };
  if (scope === "tenant") return { key: `tenant:${connector}${suffix}`, tenant };
  if (scope === "account" && account !== undefined) return { key: `account:${connector}/${account}${suffix}`, tenant: "" };
  return { key: `connection:${id}${suffix}`, tenant };
}

function parseLimit({ requests, per, concurrent, align, reserve }: Limit): ParsedLimit {
  return {
    requests: requests ?? Number.POSITIVE_INFINITY,
    perMs: per === undefined ? 1_000 : toMs(per),
    concurrent: concurrent ?? Number.POSITIVE_INFINITY,
    ...(align !== undefined && { align }),
    ...(reserve !== undefined && { reserve }),
  };
}
