/** What the `web` stage gives a page with its request; absent under the development server. */
export interface PageContext {
  /** Allows this answer's inline scripts. */
  nonce: string;
  /** Asks another stage in the same process: no socket, no key. */
  api(path: string): Promise<Response>;
}
