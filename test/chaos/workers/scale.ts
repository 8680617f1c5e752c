/** What is done to the workers, or to what they stand on. */
export type Disturbance = "add" | "kill" | "freeze" | "thaw" | "retire" | "restart";

export interface WorkersScale {
  readonly workers: number;
  readonly disturbances: readonly Disturbance[];
  /** Over so long it is looked how much is done, ms. */
  readonly windowMs: number;
  /** Between what is back to normal and the next disturbance, ms; longer than a lease, so that a frozen worker loses its own. */
  readonly restMs: number;
}

export const fullWorkers: WorkersScale = {
  workers: 4,
  disturbances: ["kill", "add", "freeze", "thaw", "retire", "add", "kill", "freeze", "add", "thaw", "retire", "add", "restart"],
  windowMs: 5_000,
  restMs: 3_000,
};

export const quickWorkers: WorkersScale = {
  workers: 3,
  disturbances: ["kill", "add", "freeze", "thaw", "retire", "add", "restart"],
  windowMs: 3_000,
  restMs: 2_500,
};
