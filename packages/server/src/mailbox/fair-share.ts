import type { ClaimOrder, Claimed, LaneOrder } from "./claim-store.ts";
import { Rotation, type Want } from "./rotation.ts";
import type { Lane } from "./types.ts";

/** How much of what there is each gets, compared with the others, while they want more than there is. */
export interface Weights {
  readonly lanes: Readonly<Record<Lane, number>>;
  /** Of those whose weight is not 1. */
  readonly tenants: ReadonlyMap<string, number>;
}

export const lanes = ["interactive", "event", "sync", "backfill"] as const satisfies readonly Lane[];

/** A lane gets that many times what one with a weight of 1 gets, while all want more than there is. */
export const defaultWeights: Weights = { lanes: { interactive: 8, event: 4, sync: 2, backfill: 1 }, tenants: new Map() };

/** Of a lane's share so much is kept for it also while it wants nothing: whoever comes in it does not wait until something of others has ended. */
const keptForLane = 0.1;
/** So much of everything is kept for tenants that have less than their share. */
const keptForNewcomers = 0.125;
/** Messages of one that go first before it is another one's turn. */
const quantum = 4;
const mostTenantsPerClaim = 256;

/** A mailbox that is under lease, as far as it counts here. */
export interface Holder {
  readonly tenant: string;
  readonly lane: Lane;
  readonly mailbox: string;
}

/** What is in use, by lane, and in each lane by tenant: who has much in one lane begins with nothing in another. */
interface Usage {
  total: number;
  readonly lanes: Map<Lane, number>;
  readonly tenants: Map<Lane, Map<string, number>>;
}

/**
 * Divides a worker among lanes, within a lane among tenants, within a tenant among its mailboxes: by their weights, in turns. What nobody else wants anybody may have, except
 * for a part that is kept: for each lane, and for tenants that have less than their share. So a lane or a tenant that begins to want something finds room, whatever the
 * others have under way and however long that takes.
 */
export class FairShare {
  readonly #weights: () => Weights;
  readonly #lanes = new Rotation(quantum);
  readonly #tenants = new Map<Lane, Rotation>();
  readonly #newcomers = new Map<Lane, Rotation>();
  readonly #mailboxes = new Map<string, Rotation>();
  /** After whom each lane's next claim goes on, and of how many tenants the last one found something. */
  readonly #lines = new Map<Lane, { after: string; tenants: number }>();

  constructor(weights: () => Weights) {
    this.#weights = weights;
  }

