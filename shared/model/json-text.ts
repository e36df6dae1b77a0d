/**
 * `value` as JSON text that ClickHouse accepts. `JSON.stringify` writes half a surrogate pair as an
 * escape, for which ClickHouse refuses the whole batch; such text becomes U+FFFD.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes('\\ud') ? JSON.stringify(value, wellFormed) : text;
}

function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}
