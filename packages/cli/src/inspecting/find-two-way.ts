import { BelayError } from "@belay/sdk";
import type { ApiTwoWay, BelayClient } from "@belay/sdk/client";

/**
 * The two-way sync that is meant; without a tenant, where only one has it.
 *
 * @throws `API_NOT_FOUND`, `API_REQUEST_INVALID` where several tenants have it.
 */
export async function findTwoWay(belay: BelayClient, twoWay: string, tenant: string | undefined): Promise<ApiTwoWay> {
  const found: ApiTwoWay[] = [];
  for await (const one of belay.twoWays({ twoWay, ...(tenant !== undefined && { tenant }) })) {
    found.push(one);
    if (found.length > 1) throw new BelayError("API_REQUEST_INVALID", `Several tenants have "${twoWay}": name one with --tenant.`);
  }
  const [only] = found;
  if (only !== undefined) return only;
  const whose = tenant === undefined ? "" : ` of tenant "${tenant}"`;
  throw new BelayError("API_NOT_FOUND", `There is no two-way sync "${twoWay}"${whose}: see belay two-ways.`);
}
