/** Why the checkout cannot be made ready: one line, and what a person can do. */
export class SetupError extends Error {
  name = 'SetupError';

  constructor(message, hints = [], exitCode = 1) {
    super(message);
    this.hints = hints;
    this.exitCode = exitCode;
  }
}
