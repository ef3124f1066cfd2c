/** Why a configuration does not load (config.md §3). */
export type LoadFailureKind =
  | "ReadError"
  | "ParseError"
  | "CircularInclude"
  | "IncludeDepthExceeded"
  | "IncludeNotFound"
  | "InvalidIncludeDirective"
  | "IncludeMustBeObject"
  | "MissingEnvVar"
  | "ValidationError";

/** Where a failure stands: a file and, in it, a syntax fault or the path of a value. */
export interface FailurePlace {
  readonly file: string;
  readonly text?: string;
  readonly offset?: number;
  readonly path?: readonly (string | number)[];
}

/** Ends a load from any depth of the recursion; the pipeline turns it into a refusal, nobody else sees it. */
export class LoadError extends Error {
  readonly kind: LoadFailureKind;
  readonly place: FailurePlace;

  /** @param say one sentence: what is wrong and what to do */
  constructor(kind: LoadFailureKind, say: string, place: FailurePlace) {
    super(say);
    this.name = "LoadError";
    this.kind = kind;
    this.place = place;
  }
}
