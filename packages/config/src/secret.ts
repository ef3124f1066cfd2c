/** A secret text that logs, JSON, templates and inspectors cannot leak (it prints as `[secret]`). */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself: call it where the secret is used, nowhere else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}

/** A secret, or nothing if the text is absent or blank; blanks around it are dropped (config.md §12). */
export function secretOf(text: string | null | undefined): Secret | undefined {
  const trimmed = text?.trim();
  return trimmed ? new Secret(trimmed) : undefined;
}
