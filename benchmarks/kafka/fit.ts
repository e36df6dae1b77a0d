/** Straight lines through few points, and what they say of the cost of an auction. */
import { SHARE_LEAST, type Step } from './steps.ts';

export interface Line {
  /** Where x is 0. */
  a: number;
  /** Per x. */
  b: number;
  /** Share of the variation that the line explains; 1 fits exactly. */
  r2: number;
}

export interface Point {
  x: number;
  y: number;
}

/**
 * y = a + b·x by least squares with a ≥ 0 and b ≥ 0: costs are not negative. Undefined with fewer
 * than two different x.
 */
export function fitLine(points: readonly Point[]): Line | undefined {
  if (new Set(points.map(({ x }) => x)).size < 2) return undefined;
  const mean = (pick: (point: Point) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const meanX = mean(({ x }) => x);
  const meanY = mean(({ y }) => y);
  const both = mean(({ x, y }) => (x - meanX) * (y - meanY));
  const spread = mean(({ x }) => (x - meanX) ** 2);
  let b = both / spread;
  let a = meanY - b * meanX;
  // At the border of what is allowed the best line goes along it.
  if (b < 0) [a, b] = [meanY, 0];
  if (a < 0) [a, b] = [0, mean(({ x, y }) => x * y) / mean(({ x }) => x * x)];
  const missed = mean(({ x, y }) => (y - a - b * x) ** 2);
  const variation = mean(({ y }) => (y - meanY) ** 2);
  return { a, b, r2: variation === 0 ? 1 : 1 - missed / variation };
}

/**
 * ms of CPU of an auction = `a` + `b` / batch; a batch is auctions per request to Kafka: the process's
 * own requests, and for those that make none (the broker, the profile service, all together) everybody's.
 */
export interface CostFit extends Line {
  name: string;
}

/**
 * Of all processes together, of all but the engines, and of each; over the steps of one target that
 * were sustained. Those that were much disturbed fit badly: see `r2`.
 */
export function fitCosts(steps: readonly Step[], shareLeast = SHARE_LEAST): CostFit[] {
  const sustained = steps.filter(({ share }) => share >= shareLeast);
  const names = sustained[0]?.uses.map(({ name }) => name) ?? [];
  const all = fitLine(sustained.map((step) => ({ x: requestsPerAuction(step), y: step.cpuMs })));
  const each = names.map((name) => {
    const line = fitLine(sustained.map((step) => {
      const use = step.uses.find((one) => one.name === name)!;
      return { x: use.produce + use.fetch || requestsPerAuction(step), y: use.cpuMs };
    }));
    return line && { name, ...line };
  });
  return [all && { name: 'all', ...all }, ...each].filter((fit) => fit !== undefined);
}

/** Produce and fetch, of all processes: one over the batch. */
export function requestsPerAuction({ uses }: Pick<Step, 'uses'>): number {
  return uses.reduce((sum, { produce, fetch }) => sum + produce + fetch, 0);
}
