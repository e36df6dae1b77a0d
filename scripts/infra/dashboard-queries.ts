/** The questions a Grafana dashboard asks of Prometheus, as promtool can read them. */

/** Every `expr` with what Grafana puts in place of its variables. */
export function dashboardQueries(dashboard: unknown): string[] {
  const found: string[] = [];
  collect(dashboard, found);
  return found.map(withoutVariables);
}

/** A rule file with a rule for each of them: the form in which promtool parses PromQL. */
export function asRules(queries: readonly string[]): string {
  const rules = queries.map((expr, index) => ({ record: `dashboard:query:${index}`, expr }));
  return JSON.stringify({ groups: [{ name: 'dashboard', rules }] });
}

function collect(value: unknown, found: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'expr' && typeof inner === 'string') found.push(inner);
    else collect(inner, found);
  }
}

/** Of times Grafana knows which; everything else is chosen by people and stands in quotes. */
function withoutVariables(query: string): string {
  return query
    .replace(/\$(__rate_interval|__interval|__range)\b|\$\{(__\w+)\}/g, '5m')
    .replace(/\$\{(\w+)(:\w+)?\}|\$(\w+)/g, 'any');
}
