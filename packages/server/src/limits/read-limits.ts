import type { Connection, ConnectorDefinition } from "@belay/sdk";
import { bindBudgets, type SharedBudget } from "@belay/sdk/http";
import type { Db } from "../db/index.ts";
import { readBudgets } from "./store.ts";
import { tellBudget, type ToldBudget } from "./tell-budget.ts";

/** How everything stands that calls of a connection use up: its own budgets, and those that it shares. */
export async function readLimits(db: Db, connector: ConnectorDefinition, connection: Connection): Promise<readonly ToldBudget[]> {
  const { id, tenant, account } = connection;
  const owner = { connector: connector.id, tenant, id, ...(account !== undefined && { account }) };
  const { own, limits } = bindBudgets(owner, connection.limits ?? connector.limits ?? []);
  // Its own comes first, also where it has no limits: a provider may have closed it.
  const budgets = new Map<string, SharedBudget>([own, ...limits.map(({ budget }) => budget)].map((budget) => [budget.key, budget]));
  const endpoints = new Map(
    limits.flatMap(({ budget, declared }) => (declared.endpoint === undefined ? [] : [[budget.key, declared.endpoint]])),
  );
  const { rows, nowMs } = await readBudgets(db, [...budgets.values()]);
  return rows.flatMap((row) => {
    const budget = budgets.get(row.key);
    const endpoint = endpoints.get(row.key);
    return budget === undefined || (budget.limits.length === 0 && row.state.blockedUntilMs <= nowMs)
      ? []
      : [tellBudget(endpoint === undefined ? budget : { ...budget, endpoint }, row.state, tenant, nowMs)];
  });
}
