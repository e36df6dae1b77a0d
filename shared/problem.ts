/** An answer that says no, alike at every door: `{"error": …}`. */
export function problem(
  status: number,
  error: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ error }, { status, headers });
}
