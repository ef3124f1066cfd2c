/** A setting that a source has and that has a place here. */
export interface Mapping {
  /** Where it stands there: file and path, cleaned for a terminal. */
  readonly source: string;
  /** Our key, as `config get` takes it. */
  readonly key: string;
  readonly value: string | boolean;
  readonly isSecret: boolean;
}

/** Something a source has that is not taken over, and why. Neither part holds a secret. */
export interface Skip {
  readonly path: string;
  readonly reason: string;
}

/** A place where a file of the source may be. */
export interface Candidate {
  readonly path: string;
  /** As it is told; the file's name unless given. */
  readonly name?: string;
  /** Lies in a folder that somebody else may have made, such as a repository: links are not followed there. */
  readonly isForeign?: boolean;
}

/** A file that was found and read. */
export interface SourceFile {
  readonly path: string;
  /** Where a symbolic link led. */
  readonly target?: string;
}

/** What a source comes to. Nothing was written. */
export interface Reading {
  /** Everything that exists of the source, read or not. */
  readonly files: readonly SourceFile[];
  /** Every place that was looked at, in order, for the sentence that says nothing was found. */
  readonly checked: readonly string[];
  /** Files that cannot be read or parsed, each in a sentence. */
  readonly warnings: readonly string[];
  readonly mappings: readonly Mapping[];
  readonly skips: readonly Skip[];
  /** OpenClaw's state directory, if conversations may lie there. */
  readonly stateDir?: string;
}

/** Where a source is looked for. */
export interface SourcePlace {
  /** Of this process: it names the places, and one source's key. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly cwd: string;
}

/** A program whose configuration can be taken over. Contract: reads, and changes nothing. */
export interface ImportSource {
  /** As typed after `cara import`. */
  readonly name: "openclaw" | "opencode" | "aider" | "nemoclaw" | "hermes";
  readonly label: string;
  /** Where its configuration may be, in order. */
  configs(place: SourcePlace): readonly Candidate[];
  read(place: SourcePlace): Reading;
}