  /** What to claim next, with `slots` mailboxes under lease at most. `undefined` when there is no room. */
  toClaimOrder(slots: number, held: Iterable<Holder>): ClaimOrder | undefined {
    const usage = newUsage();
    for (const holder of held) count(usage, holder, 1);
    const room = slots - usage.total;
    const kept = Math.floor(slots * keptForNewcomers);
    const orders = lanes.flatMap((lane): LaneOrder[] => {
      const laneRoom = this.#laneRoom(slots, usage, lane);
      if (laneRoom <= 0) return [];
      const line = this.#lines.get(lane) ?? { after: "", tenants: 8 };
      // Who has much already gets no more than is in `left`: were less asked for near the end, what is free would be claimed one by one.
      const each = Math.ceil(Math.max(Math.min(laneRoom, room - kept), 1) / Math.max(1, line.tenants));
      return [{ lane, after: line.after, tenants: Math.min(mostTenantsPerClaim, Math.ceil((2 * laneRoom) / each)), each }];
    });
    if (orders.length === 0) return undefined;
    return { room, lanes: orders, weights: this.#weights().tenants, left: this.#left(slots, usage, kept) };
  }

  /** Takes in what a claim brought. @returns whether there may be more where that came from. */
  claimed(order: ClaimOrder, { leases, after, tenants }: Claimed): boolean {
    let mayBeMore = leases.length >= order.room;
    const perTenant = new Map<string, number>();
    for (const { lane, tenant } of leases) perTenant.set(`${lane}\n${tenant}`, (perTenant.get(`${lane}\n${tenant}`) ?? 0) + 1);
    const most = new Map(order.lanes.map(({ lane, each }) => [lane, each]));
    for (const [key, claims] of perTenant) if (claims >= (most.get(key.split("\n")[0] as Lane) ?? 1)) mayBeMore = true;
    for (const { lane, tenants: visited } of order.lanes) {
      const found = tenants.get(lane) ?? 0;
      if (found === 0) continue;
      if (found >= visited) mayBeMore = true;
      this.#lines.set(lane, { after: after.get(lane) ?? "", tenants: found });
    }
    return mayBeMore;
  }

  /**
   * How many messages each mailbox that wants some may have, with `capacity` of them in memory at most.
   *
   * @param unfinished Of all mailboxes under lease, the hungry ones included.
   * @param hungry How many each may have at most.
   */
  share<Held extends Holder>(
    capacity: number,
    unfinished: Iterable<readonly [Holder, number]>,
    hungry: ReadonlyMap<Held, number>,
  ): Map<Held, number> {
    const usage = newUsage();
    for (const [holder, messages] of unfinished) count(usage, holder, messages);
    const room = capacity - usage.total;
    let open = Math.max(0, room - Math.floor(capacity * keptForNewcomers));
    const byLane = Map.groupBy(hungry.keys(), ({ lane }) => lane);
    const { lanes: laneWeights } = this.#weights();
    const laneWants = new Map<string, Want>();
    for (const [lane, wanting] of byLane)
      laneWants.set(lane, { most: Math.min(this.#laneRoom(capacity, usage, lane), sumOf(wanting, hungry)), weight: laneWeights[lane] });
    const shares = new Map<Held, number>();
    for (const [lane, dealt] of this.#lanes.deal(room, laneWants)) {
      const byTenant = Map.groupBy(byLane.get(lane as Lane) ?? [], ({ tenant }) => tenant);
      const ofTenants = this.#dealTenants(lane as Lane, { capacity, dealt, open, hungry }, byTenant, usage);
      open -= Math.min(open, dealt);
      for (const [tenant, messages] of ofTenants) this.#dealMailboxes(messages, byTenant.get(tenant) ?? [], hungry, shares);
    }
    if (this.#mailboxes.size > 2 * shares.size + 64) this.#mailboxes.clear();
    return shares;
  }

  /** First all, of what is open to all; then those that have less than their share, of what is kept for them. */
  #dealTenants(
    lane: Lane,
    { capacity, dealt, open, hungry }: { capacity: number; dealt: number; open: number; hungry: ReadonlyMap<Holder, number> },
    byTenant: ReadonlyMap<string, readonly Holder[]>,
    usage: Usage,
  ): Map<string, number> {
    const rotation = rotationOf(this.#tenants, lane);
    const toWant = (tenant: string, already: number): Want => ({
      most: sumOf(byTenant.get(tenant) ?? [], hungry) - already,
      weight: this.#weightOf(tenant),
    });
    const wants = new Map([...byTenant.keys()].map((tenant) => [tenant, toWant(tenant, 0)]));
    const shares = rotation.deal(Math.min(dealt, open), wants);
    const left = dealt - Math.min(dealt, open);
    if (left <= 0) return shares;
    const inUse = usage.tenants.get(lane) ?? new Map<string, number>();
    const fairShare = this.#fairShare(capacity, inUse);
    const poor = new Map<string, Want>();
    for (const tenant of byTenant.keys()) {
      const already = shares.get(tenant) ?? 0;
      const lacks = Math.floor(fairShare(tenant)) - (inUse.get(tenant) ?? 0) - already;
      const want = toWant(tenant, already);
      if (lacks > 0 && want.most > 0) poor.set(tenant, { ...want, most: Math.min(want.most, lacks) });
    }
    for (const [tenant, more] of rotationOf(this.#newcomers, lane).deal(left, poor)) shares.set(tenant, (shares.get(tenant) ?? 0) + more);
    return shares;
  }

  #dealMailboxes<Held extends Holder>(
    messages: number,
    wanting: readonly Held[],
    hungry: ReadonlyMap<Held, number>,
    shares: Map<Held, number>,
  ): void {
    const [only] = wanting;
    if (only === undefined) return;
    if (wanting.length === 1) {
      shares.set(only, Math.min(messages, hungry.get(only) ?? 0));
      return;
    }
    const key = `${only.lane}\n${only.tenant}`;
    const rotation = rotationOf(this.#mailboxes, key);
    const byId = new Map(wanting.map((held) => [held.mailbox, held]));
    const wants = new Map(wanting.map((held) => [held.mailbox, { most: hungry.get(held) ?? 0, weight: 1 }]));
    for (const [mailbox, dealt] of rotation.deal(messages, wants)) {
      const held = byId.get(mailbox);
      if (held !== undefined) shares.set(held, dealt);
    }
  }

  /** What a lane may take now: what is free, without what is kept for the other lanes. */
  #laneRoom(capacity: number, usage: Usage, lane: Lane): number {
    const { lanes: weights } = this.#weights();
    const sum = lanes.reduce((all, each) => all + weights[each], 0);
    let room = capacity - usage.total;
    for (const other of lanes) {
      if (other === lane) continue;
      const kept = Math.floor((capacity * keptForLane * weights[other]) / sum);
      room -= Math.max(0, kept - (usage.lanes.get(other) ?? 0));
    }
    return room;
  }

  /** One more than there are shares it: whoever comes next. */
  #fairShare(capacity: number, tenants: ReadonlyMap<string, number>): (tenant: string) => number {
    let sum = 1;
    for (const tenant of tenants.keys()) sum += this.#weightOf(tenant);
    return (tenant) => (capacity * this.#weightOf(tenant)) / (sum + (tenants.has(tenant) ? 0 : this.#weightOf(tenant)));
  }

  /** What those may claim that have their share: nothing of what is kept. */
  #left(slots: number, usage: Usage, kept: number): Map<string, number> {
    const left = new Map<string, number>();
    for (const [lane, tenants] of usage.tenants) {
      const fairShare = this.#fairShare(slots, tenants);
      for (const [tenant, used] of tenants) {
        if (used >= fairShare(tenant)) left.set(`${lane}/${tenant}`, Math.max(0, slots - usage.total - kept));
      }
    }
    return left;
  }

  #weightOf(tenant: string): number {
    return this.#weights().tenants.get(tenant) ?? 1;
  }
}

function sumOf<Held>(wanting: readonly Held[], hungry: ReadonlyMap<Held, number>): number {
  return wanting.reduce((sum, held) => sum + (hungry.get(held) ?? 0), 0);
}

function rotationOf<Key>(rotations: Map<Key, Rotation>, key: Key): Rotation {
  const rotation = rotations.get(key) ?? new Rotation(quantum);
  rotations.set(key, rotation);
  return rotation;
}

function newUsage(): Usage {
  return { total: 0, lanes: new Map(), tenants: new Map() };
}

function count(usage: Usage, { lane, tenant }: Holder, amount: number): void {
  usage.total += amount;
  usage.lanes.set(lane, (usage.lanes.get(lane) ?? 0) + amount);
  const tenants = usage.tenants.get(lane) ?? new Map<string, number>();
  usage.tenants.set(lane, tenants.set(tenant, (tenants.get(tenant) ?? 0) + amount));
}
