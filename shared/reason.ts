/** What an error says; of one that gathers others, such as a name whose addresses all refuse, what they say. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The runtime's has no words of its own.
  const gathers = error instanceof AggregateError && error.message === '';
  return gathers ? error.errors.map(reasonOf).join(', ') : error.message;
}
